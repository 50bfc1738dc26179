"""The reports of a class: a table, JSON, CSV, and JUnit's XML, each read back."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._checks.words import NARROW
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.report import (
    ClassResults,
    as_csv,
    as_json,
    as_junit,
    by_exercise,
    lines,
)


def both(text):
    return {"fr": f"{text} (fr)", "en": text}


CHECKS = [{"name": name, "title": both(f"It {name}")} for name in ("greets", "sends", "refuses")]


def result(name, outcome, seen=""):
    return {
        "name": name,
        "title": both(f"It {name}"),
        "outcome": outcome,
        "tried": both(f"Try {name}"),
        "expected": both(f"Expect {name}"),
        "seen": seen if isinstance(seen, dict) else {"fr": seen, "en": seen},
        "seconds": 0.5,
    }


def results(*outcomes, seen=""):
    return [result(check["name"], outcome, seen) for check, outcome in zip(CHECKS, outcomes)]


WELL = results("passed", "passed", "passed")
WRONG = results("passed", "failed", "skipped", seen="554 5.7.1 no <é>")
UNKNOWN = results("passed", "unchecked", "passed", seen="no world")


def a_class(problems=None, **machines):
    return ClassResults("smtp_server", CHECKS, machines, problems or {})


ALL = a_class({"student4": "unreachable"}, student1=WELL, student2=WRONG, student3=UNKNOWN)

OUTCOMES = [
    (a_class(one=WELL), {"one": "passed"}),
    (a_class(one=WELL, two=WRONG), {"one": "passed", "two": "failed"}),
    (a_class(one=UNKNOWN), {"one": "unchecked"}),
    (a_class(one=UNKNOWN, two=WRONG), {"one": "unchecked", "two": "failed"}),
    (a_class(one=results("failed", "unchecked", "passed")), {"one": "unchecked"}),
    (a_class({"two": "gone"}, one=WELL), {"one": "passed", "two": "unchecked"}),
    (a_class(), {}),
]


@pytest.mark.parametrize(("seen", "outcomes"), OUTCOMES)
def test_what_is_wrong_is_told_from_what_is_not_known_for_each_machine(seen, outcomes):
    assert seen.outcomes == outcomes


def test_each_exercise_has_a_report_of_its_own_with_its_own_machines_in_their_order():
    other = [{"name": "bounces", "title": both("It bounces")}]
    machines = {
        "student10": {"exercise": "smtp_server", "checks": CHECKS, "results": WRONG},
        "student2": {
            "exercise": "queues",
            "checks": other,
            "results": [result("bounces", "passed")],
        },
        "student1": {"exercise": "smtp_server", "checks": CHECKS, "results": WELL},
        "student3": {"exercise": "queues", "checks": other, "problem": "does not answer"},
    }
    smtp, queues = by_exercise(machines)
    assert (smtp.exercise, list(smtp.results), smtp.checks) == (
        "smtp_server",
        ["student1", "student10"],
        CHECKS,
    )
    assert (queues.exercise, list(queues.results), queues.checks) == ("queues", ["student2"], other)
    assert queues.problems == {"student3": "does not answer"}
    assert [len(row) for row in csv.reader(io.StringIO(as_csv(queues)))] == [5, 5, 5]


TABLE = """\
machine    1  2  3
student1   ✓  ✓  ✓  3/3
student2   ✓  ✗  -  1/3
student3   ✓  ?  ✓  2/3
student4   ? unreachable

 1 greets: It greets
 2 sends: It sends
 3 refuses: It refuses

student2: ✗ It sends
    tried: Try sends
    expected: Expect sends
    seen: 554 5.7.1 no <é>

