"""What is in the digest of a machine's state, and what is not."""

import os
from types import SimpleNamespace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._machine import digest as state
from ansible_collections.labs.mail.plugins.module_utils._machine.tree import Entry
from ansible_collections.labs.mail.plugins.module_utils._system.processes import Process


def machine(root, passwd, shadow, group):
    (root / "etc").mkdir(parents=True)
    for name, text in {"passwd": passwd, "shadow": shadow, "group": group, "gshadow": ""}.items():
        (root / "etc" / name).write_text(text)
    return state.accounts(root)


ROOT = "root:x:0:0::/root:/bin/sh\n"
PROF = "prof:x:1000:1000::/home/prof:/bin/bash\n"
ONE = (ROOT + PROF, "prof:$6$x:20000:0:::::\n", "mail:x:8:prof,tech\n")

SAME = {
    "another number": (ROOT + PROF.replace("1000:1000", "1007:1003"), *ONE[1:]),
    "another order": (PROF + ROOT, *ONE[1:]),
    "another day": (ONE[0], "prof:$6$x:20007:0:::::\n", ONE[2]),
    "members the other way round": (*ONE[:2], "mail:x:108:tech,prof\n"),
}

OTHER = {
    "root's rights": (ROOT + PROF.replace("x:1000", "x:0"), *ONE[1:]),
    "another shell": (ROOT + PROF.replace("bash", "sh"), *ONE[1:]),
    "another password": (ONE[0], "prof:$6$y:20000:0:::::\n", ONE[2]),
    "another member": (*ONE[:2], "mail:x:8:prof\n"),
    "an account more": (ONE[0] + "x:x:1001:1001::/:/bin/sh\n", *ONE[1:]),
}


@pytest.mark.parametrize("texts", SAME.values(), ids=SAME)
def test_accounts_that_are_the_same(tmp_path, texts):
    assert machine(tmp_path / "a", *ONE) == machine(tmp_path / "b", *texts)


@pytest.mark.parametrize("texts", OTHER.values(), ids=OTHER)
def test_accounts_that_are_others(tmp_path, texts):
    assert machine(tmp_path / "a", *ONE) != machine(tmp_path / "b", *texts)


def test_files_with_their_owners_by_name_and_without_what_is_no_state():
    found = {
        "/etc": Entry("d", 0o755, 0, 0),
        "/etc/localtime": Entry("l", 0o777, 0, 0, target="/usr/share/zoneinfo/UTC"),
        "/etc/aliases.db": Entry("f", 0o644, 0, 54321, (1, 2, 3, 4)),
        "/var/log/mail.log": Entry("f", 0o640, 0, 0, (1, 2, 3, 4)),
    }
    assert state.files(found) == {
        "/etc": "d 0755 root:root",
        "/etc/localtime": "l 0777 root:root /usr/share/zoneinfo/UTC",
        "/etc/aliases.db": "f 0644 root:54321",
    }


def test_tables_by_their_records_and_not_by_the_bytes_of_their_indexes(tmp_path):
    asked = []

    def run(*command):
        asked.append(command[2:])
        return listed.pop(0)

    (tmp_path / "etc").mkdir()
    for name, start in {"aliases.db": bytes(12) + b"\x61\x15\x06\x00", "broken.db": b"x"}.items():
        (tmp_path / "etc" / name).write_bytes(start)
    file = Entry("f", 0o644, 0, 0, (1, 2, 3, 4))
    found = {"/etc/aliases.db": file, "/etc/aliases": file, "/var/lib/x.db": file}
    rows = "root\ttech\nYP_LAST_MODIFIED\t{}\n"
    listed = [
        (0, rows.format(1) + "@\t@\n", ""),
        (0, "@\t@\n" + rows.format(2), ""),
        (1, "", "fatal"),
    ]
    one, same, unread = (state.tables(run, found, str(tmp_path)) for _time in range(3))
    assert asked == [("postmap", "-s", f"hash:{tmp_path}/etc/aliases")] * 3
    assert one == same
    assert list(one) == ["/etc/aliases.db"]
    assert unread == {"/etc/aliases.db": "cannot be read"}
    listed = [(0, "root\tprof\n", ""), (0, "", "")]
    assert state.tables(run, found, str(tmp_path)) != one
    assert state.tables(run, {"/etc/broken.db": file}, str(tmp_path)) == {
        "/etc/broken.db": "cannot be read"
    }


