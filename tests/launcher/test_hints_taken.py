"""The hints that students took come from what `lab` keeps, whatever else a machine has there."""

from __future__ import annotations

import io
import json
import tarfile
from types import SimpleNamespace

import docker
import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks.lab_progress import Progress
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from launcher.hints_taken import MOST_TEXT, hints_taken

EXERCISE = catalogue()["blacklist"]
MISTAKE = next(each for each in EXERCISE.mistakes if each.steps)
PASSWD = """\
root:x:0:0:root:/root:/bin/bash
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
tech:x:1000:1000::/home/tech:/bin/bash
a line of nobody
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
ROOT, TECH, MAIL = (
    f"{home}/.local/state/lab/blacklist.json" for home in ("/root", "/home/tech", "/var/mail")
)


def archive(*members):
    """Return an archive of names, with their content or what else they are."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as target:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                entry.size = len(content)
                target.addfile(entry, io.BytesIO(content))
            else:
                entry.type, entry.linkname = content, "/etc/shadow"
                target.addfile(entry)
    return file.getvalue()


class Machine:
    """A machine as engines show it: the archive of each path."""

    def __init__(self, files):
        self.files = {"/etc/passwd": PASSWD.encode(), **files}
        self.sent = 0

    def get_archive(self, path):
        """Return the archive of a path in blocks, and what is said of it."""
        if path not in self.files:
            raise docker.errors.NotFound(path)
        content = self.files[path]
        if isinstance(content, bytes):
            return iter([archive(("file", content))]), {"size": len(content)}
        return self.counted(content()), {"size": 4096}

    def counted(self, blocks):
        """Yield blocks, and count what was sent."""
        for block in blocks:
            self.sent += len(block)
            yield block


def taken(files, machine="student1"):
    found = Machine(files)
    there = {"student1": found}
    provider = SimpleNamespace(machine=lambda lab, name: there.get(name))
    return hints_taken(provider, "lab", [machine], EXERCISE)[machine], found


def kept(**what):
    return json.dumps(what).encode()


def test_what_lab_keeps_is_counted(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    progress = Progress("blacklist")
    progress.next_hint(EXERCISE.hints)
    progress.next_step(MISTAKE.name, len(MISTAKE.steps))
    progress.next_step(MISTAKE.name, len(MISTAKE.steps))
    content = progress.path.read_bytes()
    assert progress.path.parts[-2:] == ("lab", "blacklist.json")
    assert taken({ROOT: content})[0] == 3


def test_each_accounts_are_counted_and_no_daemons():
    files = {ROOT: kept(hints=[0]), TECH: kept(hints=[1, 0]), MAIL: kept(hints=[0, 1])}
    assert taken(files)[0] == 3


@pytest.mark.parametrize(
    ("content", "number"),
    [
        (b"", 0),
        (b"\xff", 0),
        (b"7", 0),
        (b"[" * 200_000, 0),
        (kept(hints=7), 0),
        (kept(hints=[0, 0, 0]), 1),
        (kept(hints=[0, 10**9, -1, "0", None, [0]]), 1),
        (kept(steps=[1]), 0),
        (kept(steps={MISTAKE.name: 10**9, "no such": 2}), len(MISTAKE.steps)),
        (kept(steps={MISTAKE.name: -5}), 0),
        (kept(steps={MISTAKE.name: "3"}), 0),
    ],
)
def test_what_nobody_took_is_not_counted(content, number):
    assert taken({ROOT: content, TECH: kept(hints=[0])})[0] == number + 1


@pytest.mark.parametrize(
    "blocks",
    [
        lambda: iter([archive(("blacklist.json", tarfile.SYMTYPE))]),
        lambda: iter([archive(("blacklist.json", tarfile.FIFOTYPE))]),
        lambda: iter([archive(("d", tarfile.DIRTYPE), ("d/f", kept(hints=[0])))]),
        lambda: iter([b"no archive"]),
    ],
)
def test_what_is_no_file_is_not_counted(blocks):
    assert taken({ROOT: blocks, TECH: kept(hints=[0])})[0] == 1


def test_a_directory_of_gigabytes_is_not_read_to_its_end():
    number, machine = taken({ROOT: lambda: (bytes(1 << 16) for _block in range(1 << 16))})
    assert number == 0
    assert machine.sent < 2 * MOST_TEXT


def test_a_machine_that_is_not_there_has_given_none():
    assert taken({}, "student2")[0] == 0


def test_a_machine_without_accounts_has_given_none():
    assert taken({"/etc/passwd": lambda: iter([b""])})[0] == 0
