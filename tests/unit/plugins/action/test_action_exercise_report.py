"""The report of a class is written, shown, and its end told from how much is known."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.labs.mail.plugins.action import exercise_report


def result(outcome):
    words = {"fr": "essai fr", "en": "try en"}
    return {
        "name": "greets",
        "title": {"fr": "Il répond", "en": "It answers"},
        "outcome": outcome,
        "tried": words,
        "expected": words,
        "seen": "",
        "seconds": 0.1,
    }


@pytest.fixture
def report(tmp_path):
    """Return a function that runs the action plugin; it returns the result and what was shown."""

    def report(results, problems=None, **more):
        shown = []
        action = object.__new__(exercise_report.ActionModule)
        action._task = SimpleNamespace(
            args={
                "exercise": "smtp_server",
                "checks": [{"name": "greets", "title": {"fr": "Il répond", "en": "It answers"}}],
                "results": results,
                "problems": problems or {},
                "folder": str(tmp_path / "reports"),
                **more,
            },
            async_val=False,
            check_mode=False,
            diff=False,
        )
        action._supports_async = False
        action._display = SimpleNamespace(display=shown.append)
        action._connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
        return action.run(), "".join(shown)

    return report


ENDS = [
    ({"one": [result("passed")]}, {}, {"changed": False, "msg": "All checks passed."}),
    (
        {"one": [result("failed")]},
        {},
        {"failed": True, "msg": "Some checks did not pass."},
    ),
    (
        {"one": [result("unchecked")], "two": [result("failed")]},
        {},
        {"unreachable": True, "msg": "Not everything could be checked."},
    ),
    (
        {"one": [result("passed")]},
        {"two": "gone"},
        {"unreachable": True, "msg": "Not everything could be checked."},
    ),
]


@pytest.mark.parametrize(("results", "problems", "end"), ENDS)
def test_the_end_tells_wrong_from_not_known(report, results, problems, end):
    assert report(results, problems)[0] == end


def test_all_reports_are_written_and_the_table_is_shown(report, tmp_path):
    _end, shown = report({"one": [result("failed")]})
    folder = tmp_path / "reports"
    assert {path.name for path in folder.iterdir()} == {
        "smtp_server.json",
        "smtp_server.csv",
        "smtp_server.xml",
    }
    assert json.loads((folder / "smtp_server.json").read_text())["machines"]["one"]
    assert "Il répond" in (folder / "smtp_server.xml").read_text()
    assert "one: ✗ Il répond" in shown


def test_the_language_may_be_chosen(report):
    assert "one: ✗ It answers" in report({"one": [result("failed")]}, language="en")[1]


def test_a_folder_that_cannot_be_is_said(report, tmp_path):
    (tmp_path / "reports").write_text("")
    with pytest.raises(AnsibleActionFail, match="reports: File exists"):
        report({"one": [result("passed")]})
