"""The services that Postfix's programs ask for by name."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.linter import lint
from tests.support.lint_system import FOLDER, place, system
from tests.support.stock import STOCK_MASTER

STOCK = STOCK_MASTER["debian-12/master.cf.dist"].decode()
LINES = STOCK.split("\n")


def findings(before, after):
    assert before in STOCK
    text = STOCK.replace(before, after)
    files = {f"{FOLDER}/main.cf": b"", f"{FOLDER}/master.cf": text.encode()}
    found = lint(FOLDER, system(files, types=["lmdb", "cdb"]))
    return [(place(f), f.instead) for f in found]


def line(start):
    return next(number for number, text in enumerate(LINES, 1) if text.startswith(start))


@pytest.mark.parametrize("before", ["", "#", "# ", "%", ";"])
def test_a_service_that_is_asked_for_and_made_a_comment(before):
    at = line("qmgr ")
    found = findings("\nqmgr ", f"\n{before}qmgr ")
    assert found == [] if not before else all(f[0] == f"master.cf:{at}:1" for f in found) and found


@pytest.mark.parametrize(
    ("name", "typed"),
    [("tlsmgr", "tlsmg"), ("smtp ", "stmp "), ("flush", "fush"), ("lmtp", "lmpt")],
)
def test_a_name_that_is_mistyped(name, typed):
    unix = next(t for t in LINES if t.startswith(name) and " unix " in t)
    found = findings(f"\n{unix}\n", f"\n{unix.replace(name, typed, 1)}\n")
    assert found == [(f"master.cf:{LINES.index(unix) + 1}:1", name.strip())]


def test_a_type_that_no_program_asks_for():
    unix = LINES[line("lmtp ") - 1]
    found = findings(unix, unix.replace(" unix ", " fifo "))
    assert found == [(f"master.cf:{line('lmtp ')}:1", "unix")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\nvirtual ", "\n#virtual "),  # nothing needs it where there are no virtual mailboxes
        ("\nflush ", "\n#flush "),
        ("\nscache ", "\n#scache "),
        ("\npickup    unix", "\npickup    fifo"),
        ("\nlmtp ", "\nrelay-smtps unix - - n - - smtp\nlmtp "),
        ("\nqmgr ", "\n# a qmgr of one's own\nqmgr "),
    ],
)
def test_what_is_left_alone(before, after):
    assert findings(before, after) == []