def test_the_digest_does_not_depend_on_the_order():
    assert state.digest_of({"a": 1, "b": "é"}) == state.digest_of({"b": "é", "a": 1})
    assert state.digest_of({"a": 1}) != state.digest_of({"a": 2})


def test_strays_are_what_no_unit_started():
    found = {
        1: Process(0, "systemd"),
        2000: Process(1, "rsyslogd", "rsyslog.service"),
        2001: Process(1, "sshd", "ssh.service"),
        2002: Process(2001, "python3", "ssh.service"),
        2003: Process(1, "http.server"),
        2004: Process(0, "bash"),
    }
    assert state.strays(found, 2002) == ["bash", "http.server"]
    assert state.strays(found, 2004) == ["http.server"]


def test_what_is_stopped_and_has_not_ended():
    found = {1: Process(0, "systemd"), 9: Process(1, "master", "postfix@-.service", stopped=True)}
    assert state.stopped(found) == ["master"]


def test_whose_the_homes_of_accounts_are(tmp_path, monkeypatch):
    (tmp_path / "prof").mkdir()
    (tmp_path / "of-nobody-any-more").mkdir()
    prof = SimpleNamespace(pw_name="prof", pw_uid=os.getuid(), pw_dir=str(tmp_path / "prof"))
    tech = SimpleNamespace(pw_name="tech", pw_uid=4242, pw_dir=str(tmp_path / "tech"))
    root = SimpleNamespace(pw_name="root", pw_uid=0, pw_dir="/root")
    monkeypatch.setattr(state.pwd, "getpwall", lambda: [prof, tech])
    assert state.owners_of_homes(str(tmp_path)) == {prof.pw_dir: "prof"}
    prof.pw_uid += 1
    monkeypatch.setattr(state.pwd, "getpwall", lambda: [prof, tech, root])
    assert state.owners_of_homes(str(tmp_path))[prof.pw_dir] != "prof"


def test_what_is_in_mailboxes_and_homes(tmp_path):
    inboxes, top = tmp_path / "mail", tmp_path / "home"
    inboxes.mkdir()
    assert state.mail(str(inboxes), str(top)) == {}
    (inboxes / "empty").touch()
    (inboxes / "prof").write_text("x")
    (inboxes / "tech" / "x").mkdir(parents=True)
    (inboxes / "lost").symlink_to("/nowhere")
    (top / "tech" / "Maildir" / "new").mkdir(parents=True)
    (top / "tech" / "Maildir" / "new" / "1").touch()
    (top / "tech" / ".forward").touch()
    assert state.mail(str(inboxes), str(top)) == {
        str(inboxes / "prof"): 1,
        str(inboxes / "tech"): 0,
        str(inboxes / "tech" / "x"): 0,
        str(inboxes / "lost"): len("/nowhere"),
        str(top / "tech" / "Maildir" / "new"): 1,
        str(top / "tech" / ".forward"): 1,
    }


@pytest.mark.parametrize(
    ("make", "is_none"),
    [
        (lambda log: None, False),
        (lambda log: log.write_text("x"), False),
        (lambda log: log.mkdir(), True),
        (lambda log: log.symlink_to("/nowhere"), True),
    ],
)
def test_a_log_that_is_none(tmp_path, make, is_none):
    log = tmp_path / "mail.log"
    make(log)
    assert state.no_logs(str(log)) == ([str(log)] if is_none else [])


def test_queues(tmp_path):
    assert state.queue(tmp_path) == {}
    (tmp_path / "deferred" / "A").mkdir(parents=True)
    (tmp_path / "deferred" / "A" / "ABC").write_text("x")
    (tmp_path / "hold").mkdir()
    assert state.queue(tmp_path) == {"deferred": 1, "hold": 0}