student3: ? It sends
    tried: Try sends
    expected: Expect sends
    seen: no world"""


def test_the_table():
    assert "\n".join(lines(ALL, "en")) == TABLE


FROM_OUTSIDE = [{**WELL[0], "vouched_by": "seen"}, {**WRONG[1], "vouched_by": "verified"}, WRONG[2]]


def test_what_was_seen_from_outside_has_a_sign_of_its_own():
    table = lines(a_class(student1=FROM_OUTSIDE), "en")
    assert table[1] == "student1  ◉✓  ✗  -  1/3"
    legend = [
        " ◉ seen from outside, by the world",
        "   the others: verified on the machine by the teacher",
    ]
    assert table[6:9] == ["", *legend]
    assert " ◉ constaté de l'extérieur, par le monde extérieur" in lines(
        a_class(student1=FROM_OUTSIDE), "fr"
    )
    assert not any("◉" in line for line in lines(ALL, "en"))


def test_programs_read_who_vouches():
    seen = a_class(student1=FROM_OUTSIDE)
    assert [row[-1] for row in csv.reader(io.StringIO(as_csv(seen)))] == ["seen", "1"]
    read = json.loads(as_json(seen))["machines"]["student1"]
    assert [each.get("vouched_by") for each in read] == ["seen", "verified", None]
    properties = ElementTree.fromstring(as_junit(seen, "en")).iter("property")
    assert [each.get("value") for each in properties] == ["seen", "verified", "verified"]


def test_the_table_in_french():
    french = lines(ALL, "fr")
    assert f" 1 greets{NARROW}: It greets (fr)" in french
    assert f"    constaté{NARROW}: no world" in french


def test_json_has_all():
    read = json.loads(as_json(ALL))
    assert read["exercise"] == "smtp_server"
    assert read["machines"] == ALL.results
    assert read["problems"] == {"student4": "unreachable"}
    assert "<é>" in as_json(ALL)


def test_csv_has_a_row_for_each_machine():
    assert list(csv.reader(io.StringIO(as_csv(ALL)))) == [
        ["machine", "greets", "sends", "refuses", "passed", "of", "seen"],
        ["student1", "passed", "passed", "passed", "3", "3", "0"],
        ["student2", "passed", "failed", "skipped", "1", "3", "0"],
        ["student3", "passed", "unchecked", "passed", "2", "3", "0"],
        ["student4", "unchecked", "unchecked", "unchecked", "0", "3", "0"],
    ]


def suites(seen, language="en"):
    text = as_junit(seen, language)
    assert text.startswith("<?xml ")
    return {suite.get("name"): suite for suite in ElementTree.fromstring(text)}


def test_junit_has_a_suite_for_each_machine():
    read = suites(ALL)
    counts = {
        name: [suite.get(key) for key in ("tests", "failures", "errors", "skipped")]
        for name, suite in read.items()
    }
    assert counts == {
        "student1": ["3", "0", "0", "0"],
        "student2": ["3", "1", "0", "1"],
        "student3": ["3", "0", "1", "0"],
        "student4": ["1", None, "1", None],
    }
    case = read["student2"].find("testcase[@name='sends']")
    assert (case.get("classname"), case.get("time")) == ("smtp_server.student2", "0.5")
    failure = case.find("failure")
    assert failure.get("message") == "It sends"
    assert failure.text == "tried: Try sends\nexpected: Expect sends\nseen: 554 5.7.1 no <é>"
    assert read["student4"].find("testcase/error").get("message") == "unreachable"
    assert [each.tag for each in read["student1"].find("testcase")] == ["properties"]


def test_junit_in_french():
    failure = suites(ALL, "fr")["student2"].find("testcase/failure")
    assert failure.get("message") == "It sends (fr)"


@given(st.text())
def test_junit_can_hold_whatever_was_seen(text):
    failed = [{**result("greets", "failed", text), "tried": both(text)}]
    read = suites(a_class({"two": text}, one=failed))
    assert set(read) == {"one", "two"}
    assert json.loads(as_json(a_class({"two": text}, one=failed)))["problems"] == {"two": text}
    assert len(list(csv.reader(io.StringIO(as_csv(a_class({"two": text}, one=failed)))))) == 3


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x7f", "\x9b", "￾", "￿"])
def test_what_no_xml_can_hold_has_a_sign_in_its_place(sign):
    failed = results("failed", seen=f"a{sign}b\n\tc")
    text = suites(a_class(one=failed))["one"].find("testcase/failure").text
    assert text.endswith("a�b\n\tc")


def test_nothing_on_the_screen_steers_the_terminal():
    seen = a_class({"two": "a\x1b[2Jb"}, one=WELL)
    assert "\x1b" not in "".join(lines(seen, "en"))
