"""What our checks say of a master.cf, against a real master that starts, reloads or dies."""

from __future__ import annotations

import json
from random import Random

import pytest

from tests.differential.machines import HERE, Case
from tests.support.amounts import many
from tests.support.stock import STOCK_MASTER

GOOD = """
2525 inet n - - - - smtpd
smtp inet n - n - - smtpd
127.0.0.1:2525 inet n - n - - smtpd
[127.0.0.1]:2525 inet n - n - - smtpd
localhost:2525 inet n - n - - smtpd
[localhost]:2525 inet n - n - - smtpd
[::1]:2525 inet n - n - - smtpd
[ipv6:::1]:2525 inet n - n - - smtpd
:2525 inet n - n - - smtpd
::1:2525 inet n - n - - smtpd
cleanup unix n - y 60 0 cleanup
cleanup unix y y n 60? 1 cleanup
q fifo n n n 300 100 qmgr
x unix-dgram n - - - - postlogd
x pass - - n - - smtpd
x unix - - - 0 - pipe user=nobody argv=/bin/true {a b} {}
x unix - - - - - smtp -v -o a=b -ob=c -o { c = d e } -o {e=}
x unix - - - - - smtp x{y z}w
x.y-z_é unix - - - - - smtp
x unix - - - - - ../sbin/smtp
x unix - - - - - ../../../bin/true
""".strip().split("\n")

DEADLY = """
smtp inet - - n - - smtpd
smtp inet y - n - - smtpd
smtp inet x - n - - smtpd
smtp inet n x n - - smtpd
smtp inet n - yes - - smtpd
smtp inet n - Y - - smtpd
smtp inet n - n - -
smtp inet
smtp
smtp tcp n - n - - smtpd
smtp - n - n - - smtpd
smtp inet n - n ? - smtpd
smtp inet n - n -? - smtpd
smtp inet n - n -1 - smtpd
smtp inet n - n - -1 smtpd
smtp inet n - n - x smtpd
smtp inet n - n - smtpd -o a=b
smtp inet n - - n - - smtpd
smtp inet n - n - - -
nosuchport inet n - n - - smtpd
nosuch.invalid:25 inet n - n - - smtpd
192.0.2.1:25 inet n - n - - smtpd
[192.0.2.1]:25 inet n - n - - smtpd
300.0.0.1:25 inet n - n - - smtpd
::1 inet n - n - - smtpd
2001:db8::1 inet n - n - - smtpd
[::1] inet n - n - - smtpd
[::1]2525 inet n - n - - smtpd
[127.0.0.1:2525 inet n - n - - smtpd
127.0.0.1: inet n - n - - smtpd
127.0.0.1:25x inet n - n - - smtpd
a/b unix n - n - - smtp
x unix - - - - - smtp -o {a=b
x unix - - - - - smtp -o {a=b}c
x unix - - - - - pipe {a b
x unix - - - - - pipe user=x { a }b
""".strip().split("\n")

STRICTER = {
    # A daemon dies of it, at every connection; master does not look.
    "x unix - - - - - smtp -o a": "sets nothing",
    "x unix - - - - - smtp -o a = b": "sets nothing",
    "x unix - - - - - smtp -o": "sets nothing",
    "x unix - - - - - nosuch": "not installed",
    "x unix - - - - - postfix/smtp": "not installed",
    "x unix - - - - - /usr/lib/postfix/sbin/smtp": "sought below daemon_directory",
    # atoi() reads what it can; postconf refuses to read the file at all.
    "x unix - - - 60x - smtp": "wakeup",
    "x unix - - - 60?? - smtp": "wakeup",
    "x unix - - - - 5x smtp": "maxproc",
    # The socket has two slashes in its name, which no client looks for.
    "/q fifo n - n - - qmgr": "is a path",
    # C makes another number of it.
    "x unix - - - - 4294967297 smtp": "maxproc",
    "127.0.0.1:0 inet n - n - - smtpd": "there is no port",
    "70000 inet n - n - - smtpd": "there is no port",
}
"""What master starts with and we refuse, and a word of the reason that we give."""


@pytest.fixture(scope="module")
def trial(machine, collection):
    """Try many files: whether master lives with each, and what our checks have against it."""
    machine.push({"/opt/master_trial.py": (HERE / "master_trial.py").read_bytes()})

    def trial(files, *reload):
        command = ["env", f"PYTHONPATH={collection}", "unshare", "-n", "python3"]
        command += ["/opt/master_trial.py", "{dir}", *reload]
        cases = [Case({"master.cf": file.encode()}, [command]) for file in files]
        results = [answer.results[0] for answer in machine.ask(cases, at_once=48)]
        for file, result in zip(files, results):
            assert result.code == 0, (file, result.stderr.decode())
        return [(file, *json.loads(result.stdout)) for file, result in zip(files, results)]

    return trial


def test_good_entries(trial):
    assert [found for found in trial(GOOD) if found[1:] != (True, [])] == []


def test_deadly_entries(trial):
    for line, lives, ours in trial(DEADLY):
        assert not lives, f"master lives with {line}"
        assert ours, f"we find nothing wrong with {line}"


def test_stricter_than_master(trial):
    for line, lives, ours in trial(list(STRICTER)):
        assert lives, f"master dies of {line}"
        assert STRICTER[line] in ours[0]


def test_reload(trial):
    some = [*GOOD[:2], *DEADLY[::5]]
    for line, lives, ours in trial(some, "reload"):
        assert lives == (not ours) == (line in GOOD), line


@pytest.mark.parametrize("name", STOCK_MASTER)
def test_stock_files(trial, machine, name):
    [(_file, lives, ours)] = trial([STOCK_MASTER[name].decode()])
    assert lives
    # Of another release's file, this one may lack programs.
    assert all("not installed" in problem for problem in ours)
    assert not ours or f"debian-{machine.release}/" not in name


def damaged(random):
    """A good entry with a few characters changed."""
    text = random.choice(GOOD)
    for _number in range(random.randrange(4)):
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice(" -?/{}[]:xyn0~5=.\t") + text[at + random.randrange(2) :]
    return text


def test_damaged_entries(trial, seed):
    random = Random(seed)
    files = [damaged(random) for _number in range(many(80))]
    for line, lives, ours in trial(files):
        assert ours or lives, f"master dies of {line}, and we find nothing wrong"
        if lives and ours:
            assert any(reason in ours[0] for reason in STRICTER.values()), (line, ours)
