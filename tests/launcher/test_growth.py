"""What a second `make lab` touches: machines that are new, and nobody's work."""

from __future__ import annotations

import pytest

from launcher import lab, playbook, positions
from launcher.positions import Position
from launcher.settings import SettingsError


def configured(world):
    """Return the machines of each run of site.yml."""
    return [limit for name, limit in world.limits if name == "site"]


def test_at_first_all_are_configured_and_remembered(world, console):
    lab.up({}, console)
    assert configured(world) == [["world", "student1", "student2"]]
    assert positions.read()["student2"] == positions.default()


def test_the_second_time_no_machine_is_touched(world, console):
    lab.up({}, console)
    world.limits.clear()
    lab.up({}, console)
    assert [name for name, _limit in world.limits] == ["up"]
    assert "These machines were left as they are" in console.text


def test_a_late_student_is_added_and_the_others_are_left_alone(world, console):
    lab.up({}, console)
    world.limits.clear()
    lab.up({"STUDENTS": "3"}, console)
    assert configured(world) == [["world", "student3"]]
    assert ("proof", ["student3", "localhost", "world"]) in world.limits


def test_a_machine_that_is_named_is_configured_where_it_is(world, console):
    lab.up({}, console)
    positions.write({"student2": Position("blacklist", "start")})
    world.limits.clear()
    lab.up({"MEND": "student2"}, console)
    assert configured(world) == [["student2"]]
    assert positions.read()["student2"] == Position("blacklist", "start")


def test_all_may_be_named(world, console):
    lab.up({}, console)
    world.limits.clear()
    lab.up({"MEND": "all"}, console)
    assert configured(world) == [["student1", "student2"]]


def test_a_machine_that_there_is_not_is_said(world, console):
    lab.up({}, console)
    with pytest.raises(SettingsError, match="MEND=student9: .* there are student1 to student2"):
        lab.up({"MEND": "student9"}, console)


def test_what_was_interrupted_goes_on_from_there(world, console):
    world.fails = {"site"}
    with pytest.raises(playbook.PlaybookError):
        lab.up({}, console)
    assert positions.read() == {}
    world.fails, world.limits = set(), []
    lab.up({}, console)
    assert configured(world) == [["world", "student1", "student2"]]


def test_no_mail_is_sent_to_a_machine_that_serves_none(world, console):
    lab.up({}, console)
    positions.write({"student2": Position("smtp_server", "start")})
    world.asked.clear()
    lab.up({"MEND": "student2"}, console)
    assert world.asked == ["12", "up", "site"]


def test_what_a_teachers_own_variables_say_goes_over_it(world, console, hosts):
    lab.up({}, console)
    (hosts.parent / "host_vars").mkdir()
    (hosts.parent / "host_vars" / "student2.yml").write_text("exercise: canonical\n")
    assert positions.of(["student1", "student2"]) == {
        "processes": ["student1"],
        "canonical": ["student2"],
    }
