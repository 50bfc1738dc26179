"""Messages of checks are removed from mboxes and Maildirs, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import removal
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

WORD = "0123456789abcdef"


def message(subject, body="Bonjour\n"):
    return f"Return-Path: <tech@a.test>\nSubject: {subject}\n\n{body}".encode()


OWN = message(f"essai {WORD}-local-")
FROM = b"From tech Thu Mar 26 16:11:00 2026\n"
QUOTED = message("From", "Il dit :\nFrom here on all is well\n>From tech\n")
KEPT = [message("bonjour"), QUOTED, message("long", "x\n" * 1000), message("essai 0123")]


def mbox(*texts):
    return b"".join(FROM + text + b"\n" for text in texts)


PLACES = {
    "alone": ([OWN], []),
    "first": ([OWN, *KEPT], KEPT),
    "last": ([*KEPT, OWN], KEPT),
    "between": ([KEPT[0], OWN, KEPT[1], OWN, OWN, KEPT[2]], KEPT[:3]),
    "none": (KEPT, KEPT),
}


@pytest.mark.parametrize(("there", "left"), PLACES.values(), ids=PLACES)
def test_an_mbox_keeps_all_other_messages_as_they_are(tmp_path, there, left):
    box = tmp_path / "prof"
    box.write_bytes(mbox(*there))
    box.chmod(0o620)
    before = box.stat()
    assert removal.remove_from(box, WORD) == len(there) - len(left)
    assert box.read_bytes() == mbox(*left)
    # It stays the same file, which a server may have open.
    after = box.stat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["prof"]


def test_an_mbox_without_such_a_message_is_not_touched(tmp_path):
    box = tmp_path / "prof"
    box.write_bytes(mbox(*KEPT))
    before = box.stat().st_mtime_ns
    assert removal.remove_from(box, WORD) == 0
    assert box.stat().st_mtime_ns == before


def test_a_maildir_keeps_all_other_messages(tmp_path):
    for folder in ("new", "cur", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "new" / "1.a").write_bytes(OWN)
    (tmp_path / "cur" / "2.a:2,S").write_bytes(OWN)
    (tmp_path / "cur" / "3.a:2,S").write_bytes(KEPT[0])
    (tmp_path / "new" / "4.a").symlink_to(tmp_path / "cur" / "3.a:2,S")
    assert removal.remove_from(tmp_path, WORD) == 2
    assert sorted(path.name for path in tmp_path.glob("*/*")) == ["3.a:2,S", "4.a"]


NO_WORDS = ["", "essai", "Subject: essai 01", WORD[:-1], f"{WORD}x", "F" * 16]


@pytest.mark.parametrize("word", NO_WORDS)
def test_what_is_no_word_of_a_check_removes_nothing(tmp_path, word):
    box = tmp_path / "prof"
    box.write_bytes(mbox(OWN, *KEPT, message(f"essai {word}")))
    before = box.read_bytes()
    assert removal.remove_from(box, word) == 0
    assert box.read_bytes() == before


def test_what_is_not_there_has_nothing_to_remove(tmp_path):
    assert removal.remove_from(tmp_path / "none", WORD) == 0


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret").write_bytes(mbox(OWN))
    (tmp_path / "prof").symlink_to(tmp_path / "secret")
    assert removal.remove_from(tmp_path / "prof", WORD) == 0
    assert (tmp_path / "secret").read_bytes() == mbox(OWN)


def test_a_pipe_in_a_mailboxs_place_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "prof")
    started = time.monotonic()
    assert removal.remove_from(tmp_path / "prof", WORD) == 0
    assert time.monotonic() - started < 5


HOLD = """
import fcntl, sys, time
file = open(sys.argv[1], "r+b")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.readline()
file.seek(0, 2)
file.write(sys.argv[2].encode())
file.close()
"""


def test_who_delivers_meanwhile_is_waited_for(tmp_path):
    box = tmp_path / "prof"
    box.write_bytes(mbox(OWN))
    late = mbox(message("late")).decode()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, box, late],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        removed = []
        thread = threading.Thread(target=lambda: removed.append(removal.remove_from(box, WORD)))
        thread.start()
        time.sleep(0.2)
        assert OWN in box.read_bytes()
        holder.communicate("go\n")
        thread.join(10)
    assert removed == [1]
    assert box.read_bytes() == late.encode()


def test_a_mailbox_that_is_held_for_long_stays_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(removal, "LOCK_SECONDS", 0.1)
    box = tmp_path / "prof"
    box.write_bytes(mbox(OWN))
    (tmp_path / "prof.lock").write_text(str(os.getpid()))
    with pytest.raises(ConfigError, match="another program has held"):
        removal.remove_from(box, WORD)
    assert box.read_bytes() == mbox(OWN)
