"""The guide says what there is: its exercise is one, and its tables name all keys and steps."""

from __future__ import annotations

import re
import textwrap

import pytest
import yaml

from ansible_collections.labs.mail.plugins.module_utils._checks import runner
from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.rendering import shown as lab_lines
from ansible_collections.labs.mail.plugins.module_utils._checks.step_schema import (
    KINDS,
    WAIT_SECONDS,
)
from ansible_collections.labs.mail.plugins.module_utils._mail_client import smtp as smtp_client
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import Observation
from ansible_collections.labs.mail.plugins.plugin_utils._exercises import catalogue as files
from ansible_collections.labs.mail.plugins.plugin_utils._exercises import model
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.report import ClassResults, lines
from tests.support.check_steps import with_defaults
from tests.support.known_variables import KNOWN

GUIDE = (files.FOLDER.parent / "docs/en/contributor/exercises.md").read_text(encoding="utf-8")
EXAMPLE, WAYS = (
    re.search(rf"<!-- {mark} -->\n```yaml\n(.*?)```", GUIDE, re.S)[1]
    for mark in ("example", "example of ways")
)
REFUSED = (
    "550 5.1.1 <directeur@student2.test>: Recipient address rejected: "
    "User unknown in local recipient table"
)


def rows(heading):
    """Return the rows of the first table below a heading, each a list of its cells."""
    text = GUIDE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def names(cell):
    return re.findall(r"`(\w+)`", cell)


def shown(mark):
    """Return the output that the guide shows behind a mark."""
    text = re.search(rf"<!-- {mark} -->\n((?:    .*\n|\n)+)", GUIDE)[1]
    return textwrap.dedent(text).strip("\n").splitlines()


@pytest.fixture
def example():
    return model.read_exercise("second_address", yaml.safe_load(EXAMPLE + WAYS))


@pytest.fixture
def states(example):
    """The variables of each stage of the guide's exercise, in the catalogue."""
    whole = {**files.catalogue(files.FOLDER), "second_address": example}
    universe = model.universe_of(whole)
    return {
        stage: model.complete(model.state_of("second_address", stage, whole), universe)
        for stage in example.stages
    }


def test_the_exercise_has_the_states_that_the_guide_says(states):
    aliases = {stage: state["lab_postfix_maps"]["aliases"] for stage, state in states.items()}
    assert aliases["start"]["path"] == "/etc/aliases"
    assert "directeur" not in aliases["start"]["entries"]
    assert aliases["solution"]["entries"] == {**aliases["start"]["entries"], "directeur": "prof"}
    assert aliases["by_virtual_alias"] == aliases["start"]
    assert aliases["misspelt"]["entries"]["director"] == "prof"
    assert "directeur" not in aliases["misspelt"]["entries"]
    assert states["solution"]["lab_postfix_maps"]["virtual"] is None
    assert states["account"]["accounts_users"]["directeur"] == {}


def test_the_exercise_is_as_those_of_the_catalogue(example):
    assert len(example.faults) >= 3
    assert example.hints


def test_the_ways_by_hand_are_as_the_guide_says(example):
    ways = {each.name: each.caught_by for each in example.by_hand}
    assert ways == {"course": "", "forgotten": "outside", "account_too": "no_account"}
    assert example.typed("account_too") == example.typed("course") + "useradd directeur\n"


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("Keys", {each for each in model.Exercise.__dataclass_fields__ if each != "name"}),
        ("Ways by hand", set(model.Way.__dataclass_fields__)),
        ("Checks", {"name", "title", "needs", "steps"}),
    ],
)
def test_the_guide_names_every_key(heading, keys):
    assert {name for row in rows(heading) for name in names(row[0])} == keys


