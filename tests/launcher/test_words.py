"""Which machines and exercise words mean, and what is said where they mean nothing."""

from __future__ import annotations

import pytest

from launcher import command, inventory
from launcher.machines import chosen, exercise_and_machines
from launcher.settings import Settings, SettingsError

NAMES = ["student1", "student2", "student3"]

MEANT = {
    "nothing": ([], (None, NAMES)),
    "an exercise": (["blacklist"], ("blacklist", NAMES)),
    "machines, in the lab's order": (["student3", "student1"], (None, ["student1", "student3"])),
    "both": (["blacklist", "student2"], ("blacklist", ["student2"])),
    "the other way round": (["student2", "blacklist"], ("blacklist", ["student2"])),
    "all": (["all"], (None, NAMES)),
    "all in French": (["tous", "blacklist"], ("blacklist", NAMES)),
}


@pytest.mark.parametrize(("words", "meant"), MEANT.values(), ids=MEANT)
def test_words_mean_an_exercise_and_machines(words, meant):
    assert exercise_and_machines(words, NAMES) == meant


WRONG = {
    "an exercise": (["blaclist"], "blaclist: .* did you mean blacklist?"),
    "a variable in French": (["exercice=blacklist"], "exercice=blacklist: .*mean blacklist?"),
    "a variable of Ansible": (["exercise=blacklist"], "mean blacklist?"),
    "a machine": (["studnet1"], "studnet1: .* did you mean student1?"),
    "a machine that there is not": (
        ["student9"],
        "no such machine; there are student1 to student3",
    ),
    "nothing like it": (["xyzzy"], "xyzzy: .* write one of student1, student2, .*blacklist"),
    "two exercises": (["blacklist", "canonical"], "blacklist, canonical: name one exercise"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_words_that_mean_nothing(words, said):
    with pytest.raises(SettingsError, match=said):
        exercise_and_machines(words, NAMES)


def test_a_machine_is_chosen_once():
    assert chosen(["student2", "student2"], NAMES) == ["student2"]


CODES = {
    "no verb": ([], 64),
    "another verb": (["chekc"], 64),
    "another option": (["check", "--exercise", "blacklist"], 64),
    "begin without machines": (["begin", "blacklist"], 64),
    "begin nowhere": (["begin", "blaclist", "student1"], 64),
    "no lab": (["check"], 1),
    "another machine": (["check", "student7"], 1),
    "another stage": (["begin", "blacklist", "student1", "--stage", "sart"], 1),
    "no variable": (["up", "3"], 1),
}


@pytest.mark.parametrize(("words", "code"), CODES.values(), ids=CODES)
def test_exit_codes_of_what_cannot_be(hosts, capfd, words, code):
    if words != ["check"]:
        inventory.write(Settings())
    try:
        seen = command.main(words)
    except SystemExit as error:
        seen = error.code
    assert seen == code
    said = "".join(capfd.readouterr())
    assert said.strip()
    assert "Traceback" not in said


def test_a_misspelt_verb_is_suggested(capfd):
    with pytest.raises(SystemExit):
        command.main(["chekc"])
    assert "did you mean check?" in capfd.readouterr().err


def test_completion_knows_exercises_and_machines(hosts):
    inventory.write(Settings(students=2))
    assert command.machines() == ["student1", "student2", "all"]
    assert {"blacklist", "student2"} <= set(command.exercises_and_machines())
