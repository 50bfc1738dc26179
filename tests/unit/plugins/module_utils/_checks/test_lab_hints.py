"""`lab hint` after a check: the step about the mistake made, or facts, or that all is right."""

from __future__ import annotations

import json
import os

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import lab_command, lab_hints
from ansible_collections.labs.mail.plugins.module_utils._checks.words import NARROW
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Place
from ansible_collections.labs.mail.plugins.module_utils._explain.question import End, Step
from ansible_collections.labs.mail.plugins.module_utils._hints.facts import Facts
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import Finding

TITLE = {"fr": "Il marche", "en": "It works"}


def steps_of(name):
    return [
        {"fr": f"{name} {number} en français", "en": f"{name} {number} in English"}
        for number in (1, 2, 3)
    ]


def mistake(name, **signs):
    return {
        "name": name,
        "steps": steps_of(name),
        "signatures": [{"outcomes": ["works failed"], **signs}],
    }


EXERCISE = {
    "name": "blacklist",
    "title": TITLE,
    "assignment": TITLE,
    "hints": [{"fr": "un indice", "en": "a hint"}],
    "checks": [
        {
            "name": "works",
            "title": TITLE,
            "needs": [],
            "steps": [{"command": {"run": ["false"], "within": 0}}],
        }
    ],
    "world": [],
    "mistakes": [mistake("one", lint=["odd"]), mistake("other", set=["content_filter"])],
}
RIGHT = [{**EXERCISE["checks"][0], "steps": [{"command": {"run": ["true"]}}]}]


@pytest.fixture
def shown(monkeypatch):
    """What the machine shows; a test changes it."""
    facts = Facts()
    monkeypatch.setattr(lab_hints, "gather", lambda failed, world: facts)
    monkeypatch.setattr(lab_hints, "changed_since", lambda moment: "")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return facts


@pytest.fixture
def lab(tmp_path, monkeypatch, capsys, shown):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "passwords").write_text("tech:secret\n")

    def lab(*words, **changes):
        path = tmp_path / "exercise.json"
        path.write_text(json.dumps({**EXERCISE, **changes}))
        code = lab_command.main(list(words), path)
        return code, capsys.readouterr().out

    return lab


def test_the_steps_of_the_mistake_come_one_after_the_other(lab, shown):
    shown.signs = {"lint": ["odd"]}
    lab("check")
    assert lab("hint") == (0, f"Une question (1 sur 3){NARROW}: one 1 en français\n")
    assert lab("--lang", "en", "hint")[1] == "Where to look (2 of 3): one 2 in English\n"
    assert lab("hint")[1] == f"Comment cela marche (3 sur 3){NARROW}: one 3 en français\n"
    assert "Tout a été dit" in lab("hint")[1]
    repeated = lab("--lang", "en", "hint", "--all")[1]
    assert repeated.splitlines() == [
        "A question (1 of 3): one 1 in English",
        "Where to look (2 of 3): one 2 in English",
        "How it works (3 of 3): one 3 in English",
    ]


def test_another_mistake_has_its_own_steps(lab, shown):
    shown.signs = {"lint": ["odd"]}
    lab("check")
    lab("hint")
    shown.signs = {"set": ["content_filter"]}
    lab("check")
    assert lab("--lang", "en", "hint")[1] == "A question (1 of 3): other 1 in English\n"


def test_nothing_is_wrong(lab):
    lab("check", checks=RIGHT)
    assert lab("hint", checks=RIGHT) == (
        0,
        f"Rien à corriger{NARROW}: toutes les vérifications passent.\n",
    )


def test_in_doubt_facts_are_said_and_no_mistake(lab, shown):
    words = {"list": "smtpd_sender_restrictions", "name": "reject"}
    decided = Step("reject", "smtpd:25", 0, Place("/etc/postfix/main.cf", 12), "reject", words)
    shown.signs = {"lint": ["odd"], "set": ["content_filter"]}
    shown.findings = [Finding("/etc/postfix/master.cf", 3, 1, "error", "the secret", "the answer")]
    shown.ends = {"works": End("p@x.fr", "refused", "554 no", decided_by=decided)}
    shown.unloaded, shown.running = ["/etc/postfix/main.cf"], False
    lab("check")
    lines = lab("--lang", "en", "hint")[1].splitlines()
    assert lines[0] == "To be mended first: It works."
    assert lines[1] == "Postfix is not running."
    assert lines[2] == "/etc/postfix/main.cf has changed since Postfix read it."
    assert lines[3].startswith("By Postfix itself: ")
    assert lines[3].endswith(" (/etc/postfix/main.cf:12)")
    assert lines[4] == "/etc/postfix/master.cf:3 is worth reading again."
    assert lines[5] == "Hint 1 of 1: a hint"
    assert not [line for line in lines if "one" in line or "other" in line or "answer" in line]


def test_what_has_changed_since_is_to_be_checked_first(lab, shown, monkeypatch):
    shown.signs = {"lint": ["odd"]}
    lab("check")
    monkeypatch.setattr(lab_hints, "changed_since", lambda moment: "/etc/postfix/main.cf")
    assert lab("--lang", "en", "hint")[1] == (
        "/etc/postfix/main.cf is newer than the last check: run lab check first.\n"
    )


@pytest.mark.parametrize("mistakes", [[], None])
def test_an_exercise_without_mistakes_has_its_hints_as_before(lab, mistakes):
    lab("check")
    assert lab("--lang", "en", "hint", mistakes=mistakes)[1] == "Hint 1 of 1: a hint\n"


def test_who_is_not_root_has_the_hints_alone(lab, shown, monkeypatch):
    shown.signs = {"lint": ["odd"]}
    lab("check")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert lab("--lang", "en", "hint")[1] == "Hint 1 of 1: a hint\n"


def test_the_facts_as_json(lab, shown):
    shown.signs = {"lint": ["odd"]}
    lab("check")
    found = json.loads(lab("hint", "--facts")[1])
    assert found["recognized"] == "one"
    assert found["known"] == ["one", "other"]
    assert found["signs"]["outcomes"] == ["works failed"]
    assert found["candidates"]["one"] > found["candidates"]["other"]
