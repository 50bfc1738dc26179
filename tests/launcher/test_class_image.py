"""Machines of a class start from an image of what they share, where that is worth it."""

from __future__ import annotations

from argparse import Namespace

import docker
import pytest

from launcher import class_image, course, lab, playbook, positions, providers, settings
from launcher.settings import Settings

STUDENTS = [f"student{number}" for number in range(1, 5)]


def image():
    there = positions.default()
    return class_image.image_of(settings.up_now(), (there.exercise, there.stage))


def started_from(world):
    """Return from which image each machine was created, as up.yml was told last."""
    return [extra.get("class_images", {}) for name, extra in world.extras if name == "up"][-1]


def test_what_a_class_shares_is_provisioned_once(world, console):
    lab.up({"STUDENTS": "4"}, console)
    assert world.asked == ["12", "up", "site", "class_image", "up", "site", "proof"]
    assert started_from(world) == dict.fromkeys(STUDENTS, image())
    assert [limit for name, limit in world.limits if name == "site"] == [["world"], STUDENTS]
    assert world.extras[0] == ("up", {"lab_later": STUDENTS})
    assert "is installed once, on a template" in console.text


def test_for_fewer_machines_it_is_not_worth_it(world, console):
    lab.up({"STUDENTS": str(class_image.WORTH - 1)}, console)
    assert world.asked == ["12", "up", "site", "proof"]
    assert started_from(world) == {}


def test_one_that_comes_later_starts_from_the_image_that_there_is(world, console):
    lab.up({"STUDENTS": "4"}, console)
    world.asked.clear()
    lab.up({"STUDENTS": "5"}, console)
    assert world.asked == ["12", "up", "site", "proof"]
    assert started_from(world) == {"student5": image()}


def test_nobodys_machine_is_touched_the_second_time(world, console):
    lab.up({"STUDENTS": "4"}, console)
    world.asked.clear()
    lab.up({}, console)
    assert world.asked == ["12", "up"]
    assert started_from(world) == {}


def test_where_it_fails_each_is_provisioned_by_itself(world, console):
    world.fails = {"class_image"}
    lab.up({"STUDENTS": "4"}, console)
    assert world.discarded == [("maillab", "template")]
    assert started_from(world) == {}
    assert [limit for name, limit in world.limits if name == "site"] == [["world"], STUDENTS]
    assert "No template, for the reason above: each machine is provisioned" in console.text
    assert "The lab maillab is up" in console.text


def test_a_template_that_cannot_even_be_removed_is_in_nobodys_way(world, console, monkeypatch):
    def refused(_self, _lab, _machine):
        raise docker.errors.APIError("409", explanation="removal is in progress")

    monkeypatch.setattr(providers.Docker, "discard", refused)
    world.fails = {"class_image"}
    lab.up({"STUDENTS": "4"}, console)
    assert "The lab maillab is up" in console.text


def test_no_template_is_left_where_somebody_interrupts(world, console, monkeypatch):
    def interrupted(*_words, **_extra):
        raise KeyboardInterrupt

    monkeypatch.setattr(playbook, "attempt", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lab.up({"STUDENTS": "4"}, console)
    assert world.discarded == [("maillab", "template")]


def test_machines_at_different_exercises_start_from_different_images(world, console, hosts):
    (hosts.parent / "host_vars").mkdir()
    for name in STUDENTS:
        (hosts.parent / "host_vars" / f"{name}.yml").write_text("exercise: canonical\n")
    lab.up({"STUDENTS": "8"}, console)
    assert world.asked.count("class_image") == 2
    assert len(set(started_from(world).values())) == 2


def reset(console, *machines, **how):
    given = Namespace(words=["queues", *machines], homes=False, by=None, **how)
    course.reset(given, console)


def test_a_class_is_reset_from_the_image_where_it_was_never(world, console):
    lab.up({"STUDENTS": "4"}, console)
    world.extras.clear()
    reset(console, "all")
    (name, extra), (_reset, told) = world.extras
    assert (name, extra["exercise"]) == ("class_image", "queues")
    assert set(told["class_images"]) == set(STUDENTS)


def test_machines_with_images_of_their_own_need_no_other(world, console):
    lab.up({"STUDENTS": "4"}, console)
    world.images |= {f"maillab/state:maillab-{name}.queues.start-{16 * '0'}" for name in STUDENTS}
    world.extras.clear()
    reset(console, "all")
    ((name, told),) = world.extras
    assert (name, told["class_images"]) == ("reset", {})


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Settings(students=9), True),
        (Settings(debian="13"), False),
        (Settings(lab="other"), False),
    ],
)
def test_the_name_of_an_image_is_of_all_that_makes_it(other, same):
    place = ("processes", "start")
    known = class_image.image_of(Settings(), place)
    assert (class_image.image_of(other, place) == known) is same
    assert class_image.image_of(Settings(), ("processes", "solution")) != known


def test_a_changed_file_makes_another_image(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    monkeypatch.setattr(settings, "INVENTORY", tmp_path / "inventory")
    (tmp_path / "roles").mkdir()
    (tmp_path / "inventory/host_vars").mkdir(parents=True)
    for name in ("world", "gate"):
        (tmp_path / f"inventory/host_vars/{name}.yml").write_text("{}\n")
    names = []
    for text in ("a", "b"):
        (tmp_path / "roles/main.yml").write_text(text)
        names.append(class_image.image_of(Settings(), ("processes", "start")))
    assert names[0] != names[1]
