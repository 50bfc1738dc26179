"""The report of a class is written, shown, and its end told from how much is known."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.labs.mail.plugins.action import exercise_outcome, exercise_report
from ansible_collections.labs.mail.plugins.module_utils._checks.words import NARROW


def result(outcome):
    words = {"fr": "essai fr", "en": "try en"}
    return {
        "name": "greets",
        "title": {"fr": "Il répond", "en": "It answers"},
        "outcome": outcome,
        "tried": words,
        "expected": words,
        "seen": words,
        "seconds": 0.1,
    }


CHECKS = [{"name": "greets", "title": {"fr": "Il répond", "en": "It answers"}}]


def machine(*outcomes, exercise="smtp_server", **more):
    seen = {"results": [result(outcome) for outcome in outcomes]} if outcomes else {}
    return {"exercise": exercise, "checks": CHECKS, **seen, **more}


def run(plugin, args):
    """Run an action plugin; returns its result and what was shown."""
    shown = []
    action = object.__new__(plugin.ActionModule)
    action._task = SimpleNamespace(args=args, async_val=False, check_mode=False, diff=False)
    action._supports_async = False
    action._display = SimpleNamespace(display=shown.append)
    action._connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    return action.run(), "".join(shown)


@pytest.fixture
def report(tmp_path):
    """Return a function that runs the action plugin on machines by their names."""

    def report(machines, **more):
        args = {"machines": machines, "folder": str(tmp_path / "reports"), **more}
        return run(exercise_report, args)

    return report


OUTCOMES = [
    ({"one": machine("passed")}, {"one": "passed"}),
    ({"one": machine("passed"), "two": machine("failed")}, {"one": "passed", "two": "failed"}),
    (
        {"one": machine("unchecked"), "two": machine("failed")},
        {"one": "unchecked", "two": "failed"},
    ),
    (
        {"one": machine("passed"), "two": machine(problem="gone")},
        {"one": "passed", "two": "unchecked"},
    ),
]


@pytest.mark.parametrize(("machines", "outcomes"), OUTCOMES)
def test_each_machine_has_its_own_outcome(report, machines, outcomes):
    assert report(machines)[0] == {"changed": False, "outcomes": outcomes}


ENDS = [
    ("passed", {"changed": False, "msg": "All checks passed."}),
    ("failed", {"failed": True, "msg": "Some checks did not pass."}),
    ("unchecked", {"unreachable": True, "msg": "Not everything could be checked."}),
]


@pytest.mark.parametrize(("outcome", "end"), ENDS)
def test_the_end_of_a_machine_tells_wrong_from_not_known(outcome, end):
    assert run(exercise_outcome, {"outcome": outcome})[0] == end


def test_all_reports_are_written_and_the_table_is_shown(report, tmp_path):
    _end, shown = report({"one": machine("failed")})
    folder = tmp_path / "reports"
    assert {path.name for path in folder.iterdir()} == {
        "smtp_server.json",
        "smtp_server.csv",
        "smtp_server.xml",
    }
    assert json.loads((folder / "smtp_server.json").read_text())["machines"]["one"]
    assert "Il répond" in (folder / "smtp_server.xml").read_text()
    assert f"one{NARROW}: ✗ Il répond" in shown
    # Where all are at one exercise, nothing has to say which.
    assert "exercice" not in shown


def test_machines_at_two_exercises_have_two_tables_and_reports(report, tmp_path):
    machines = {"one": machine("failed"), "two": machine("passed", exercise="queues")}
    _end, shown = report(machines, language="en")
    assert {path.stem for path in (tmp_path / "reports").iterdir()} == {"smtp_server", "queues"}
    assert shown.index("exercise: smtp_server") < shown.index("exercise: queues")
    assert "two" not in (tmp_path / "reports" / "smtp_server.csv").read_text()


def test_the_language_may_be_chosen(report):
    assert "one: ✗ It answers" in report({"one": machine("failed")}, language="en")[1]


def test_a_folder_that_cannot_be_is_said(report, tmp_path):
    (tmp_path / "reports").write_text("")
    with pytest.raises(AnsibleActionFail, match="reports: File exists"):
        report({"one": machine("passed")})
