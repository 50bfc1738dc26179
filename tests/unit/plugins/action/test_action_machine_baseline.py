"""What the controller keeps of a machine's baseline; the machine is a stand-in."""

from types import SimpleNamespace

import pytest

from ansible_collections.labs.mail.plugins.action import machine_baseline
from ansible_collections.labs.mail.plugins.plugin_utils._answers.action import DocumentedAction

ONE, OTHER = "1" * 64, "2" * 64


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a function that runs the action for a machine which answers so."""
    asked = {}

    def answer(self, _tmp=None, _task_vars=None):
        asked.clear()
        asked.update(self._task.args)
        return dict(self.answer)

    monkeypatch.setattr(DocumentedAction, "run", answer)

    def run(answered, check_mode=False, host="student1", **given):
        action = object.__new__(machine_baseline.ActionModule)
        action.answer = answered
        given = {"record": str(tmp_path / "baselines"), **given}
        action._task = SimpleNamespace(args=given, check_mode=check_mode)
        return action.run(None, {"inventory_hostname": host}), dict(asked)

    run.record = tmp_path / "baselines" / "student1"
    return run


SAVED = {"outcome": "saved", "digest": ONE}


def test_the_first_digest_is_kept_and_handed_over_from_then_on(machine):
    assert machine(SAVED)[1] == {"digest": ""}
    assert machine.record.read_text() == f"{ONE}\n"
    assert machine({**SAVED, "digest": OTHER})[1] == {"digest": ONE}
    assert machine.record.read_text() == f"{ONE}\n"


def test_a_machine_whose_baseline_was_altered_is_named(machine):
    machine(SAVED)
    result = machine({"outcome": "altered", "digest": OTHER})[0]
    (warning,) = result["warnings"]
    assert warning.startswith("student1: what was saved")
    assert str(machine.record) in warning
    assert "warnings" not in machine(SAVED)[0]


def test_of_a_new_machine_the_old_digest_says_nothing(machine):
    machine(SAVED)
    assert machine({**SAVED, "digest": OTHER}, anew=True)[1] == {"digest": ""}
    assert machine.record.read_text() == f"{OTHER}\n"
    machine({**SAVED, "digest": ""}, anew="yes")
    assert not machine.record.exists()


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "1" * 63, None])
def test_what_is_no_digest_is_not_kept(machine, digest):
    machine({**SAVED, "digest": digest})
    assert not machine.record.exists()


def test_nothing_is_kept_in_check_mode_or_of_a_failure_or_without_a_place(machine, tmp_path):
    machine(SAVED, check_mode=True)
    machine({**SAVED, "failed": True})
    machine(SAVED, record=None)
    machine(SAVED, record="")
    assert not list(tmp_path.iterdir())


def test_machines_have_a_record_each_inside_of_its_place(machine):
    machine(SAVED, host="../student2")
    assert [path.name for path in machine.record.parent.iterdir()] == [".._student2"]
