from __future__ import annotations

import re

import pytest

from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import checks as check
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import parser as master

# The column of the problem, and a word of what to write instead.
DEADLY = {
    b"x unix - - n ? - smtp": (14, "60"),
    b"x unix - - n -? - smtp": (14, "60"),
    b"x unix - - n 60x - smtp": (14, "60"),
    b"x unix - - n 2147483648 - smtp": (14, "2147483647"),
    b"x unix - - n - 1? smtp": (16, "0 for any"),
    b"x unix - - n - -1 smtp": (16, "0 for any"),
    b"x unix - - n - - -": (18, "smtpd"),
    b"x unix - - n - - /usr/lib/postfix/sbin/smtpd": (18, "smtpd alone"),
    b"x unix - - n - - /usr/local/bin/mine -v": (18, "mine alone"),
    b"x unix Y - n - - smtp": (8, "y, n or -"),
    b"x unix - yes n - - smtp": (10, "y, n or -"),
    b"x unix - - 1 - - smtp": (12, "y, n or -"),
    b"x unix - - n - - smtp {a": (23, "} where the value ends"),
    b"x unix - - n - - smtp {a b}c": (28, "a space"),
    b"x unix - - n - - smtp -o": (23, "-o name=value"),
    b"x unix - - n - - smtp -o a": (26, "-o name=value"),
    b"x unix - - n - - smtp -o a = b": (26, "without spaces"),
    b"x unix - - n - - smtp -o =b": (26, "-o name=value"),
    b"x unix - - n - - smtp -o{ a = b }": (23, "-o name=value"),
    b"x unix - - n - - smtp -o{a=b}": (23, "-o {"),
    b"x unix - - n - - smtp {-vo a=b}": (23, "-o apart"),
    b"x UNIX - - n - - smtp": (1, "inet"),
    b"x/y unix - - n - - smtp": (1, "without a directory"),
    b".. unix - - n - - smtp": (1, "without a directory"),
    b"x" * 100 + b" unix - - n - - smtp": (1, "99"),
    b"smtp inet - - n - - smtpd": (11, "write n"),
    b"smtp inet y - n - - smtpd": (11, "write n"),
    b"2001:db8::1 inet n - n - - smtpd": (1, "[2001:db8::1]:port"),
    b"[]:25 inet n - n - - smtpd": (1, "port"),
    b"[127.0.0.1]25 inet n - n - - smtpd": (1, "port"),
    b"[127.0.0.1:25 inet n - n - - smtpd": (1, "port"),
    b"[127.0.0.1] inet n - n - - smtpd": (1, "port"),
    b"localhost: inet n - n - - smtpd": (1, "port"),
    b"127.1:25 inet n - n - - smtpd": (1, "host:port"),
    b"1.2.3.256:25 inet n - n - - smtpd": (1, "host:port"),
    b"-a:25 inet n - n - - smtpd": (1, "host:port"),
    b"a..b:25 inet n - n - - smtpd": (1, "host:port"),
    b"25x inet n - n - - smtpd": (1, "65535"),
    b"0 inet n - n - - smtpd": (1, "65535"),
    b"65536 inet n - n - - smtpd": (1, "65535"),
}

# What postconf or a reader might doubt, and master takes.
SOUND = [
    b"x unix - - n 060 - smtp",
    b"x unix - - n 0? 0 smtp",
    b"x unix - - n - - ../x",
    b"x unix-dgram - - n - - smtp",
    b"x pass - - n - - smtp",
    b"x fifo - - n - - smtp",
    b"a:b unix - - n - - smtp",
    b"x unix - - n - - smtp -o {a=b} }",
    b"x unix - - n - - smtp a{b c",
    b"x unix - - n - - smtp -- -o",
    b":25 inet n - n - - smtpd",
    b"::1:25 inet n - n - - smtpd",
    b"[::1]:25 inet n - n - - smtpd",
    b"[ipv6:::1]:25 inet n - n - - smtpd",
    b"[127.0.0.1]:25 inet n - n - - smtpd",
    b"127.0.0.01:25 inet n - n - - smtpd",
    b"a_b.example:25 inet n - n - - smtpd",
    "é.example:25 inet n - n - - smtpd".encode(),
    b"submission inet n - n - - smtpd",
]


