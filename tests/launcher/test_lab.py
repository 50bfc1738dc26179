"""The verbs, with an engine and playbooks that only write down what is asked of them."""

from __future__ import annotations

import pytest

from launcher import inventory, lab, settings
from launcher.playbook import PlaybookError
from launcher.settings import Settings, SettingsError


def test_a_lab_comes_up_in_this_order(world, console):
    world.changes = True
    lab.up({"STUDENTS": "3", "DEBIAN": "13"}, console)
    assert world.asked == ["13", "up", "site", "proof"]
    assert settings.up_now() == Settings(students=3, debian="13")
    assert "The lab maillab is up" in console.text
    assert "maillab-student1" in console.text


def test_the_second_time_it_says_that_nothing_was_changed(world, console):
    lab.up({}, console)
    assert "nothing was changed" not in console.text
    lab.up({}, console)
    assert "was up already: nothing was changed" in console.text


@pytest.mark.parametrize("given", [{"STUDENTS": "0"}, {"DEBIAN": "11"}, {"STUDENT": "1"}])
def test_nothing_is_begun_where_a_variable_is_wrong(world, console, given):
    with pytest.raises(SettingsError):
        lab.up(given, console)
    assert world.asked == []
    assert not world.hosts.exists()


def test_a_lab_that_never_came_up_may_take_another_shape(world, console):
    world.fails = {"up"}
    with pytest.raises(PlaybookError):
        lab.up({"SUBNET": "10.0.0.0/24"}, console)
    assert not world.hosts.exists()
    world.fails = set()
    lab.up({"SUBNET": "10.1.0.0/24"}, console)
    assert settings.up_now().subnet == "10.1.0.0/24"


def test_a_lab_that_came_up_by_half_goes_on_from_there(world, console):
    world.fails, world.has = {"up"}, True
    with pytest.raises(PlaybookError):
        lab.up({"STUDENTS": "3"}, console)
    world.fails = set()
    lab.up({}, console)
    assert settings.up_now().students == 3


def test_a_lab_that_was_up_is_not_forgotten(world, console):
    lab.up({"STUDENTS": "3"}, console)
    world.fails = {"up"}
    with pytest.raises(PlaybookError):
        lab.up({"STUDENTS": "4"}, console)
    assert settings.up_now().students == 4


@pytest.mark.parametrize(
    ("broken", "asked"), [("up", ["12", "up"]), ("site", ["12", "up", "site"])]
)
def test_nothing_follows_a_step_that_failed(world, console, broken, asked):
    world.fails = {broken}
    with pytest.raises(PlaybookError):
        lab.up({}, console)
    assert world.asked == asked
    assert "is up" not in console.text


def test_what_the_proof_saw_is_shown_even_where_it_failed(world, console):
    world.fails = {"proof"}
    with pytest.raises(PlaybookError):
        lab.up({}, console)
    assert "✗" in console.text


def test_nothing_is_left_of_a_lab_that_was_taken_down(world, console):
    lab.up({}, console)
    lab.down({}, console)
    assert world.asked[-1] == "down"
    assert not world.hosts.exists()
    assert "The lab maillab is down" in console.text


def test_what_another_run_left_can_be_taken_down_by_its_name(world, console):
    lab.down({"LAB": "salle"}, console)
    assert world.asked == ["down"]
    assert "The lab salle is down" in console.text


def test_a_lab_whose_inventory_is_broken_can_be_taken_down(world, console):
    world.hosts.write_text("{")
    with pytest.raises(SettingsError, match="Take the lab down"):
        lab.up({}, console)
    lab.down({}, console)
    assert not world.hosts.exists()


def test_the_inventory_stays_where_a_lab_cannot_be_taken_down(world, console):
    lab.up({}, console)
    world.fails = {"down"}
    with pytest.raises(PlaybookError):
        lab.down({}, console)
    assert inventory.HOSTS.exists()


@pytest.mark.parametrize(
    ("given", "built"), [({}, ["12", "13"]), ({"DEBIAN": "13"}, ["13"]), ({"DEBIAN": "12"}, ["12"])]
)
def test_images_are_built_for_the_releases_asked_for(world, console, given, built):
    lab.build_images(given, console)
    assert world.asked == built
    assert console.text.count("up to date") == len(built)


def test_there_is_no_image_of_another_release(world, console):
    with pytest.raises(SettingsError, match="DEBIAN=11"):
        lab.build_images({"DEBIAN": "11"}, console)
    assert world.asked == []