def test_the_guide_says_which_keys_are_needed():
    needed = {name for row in rows("Keys") if row[1] == "yes" for name in names(row[0])}
    for name in model.Exercise.__dataclass_fields__:
        data = yaml.safe_load(EXAMPLE)
        data.pop(name, None)
        if name in needed:
            with pytest.raises(model.ConfigError, match=f"{name} is missing"):
                model.read_exercise("x", data)
        else:
            model.read_exercise("x", data)


def attributes():
    """Return the guide's attributes of each kind of step, with the rest of their rows."""
    found = {}
    for kind, attribute, text, missing in rows("Steps"):
        if kind:
            inside = found.setdefault(*names(kind), {})
        for name in names(attribute):
            inside[name] = (text, missing)
    return found


def test_the_guide_names_every_kind_of_step_with_its_attributes():
    assert {kind: set(inside) for kind, inside in attributes().items()} == {
        kind: set(words.readers) for kind, words in KINDS.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_guide_says_what_is_needed_and_what_is_otherwise(kind):
    inside = attributes()[kind]
    assert {name for name, (text, _missing) in inside.items() if "needed" in text} == set(
        KINDS[kind].needs
    )
    for name, value in KINDS[kind].defaults.items():
        assert f"`{value}`" in inside[name][1], name


@pytest.mark.parametrize("kind", KINDS)
def test_the_guide_names_every_word_that_can_be_chosen(kind):
    for name, (text, _missing) in attributes()[kind].items():
        try:
            KINDS[kind].readers[name]("")
        except ValueError as error:
            if str(error).startswith("write one of "):
                words = str(error).removeprefix("write one of ").split(", ")
                assert set(words) <= set(names(text)), name
                assert all(KINDS[kind].readers[name](word) == word for word in words)


def test_the_guide_says_how_long_a_step_waits():
    assert f"up to {WAIT_SECONDS} seconds" in GUIDE


def test_the_guide_says_who_is_greeted(monkeypatch):
    hosts = []

    def smtp(local_hostname, **_more):
        hosts.append(local_hostname)
        raise OSError

    monkeypatch.setattr(smtp_client.smtplib, "SMTP", smtp)
    with pytest.raises(OSError):
        smtp_client.talk("w", "127.0.0.1", with_defaults("smtp", {"recipients": []}))
    assert f"`{hosts[0]}`" in attributes()["smtp"]["helo"][1]


def test_every_variable_of_the_guide_is_one():
    named = {name for row in rows("Variables") for name in names(row[0])}
    assert named <= KNOWN
    assert {"accounts_users", "lab_postfix_parameters", "lab_postfix_maps", "lab_files"} <= named


def results(example, refused):
    """Return what the guide's checks see where a message from outside is refused, or is not."""

    def look(kind, given, _lab):
        bad = refused and given.get("at") == "world"
        return Observation(not bad, REFUSED if bad else "")

    checks = yaml.safe_load(
        yaml.safe_dump(example.checks).replace("{{ lab_domain }}", "student2.test")
    )
    return list(runner.run_checks(checks, CheckContext("w"), look))


def test_the_report_is_what_is_printed(example):
    seen = ClassResults(
        "second_address",
        example.checks,
        {
            host: [vars(each) for each in results(example, refused)]
            for host, refused in (("student1", False), ("student2", True))
        },
        {"student3": "Failed to connect to the host via ssh"},
    )
    assert shown("report") == lines(seen, "en")


def test_the_output_of_lab_is_what_is_printed(example):
    printed = [line for each in results(example, True) for line in lab_lines(vars(each), "en")]
    assert shown("lab") == [*printed, "2 of 3"]


def test_the_slip_is_said_as_the_guide_shows(tmp_path):
    path = tmp_path / "second_address.yml"
    wrong = 'ami@example.org, recipients: ["directeur'
    assert wrong in EXAMPLE
    path.write_text(EXAMPLE.replace(wrong, wrong.replace("recipients", "recipient")))
    with pytest.raises(model.ConfigError) as caught:
        files.read_file(path)
    assert str(caught.value).replace(str(tmp_path), "exercises") in GUIDE
