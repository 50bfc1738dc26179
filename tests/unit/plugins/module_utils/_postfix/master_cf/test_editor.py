from __future__ import annotations

import time

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import editor as edit
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.request import (
    requested_service,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import ParameterTypes

A = "a         unix  -       -       n       -       -       smtp\n"
TYPES = ParameterTypes({"biff": "yes", "x_limit": "3", "x_time": "5s"})

# What the file holds, what is asked of a/unix, and what it holds then; None where that is the same.
EDITS = {
    # columns
    "only the token": (A, {"maxproc": 5}, A.replace("-       smtp", "5       smtp")),
    "columns stay where they are": (
        A,
        {"maxproc": 12345},
        A.replace("-       smtp", "12345   smtp"),
    ),
    "no room for the column": (
        A,
        {"maxproc": 123456789},
        A.replace("-       smtp", "123456789 smtp"),
    ),
    "a shorter column": ("a unix - - n 1000? 1 b\n", {"wakeup": 5}, "a unix - - n 5     1 b\n"),
    "a column before a tab": (
        "a unix - - n\t1000?\t1 b\n",
        {"wakeup": 5},
        "a unix - - n\t5\t1 b\n",
    ),
    "another command": (A, {"command": "lmtp"}, A.replace("smtp", "lmtp")),
    "- is y for private and unpriv": (A, {"private": "y", "unpriv": True}, None),
    "- is 0 for wakeup": (A, {"wakeup": 0}, None),
    "- is neither y nor n for chroot": (A, {"chroot": "-"}, A.replace("n  ", "-  ")),
    "- is no number for maxproc": (A, {"maxproc": 100}, A.replace("-       smtp", "100     smtp")),
    "leading zeros": ("a unix - - n 060 007 b\n", {"wakeup": 60, "maxproc": 7}, None),
    "0? never wakes": ("a unix - - n 0? 1 b\n", {"wakeup": "-"}, None),
    "60? is not 60": ("a unix - - n 60? 1 b\n", {"wakeup": 60}, "a unix - - n 60  1 b\n"),
    "a column on the next line": (
        "a unix - -\n n - 1 b\n",
        {"chroot": "y"},
        "a unix - -\n y - 1 b\n",
    ),
    # options
    "the value of an option": (
        A + " -o x=1\n -o y=2\n",
        {"options": {"y": 3}},
        A + " -o x=1\n -o y=3\n",
    ),
    "a new option": (A, {"options": {"x": 1}}, A + "  -o x=1\n"),
    "a new option, indented as the others": (
        A + "\t-o x=1\n# c\n",
        {"options": {"y": 2}},
        A + "\t-o x=1\n\t-o y=2\n# c\n",
    ),
    "an option less": (
        A + " -o x=1\n# c\n -o y=2\n",
        {"options": {"x": None}},
        A + "# c\n -o y=2\n",
    ),
    "the last option less": (
        A + " -o x=1\n# c\nb unix - - n - - b\n",
        {"options": {"x": None}},
        A + "# c\nb unix - - n - - b\n",
    ),
    "the only option less, without newline": (A + " -o x=1", {"options": {"x": None}}, A),
    "an option less among others of a line": (
        A + " -o x=1 -o y=2 -o z=3 \n",
        {"options": {"y": None}},
        A + " -o x=1 -o z=3 \n",
    ),
    "the first of a line less": (
        A + "  -o x=1 -o y=2\n",
        {"options": {"x": None}},
        A + "  -o y=2\n",
    ),
    "the last of a line less": (
        A + "  -o x=1 -o y=2\n",
        {"options": {"y": None}},
        A + "  -o x=1\n",
    ),
    "an option behind the command less": (
        "a unix - - n - - b -o x=1\n",
        {"options": {"x": None}},
        "a unix - - n - - b\n",
    ),
    "an option that is not there": (A, {"options": {"x": None}}, None),
    "-ox=1": (A + " -ox=1\n", {"options": {"x": 1}}, None),
    "-o { x = 1 }": (A + " -o { x = 1 }\n", {"options": {"x": 1}}, None),
    "-o { x = 1 } over lines": (A + " -o { x =\n  # c\n  1\n }\n", {"options": {"x": 1}}, None),
    "another value over lines": (
        A + " -o { x =\n  # c\n  1\n }\n -v\n",
        {"options": {"x": 2}},
        A + " -o x=2\n  # c\n -v\n",
    ),
    "an option over lines less": (
        A + " -o { x =\n  # c\n  1\n } -v\n",
        {"options": {"x": None}},
        A + "  # c\n -v\n",
    ),
    "-ox=1 becomes another": (A + " -ox=1 -v\n", {"options": {"x": 2}}, A + " -o x=2 -v\n"),
    "-vo x=1 becomes another": (A + " -vo x=1\n", {"options": {"x": 2}}, A + " -v -o x=2\n"),
    "-vo x=1 is x=1": (A + " -vo x=1\n", {"options": {"x": 1}}, None),
    "white space needs braces": (
        A + " -o x=1\n",
        {"options": {"x": "1 2"}},
        A + " -o { x = 1 2 }\n",
    ),
    "white space within a value": (
        A + " -o { x = 1  2 }\n",
        {"options": {"x": "1 2"}},
        A + " -o { x = 1 2 }\n",
    ),
    "an empty value": (A + " -o x=1\n", {"options": {"x": ""}}, A + " -o x=\n"),
    "the last of duplicates counts": (A + " -o x=1\n -o x=2\n", {"options": {"x": 2}}, None),
    "the last of duplicates changes": (
        A + " -o x=1\n -o x=2\n",
        {"options": {"x": 1}},
        A + " -o x=1\n -o x=1\n",
    ),
    "every duplicate goes": (
        A + " -o x=1\n -o y=1\n -o x=2\n",
        {"options": {"x": None}},
        A + " -o y=1\n",
    ),
    "the order of options": (A + " -o x=1\n -o y=2\n", {"options": {"y": 2, "x": 1}}, None),
    "exact": (
        A + " -o x=1\n -o y=2\n",
        {"options": {"y": 2}, "options_mode": "exact"},
        A + " -o y=2\n",
    ),
    "exact and nothing": (A + " -o x=1\n# c\n -o y=2\n", {"options_mode": "exact"}, A + "# c\n"),
    "a list": (A, {"options": {"x": ["a", "b"]}}, A + "  -o x=a,b\n"),
    "a list of more words": (A, {"options": {"x": ["a b", "c"]}}, A + "  -o { x = a b, c }\n"),
    "another spelling of a list": (
        A + " -o { mynetworks = a b }\n",
        {"options": {"mynetworks": ["a", "b"]}},
        None,
    ),
    "another spelling of a number": (A + " -o x_limit=03\n", {"options": {"x_limit": 3}}, None),
    "another spelling of a time": (A + " -o x_time=60s\n", {"options": {"x_time": "1m"}}, None),
    "another spelling of a boolean": (A + " -o biff=YES\n", {"options": {"biff": True}}, None),
    # other words
    "a flag": (A + " -o x=1\n", {"args": "-v"}, A.replace("smtp", "smtp -v") + " -o x=1\n"),
    "a flag and another command": (A, {"args": "-v", "command": "b"}, A.replace("smtp", "b -v")),
    "a flag less": (A.replace("smtp", "smtp -v"), {"args": []}, A),
    "one flag more": (A + " -v\n", {"args": "-v -v"}, A + " -v -v\n"),
    "args leave the options": (A + " -v -o x=1\n", {"args": "-D"}, A + " -D -o x=1\n"),
    "an operand": (A + " -v\n -o x=1\n", {"args": "-v y"}, A + " -v\n -o x=1\n y\n"),
    "the operand that differs": (
        A + " a=1 b=2\n c=3\n",
        {"args": "a=1 b=4 c=3"},
        A + " a=1 b=4\n c=3\n",
    ),
    "an operand between others": (
        A + " a=1\n c=3\n",
        {"args": "a=1 b=2 c=3"},
        A + " a=1 b=2\n c=3\n",
    ),
    "an operand before others": (A + " b=2\n", {"args": "a=1 b=2"}, A + " a=1 b=2\n"),
    "operands less": (A + " a=1 b=2\n c=3 d=4\n", {"args": "b=2 d=4"}, A + " b=2\n d=4\n"),
    "the order of operands": (A + " a b\n", {"args": "b a"}, A + " b a\n"),
    "operands in other braces": (A + " {a b} {c}\n", {"args": ["a b", "c"]}, None),
    "an operand with a space": (A + " a\n", {"args": ["a b"]}, A + " { a b }\n"),
    "an operand that starts with #": (A, {"args": ["#x"]}, A + "  { #x }\n"),
    "an operand with # comes to the front": (A + " a #x\n", {"args": ["#x"]}, A + "  { #x }\n"),
    "attributes": (
        "a unix - - n - - pipe\n  flags=R user=x argv=/y $z\n",
        {"attributes": {"user": "w"}},
        "a unix - - n - - pipe\n  flags=R user=w argv=/y $z\n",
    ),
    "an option before operands": (
        A + "  user=x\n  argv=y\n",
        {"options": {"x": 1}},
        A + "  -o x=1\n  user=x\n  argv=y\n",
    ),
    "an option before operands on the first line": (
        "a unix - - n - - pipe  user=x argv=y\n",
        {"options": {"x": 1, "y": 2}},
        "a unix - - n - - pipe\n  -o x=1\n  -o y=2\n  user=x argv=y\n",
    ),
    "an option and other operands": (
        "a unix - - n - - pipe user=x argv=y\n",
        {"options": {"x": 1}, "args": "argv=y z"},
        "a unix - - n - - pipe\n  -o x=1\n  argv=y z\n",
    ),
    # lines
    "CRLF": (
        A.replace("\n", "\r\n"),
        {"options": {"x": 1}},
        (A + "  -o x=1\n").replace("\n", "\r\n"),
    ),
    "CRLF, an option less": (
        "a unix - - n - - b\r\n -o x=1\r\n",
        {"options": {"x": None}},
        "a unix - - n - - b\r\n",
    ),
    "no final newline": (A + " -o x=1", {"options": {"y": 2}}, A + " -o x=1\n -o y=2\n"),
    "no final newline, nothing to do": (A + " -o x=1", {"options": {"x": 1}}, None),
    "comments between": (
        A + "# c\n\n  -o x=1\n  # d\n",
        {"options": {"x": 2}},
        A + "# c\n\n  -o x=2\n  # d\n",
    ),
    "UTF-8": (A + " -o x=é\n", {"options": {"x": "è"}}, A + " -o x=è\n"),
    # entries
    "a new entry": ("", {"command": "smtp", "chroot": False}, A),
    "a new entry of all": (
        "# c",
        {"command": "pipe", "maxproc": "12345678", "args": "-v {a b}", "options": {"x": ""}},
        "# c\na         unix  -       -       -       -       12345678 pipe -v\n"
        "  -o x=\n  { a b }\n",
    ),
    "the last entry counts": (A + A, {"maxproc": 5}, A + A.replace("-       smtp", "5       smtp")),
    "absent": ("# b\n" + A + "# c\n -o x=1\n# d\n", None, "# b\n# c\n# d\n"),
    "every entry absent": (A + "# c\n" + A, None, "# c\n"),
    "absent and not there": ("b unix - - n - - b\n", None, None),
    "commented": (A + "\n# c\n -o x=1\n", {"state": "commented"}, "#" + A + "\n# c\n# -o x=1\n"),
    "commented and not there": ("# a\n", {"state": "commented"}, None),
    "a commented entry": (f"#{A}#  -o x=1\n# c\n", {}, f"{A}  -o x=1\n# c\n"),
    "a commented entry changes": (f"#{A}#  -o x=1\n", {"options": {"x": 2}}, f"{A}  -o x=2\n"),
    "sentences in a commented entry": (
        f"#{A}#  -o x=1\n#   why\n# not\n#  -o y=1\n# c\n",
        {},
        f"{A}  -o x=1\n#   why\n# not\n  -o y=1\n# c\n",
    ),
    "a commented entry and the next": (
        f"#{A}#b unix - - n - - b\n#  -o x=1\n",
        {},
        f"{A}#b unix - - n - - b\n#  -o x=1\n",
    ),
    "a commented pipe": (
        "#a unix - n n - - pipe\n#  user=x argv=y\n#  $z\n#\n#  w\n",
        {},
        "a unix - n n - - pipe\n  user=x argv=y\n  $z\n#\n#  w\n",
    ),
    "the first of commented entries": (f"#{A}# c\n#{A}", {}, f"{A}# c\n#{A}"),
    "the commented entry with that command": (
        f"#{A}#{A}".replace("smtp", "lmtp", 1),
        {"command": "smtp"},
        f"#{A}{A}".replace("smtp", "lmtp", 1),
    ),
    "a comment that is no entry": (
        "#a unix - - n - smtp\n# a unix - - n - - smtp\n",
        {"command": "smtp"},
        "#a unix - - n - smtp\n# a unix - - n - - smtp\n" + A.replace(" n ", " - "),
    ),
    "a stray line would continue the entry": (
        f"#{A}  stray\n",
        {"command": "smtp", "chroot": "n"},
        f"#{A}  stray\n{A}",
    ),
}


def bring(before, services, **how):
    asked = [requested_service(key, service) for key, service in services.items()]
    return edit.set_services(before.encode(), asked, types=TYPES, path="master.cf", **how)


@pytest.mark.parametrize(("before", "asked", "after"), EDITS.values(), ids=EDITS)
def test_edit(before, asked, after):
    change = bring(before, {"a/unix": asked})
    assert change.data.decode() == (before if after is None else after)
    assert change.changed == ([] if after is None else ["a/unix"])
    again = bring(change.data.decode(), {"a/unix": asked})
    assert (again.data, again.changed) == (change.data, [])


def test_commented_and_back():
    before = f"{A}# c\n  -o x=1\n  -o y=2\nb unix - - n - - b\n"
    commented = bring(before, {"a/unix": {"state": "commented"}})
    assert bring(commented.data.decode(), {"a/unix": {}}).data.decode() == before


def test_many_in_one_call():
    change = bring(A, {"b/unix": {"command": "b"}, "a/unix": None, "25/inet": {"command": "smtpd"}})
    assert change.changed == ["b/unix", "a/unix", "25/inet"]
    assert [line.split() for line in change.data.decode().splitlines()] == [
        ["b", "unix", *"-----", "b"],
        ["25", "inet", "n", *"----", "smtpd"],
    ]


@pytest.mark.parametrize(
    ("before", "asked", "line", "words"),
    [
        ("# c\nb unix - - n ? - smtp\n", {"command": "smtp"}, 2, "b/unix.*60"),
        ("# c\n\nb unix\n", {}, 3, "missing"),
        ("a unix - - n ? - smtp\n", {"maxproc": 1}, 1, "a/unix.*wakeup"),
        ("", {}, None, "a/unix.*a command"),
        ("", {"command": "-"}, None, "name of a program"),
    ],
)
def test_what_master_would_die_of_is_refused(before, asked, line, words):
    with pytest.raises(ConfigError, match=words) as caught:
        bring(before, {"a/unix": asked})
    assert caught.value.line == line


def test_what_master_would_die_of_can_be_mended():
    before = "a unix - - n ? - smtp {x\nb unix - - n - - smtp -o\n"
    change = bring(before, {"a/unix": {"wakeup": 60, "args": []}, "b/unix": None})
    assert change.data == b"a unix - - n 60 - smtp\n"


BASELINE = f"# head\n{A}# b:\nb unix - - n - 1 b\n# c:\n#c unix - - n - - c\n#  -o x=1\n# end\n"

# What a file held, beside the baseline, and what is asked; the file is as the baseline then.
MENDED = {
    "nothing": ("", {}),
    "blank lines": (" \n\n", {}),
    "the baseline": (BASELINE, {}),
    "an option more": (BASELINE.replace(A, A + " -o x=1\n"), {}),
    "another column": (BASELINE.replace("- 1 b", "- 2 b"), {}),
    "an entry less": (BASELINE.replace(A, ""), {}),
    "the last entry less": (BASELINE.replace("b unix - - n - 1 b\n", ""), {}),
    "an entry more": (BASELINE + "d unix - - n - - d\n", {}),
    "an entry with garbage for columns": (BASELINE.replace("n - 1 b", "n 1 b"), {}),
    "an entry that master dies of": (BASELINE.replace("n - 1 b", "n ? 1 b"), {}),
    "an unclosed brace": (BASELINE.replace(A, A + " {x\n"), {}),
    "a NUL byte": (BASELINE.replace("- 1 b", "\0 1 b"), {}),
    "lines that continue nothing": (" stray\n" + BASELINE, {}),
    "a duplicate": (BASELINE.replace("# end\n", A + "# end\n"), {}),
    "a line at the end that continues": (BASELINE + " x\n", {}),
    "a commented entry that was enabled": (
        BASELINE.replace("#c unix - - n - - c\n#  -o x=1\n", "c unix - - y - - c\n  -o x=2\n"),
        {},
    ),
    "an entry that was commented out": (BASELINE.replace(A, "#" + A), {}),
    "no final newline": (BASELINE + "d unix - - n - - d", {}),
}


@pytest.mark.parametrize(("before", "asked"), MENDED.values(), ids=MENDED)
def test_exclusive_takes_the_file_back_to_the_baseline(before, asked):
    change = bring(before, asked, exclusive=True, baseline=BASELINE.encode())
    assert change.data.decode() == BASELINE
    assert change.reload_needed == (before != BASELINE)
    again = bring(change.data.decode(), asked, exclusive=True, baseline=BASELINE.encode())
    assert (again.data, again.changed, again.warnings) == (change.data, [], [])


def test_exclusive_says_what_it_took_out():
    change = bring("# c\nx unix -\n", {}, exclusive=True, baseline=BASELINE.encode())
    assert len(change.warnings) == 1
    assert change.warnings[0].startswith("line 2 is taken out: 'x unix -' is no entry")


def test_exclusive_lays_what_is_asked_over_the_baseline():
    asked = {"a/unix": {"maxproc": 5}, "b/unix": None, "d/unix": {"command": "d", "chroot": "n"}}
    before = "# mine\na unix - - y 9 9 x -v\n -o x=1\n# why\n -o y=2\n"
    change = bring(before, asked, exclusive=True, baseline=BASELINE.encode())
    assert change.data.decode() == (
        "# mine\na unix - - n - 5 smtp\n# why\n"
        "d         unix  -       -       n       -       -       d\n"
    )
    again = bring(change.data.decode(), asked, exclusive=True, baseline=BASELINE.encode())
    assert (again.data, again.changed) == (change.data, [])


def test_exclusive_without_baseline_leaves_what_is_named():
    asked = {"a/unix": {"command": "smtp", "chroot": "n"}}
    change = bring(A + "b unix - - n - - b\n# c\n", asked, exclusive=True)
    assert (change.data.decode(), change.changed) == (A + "# c\n", ["b/unix"])


def test_a_file_that_holds_nothing_starts_as_the_baseline():
    change = bring("", {"d/unix": {"command": "d"}}, baseline=BASELINE.encode())
    assert change.data.decode().startswith(BASELINE)
    assert change.changed == ["a/unix", "b/unix", "d/unix"]


MANY = 10_000
SECONDS = 20.0
"""Of the processor, where a second is enough."""


@pytest.mark.slow
@pytest.mark.parametrize("separator", [" ", "\n  "], ids=["on one line", "on lines of their own"])
def test_an_entry_of_thousands_of_options(separator):
    """The time grows as the options do."""
    options = [f"-o smtpd_x{number}=1" for number in range(MANY)]
    before = separator.join(["26 inet n - n - - smtpd", *options]) + "\n"
    start = time.process_time()
    wanted = {f"smtpd_x{number}": 2 for number in range(0, MANY, 2)}
    change = bring(before, {"26/inet": {"options": wanted}})
    assert time.process_time() - start < SECONDS
    expected = [f"-o smtpd_x{number}={1 + (number + 1) % 2}" for number in range(MANY)]
    assert change.data.decode().split()[8:] == " ".join(expected).split()
