"""What we read in lookup tables, and our edits of them, against postmap and postalias."""

from __future__ import annotations

import re
from random import Random

import pytest

from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.checksum import (
    glance,
    sum_of,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.parser import read
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.request import (
    requested_entries,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import syntax
from tests.differential.machines import Case
from tests.differential.made_up_tables import aliases, table
from tests.support.amounts import many
from tests.support.tables import set_entries

POSTMAP = syntax("hash", "postmap")
POSTALIAS = syntax("hash", "postalias")
TYPES = ("hash", "btree", "lmdb", "cdb")
SILENT = ("byte order mark", "stands on line", "continues none")
"""Postfix says nothing of a mark, and not on which line a key stands twice or nothing continues."""


def warned_lines(result):
    return set(map(int, re.findall(rb"warning: .*?, line (\d+)", result.stderr)))


def listed(result):
    assert result.code == 0, result.stderr
    return set(result.stdout.split(b"\n")[:-1])


def test_entries_and_warnings(machine, seed):
    random = Random(seed)
    tables = [table(random) for _number in range(many(250))]
    kinds = [random.choice(TYPES[:3]) for _table in tables]
    cases = [
        Case({"t": data}, [["postmap", f"{kind}:t"], ["postmap", "-s", f"{kind}:t"]])
        for data, kind in zip(tables, kinds)
    ]
    for data, answer in zip(tables, machine.ask(cases)):
        found = read(data, POSTMAP)
        silent = {p.line for p in found.problems if any(words in p.message for words in SILENT)}
        assert found.warned - silent <= warned_lines(answer.results[0]) <= found.warned, data
        records = listed(answer.results[1])
        assert found.records() == records, data
        assert bool(found.duplicates) == (b"duplicate" in answer.results[0].stderr), data
        summed = glance(data, POSTMAP)
        if summed is not None and not found.duplicates:
            assert (summed, answer.results[0].stderr) == (sum_of([list(records)]), b""), data


def test_queries(machine, seed):
    """Whatever the case of a key, it is found; a key that is not there is not."""
    random = Random(seed + 1)
    tables = [table(random, odd=0) for _number in range(many(100))]
    wanted, cases = [], []
    for data in tables:
        found = read(data, POSTMAP)
        held = dict(zip(reversed(found.keys), reversed(found.values)))
        asked = {}
        for key in held:
            for spelling in (key, key.decode().upper().encode(), key + b"x"):
                folded = POSTMAP.fold(spelling)
                if folded in held and b"\xef\xbb\xbf" not in spelling:
                    asked[spelling] = held[folded]
                else:
                    asked.setdefault(spelling, held.get(folded))
        wanted.append({key: value for key, value in asked.items() if value is not None})
        kind = random.choice(TYPES)
        lines = b"".join(key + b"\n" for key in asked)
        cases.append(
            Case(
                {"t": data},
                [["postmap", f"{kind}:t"], (["postmap", "-q", "-", f"{kind}:t"], lines)],
            )
        )
    for data, asked, answer in zip(tables, wanted, machine.ask(cases)):
        lines = answer.results[1].stdout.split(b"\n")[:-1]
        assert dict(line.split(b"\t", 1) for line in lines) == asked, data


def test_aliases(machine, seed):
    random = Random(seed + 2)
    files = [aliases(random) for _number in range(many(200))]
    commands = [["postalias", "hash:t"], ["postmap", "-s", "hash:t"]]
    for data, answer in zip(files, machine.ask([Case({"t": data}, commands) for data in files])):
        found = read(data, POSTALIAS)
        # We refuse more: of `a(b)` Postfix makes the name `a (b)`, of `"a"b` the name `a b`.
        assert warned_lines(answer.results[0]) <= found.warned, data
        records = dict(record.split(b"\t", 1) for record in listed(answer.results[1]))
        added = {b"@", b"YP_LAST_MODIFIED", b"YP_MASTER_NAME"}
        held = dict(zip(reversed(found.keys), reversed(found.values)))
        assert held.keys() <= records.keys() - added, data
        if not found.problems:
            assert held.keys() == records.keys() - added, data


ASKED = {
    "a": (None, "1", "2  3", ["x", "y"]),
    "b.c@d.example": ("REJECT", "é"),
    "É": (None, "x\ny"),
    '"q r"': ("z",),
    "new": ("n", 'a "b'),
}


def test_edits(machine, seed):
    random = Random(seed + 3)
    runs = []
    for _number in range(many(120)):
        data = table(random, odd=0.05)
        asked = {key: random.choice(ASKED[key]) for key in random.sample(list(ASKED), 3)}
        purge = random.random() < 0.4
        runs.append(
            (
                data,
                asked,
                purge,
                set_entries(data, requested_entries(asked, POSTMAP), purge, POSTMAP),
            )
        )
    commands = [["postmap", f"{kind}:{name}"] for name in ("t", "u") for kind in ("btree",)]
    commands += [["postmap", "-s", f"btree:{name}"] for name in ("t", "u")]
    cases = [Case({"t": before, "u": after}, commands) for before, _a, _p, after in runs]
    for (data, asked, purge, after), answer in zip(runs, machine.ask(cases)):
        said = (data, asked, purge, after)
        keys = {POSTMAP.fold(key.encode()): key for key in asked}
        old, new = (
            dict(record.split(b"\t", 1) for record in listed(result))
            for result in answer.results[2:]
        )
        others = {key: value for key, value in new.items() if key not in keys}
        if purge:
            assert (others, answer.results[1].stderr) == ({}, b""), said
        else:
            assert others == {key: value for key, value in old.items() if key not in keys}, said
        for folded, key in keys.items():
            [wanted] = requested_entries({key: asked[key]}, POSTMAP)
            if wanted.lines is None:
                assert folded not in new, said
            else:
                assert new[folded].split() == wanted.value.split(), said


RULES = [
    {"/^a b$/": "1"},
    {"if /^c/i": ""},
    {"/D$/": "2"},
    {"!/e$/i": "3 é"},
    "endif",
    {"/^f\\/g$/": "5"},
]
ANSWERS = {"a b": "1", "A B": "1", "cd": "2", "cx": "3 é", "ce": None, "f/g": "5", "d": None}


@pytest.mark.parametrize("kind", ["regexp", "pcre"])
def test_rules_do_as_they_are_asked(machine, kind):
    used = syntax(kind, "postmap")
    data = set_entries(b"/old/ x\n# kept\n", requested_entries(RULES, used), True, used)
    assert b"# kept" in data
    keys = b"".join(key.encode() + b"\n" for key in ANSWERS)
    [answer] = machine.ask([Case({"t": data}, [(["postmap", "-q", "-", f"{kind}:t"], keys)])])
    lines = (f"{key}\t{value}" for key, value in ANSWERS.items() if value is not None)
    assert (answer.results[0].stdout.decode().split("\n")[:-1], answer.results[0].stderr) == (
        list(lines),
        b"",
    )