def entry_of(line):
    return master.parse(b"# c\n" + line + b"\n")[1][0]


@pytest.mark.parametrize(("line", "column", "instead"), [(k, *v) for k, v in DEADLY.items()])
def test_what_master_or_a_daemon_would_die_of(line, column, instead):
    found = check.errors(entry_of(line), "master.cf")
    assert [(error.path, error.line, error.column) for error in found[:1]] == [
        ("master.cf", 2, column)
    ]
    assert instead in found[0].message.partition("; ")[2]


@pytest.mark.parametrize("line", SOUND)
def test_what_master_takes(line):
    assert check.errors(entry_of(line)) == []


def test_every_problem_of_an_entry_is_said_on_its_own_line():
    entry = entry_of(b"smtp inet - -\n  x ?\n# c\n 1 smtpd -o\n  a")
    assert [(error.line, error.column) for error in check.errors(entry)] == [
        (2, 11),
        (3, 3),
        (3, 5),
        (6, 3),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"spamassassin unix - n n n - - pipe", "too many"),
        (b"spamassassin unix - n n - pipe user=x", "missing before"),
    ],
)
def test_a_column_too_many_or_too_few_is_guessed(line, words):
    assert any(words in error.message for error in check.errors(entry_of(line)))


def port(name):
    return {"smtp": 25, "submission": 587}.get(name)


MACHINE = check.Machine(
    port=port,
    host=lambda host: None if host == "localhost" else f"no address is found for {host!r}",
    program={"smtp", "smtpd", "../bin/other"}.__contains__,
)


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (b"nosuchport inet n - n - - smtpd", 1, "nosuchport.*its number"),
        (b"a.invalid:25 inet n - n - - smtpd", 1, "no address.*a.invalid"),
        (b"x unix - - n - - smtpf", 18, "smtpf is not installed"),
        (b"x unix - - n - - postfix/smtpd", 18, "postfix/smtpd is not installed"),
        (b"x unix - - n - - ../bin/another", 18, "../bin/another is not installed"),
    ],
)
def test_what_the_machine_lacks(line, column, words):
    [error] = check.needs(entry_of(line), MACHINE, "master.cf")
    assert (error.path, error.line, error.column) == ("master.cf", 2, column)
    assert re.search(words, error.message)


@pytest.mark.parametrize(
    "line",
    [
        b"localhost:smtp inet n - n - - smtpd",
        b"x unix - - n - - ../bin/other",
        b"a.invalid unix - - n - - smtp",
    ],
)
def test_what_the_machine_has(line):
    assert check.needs(entry_of(line), MACHINE) == []


def test_no_program_is_missed_where_postfix_is_not_installed():
    bare = check.Machine(port, MACHINE.host, None)
    assert check.needs(entry_of(b"x unix - - n - - smtp"), bare) == []


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("smtp inet n", "25 inet n", "smtp/inet and 25/inet are the same service"),
        ("[::1]:25 inet n", "[0:0::1]:smtp inet n", "are the same service"),
        ("127.0.0.1:25 inet n", "[127.0.0.1]:25 inet n", "are the same service"),
        ("x unix -", "x unix y", "x/unix stands twice.*line 2"),
        ("x unix -", "x fifo -", "on the same socket"),
    ],
)
def test_collisions(first, second, words):
    data = f"{first} - n - - smtpd\n{second} - n - - smtpd\n".encode()
    [found] = check.collisions(master.parse(data)[1], port)
    assert re.search(words, found)


@pytest.mark.parametrize(
    ("first", "second"),
    [("smtp inet n", "smtp unix -"), ("x unix y", "x unix n"), ("25 inet n", "a:25 inet n")],
)
def test_no_collision(first, second):
    data = f"{first} - n - - smtpd\n{second} - n - - smtpd\n".encode()
    assert check.collisions(master.parse(data)[1], port) == []
