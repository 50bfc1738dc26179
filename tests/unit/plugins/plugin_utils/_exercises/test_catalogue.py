"""The catalogue: what is wrong in a file is said with file, line and key; ours is as it must be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.plugin_utils._exercises import catalogue as files
from tests.support.collection import ROOT
from tests.support.known_variables import KNOWN

WHOLE = """\
title: {fr: Un serveur, en: A server}
assignment: {fr: Installez, en: Install}
solution: {postfix_state: present}
checks:
  - name: greets
    title: {fr: Il répond, en: It answers}
    steps:
      - connect:
          port: 25
faults:
  - name: silent
    title: {fr: Muet, en: Silent}
    caught_by: greets
    state: {postfix_state: absent}
"""


@pytest.fixture
def write(tmp_path):
    """Return a function that writes exercises into a folder of their own, and returns that."""

    def write(**texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.yml").write_bytes(
                text if isinstance(text, bytes) else text.encode()
            )
        return tmp_path

    return write


def test_a_folder_is_read(write):
    folder = write(server=WHOLE, next=f"after: server\n{WHOLE}")
    assert set(files.catalogue(folder)) == {"next", "server"}
    state = files.state_in_files("server", "silent", folder)
    assert state == {
        "postfix_state": "absent",
        "accounts_users": {},
        "lab_files": {},
        "lab_postfix_maps": {},
    }


SLIPS = {
    "broken": ("title: {fr: x\nhints: y\n", "server.yml:2: ", "expected ',' or '}'"),
    "tab": ("title:\n\tfr: x", "server.yml:2: ", "cannot start any token"),
    "twice": (WHOLE + "solution: {}\n", "server.yml:15: ", "solution is there twice; keep one"),
    "twice inside": (
        WHOLE.replace("port: 25", "port: 25\n          port: 26"),
        "server.yml:10: ",
        "port is there twice",
    ),
    "wrong deep inside": (
        WHOLE.replace("port: 25", "port: many"),
        "server.yml:9: ",
        "checks.0.steps.0.connect.port: found 'many'; write a port",
    ),
    "misspelt deep inside": (
        WHOLE.replace("port: 25", "prot: 25"),
        "server.yml:9: ",
        "checks.0.steps.0.connect.prot: prot is no key here; did you mean port?",
    ),
    "misspelt": (
        WHOLE.replace("faults:", "fualts:"),
        "server.yml:10: ",
        "fualts: fualts is no key here; did you mean faults?",
    ),
    "missing": (WHOLE.replace("    caught_by: greets\n", ""), "server.yml:11: ", "caught_by is"),
    "no check": (WHOLE.replace("by: greets", "by: greet"), "server.yml:13: ", "mean greets?"),
    "wrong type": (WHOLE.replace("{postfix_state: present}", "x"), "server.yml:3: ", "solution: "),
    "empty": ("", "server.yml:1: ", "write a mapping"),
    "list": ("- x", "server.yml:1: ", "write a mapping"),
    "key that is a list": ("? [a, b]\n: c\n", "server.yml:1: ", "unhashable"),
    "object": ("title: !!python/name:os.system", "server.yml:1: ", "constructor for the tag"),
    "Latin-1": ("title: é".encode("latin-1"), "server.yml: ", "write UTF-8"),
    "control character": ("title: \x01", "server.yml: ", "write UTF-8"),
    "after none": (f"after: sever\n{WHOLE}", "server.yml:1: ", "after: there is no exercise sever"),
    "after itself": (WHOLE + "after: server\n", "server.yml:15: ", "after: the exercises are in a"),
}


@pytest.mark.parametrize(("text", "place", "words"), SLIPS.values(), ids=SLIPS)
def test_what_is_wrong_is_said_with_file_line_and_key(write, text, place, words):
    with pytest.raises(ConfigError) as caught:
        files.catalogue(write(server=text))
    assert str(caught.value).startswith(f"{caught.value.path[: -len('server.yml')]}{place}")
    assert words in caught.value.message


def test_the_exercise_that_comes_after_none_is_named_and_not_those_after_it(write):
    folder = write(a=f"after: b\n{WHOLE}", b=f"after: zzz\n{WHOLE}")
    with pytest.raises(ConfigError) as caught:
        files.catalogue(folder)
    assert Path(caught.value.path).name == "b.yml"


MISSPELT = [
    ("solution: {lab_postfix_params: {x: y}}", "lab_postfix_params", "lab_postfix_parameters?"),
    ("start: {postfix_stat: absent}\nsolution: {}", "postfix_stat", "postfix_state?"),
    ("solution: {zzz: 1}", "zzz", "see roles/"),
]


@pytest.mark.parametrize(("state", "name", "hint"), MISSPELT)
def test_a_variable_that_no_role_reads_is_refused_in_its_line(write, state, name, hint):
    lines = [line for line in WHOLE.splitlines() if not line.startswith("solution")]
    folder = write(a="\n".join([*lines, *state.splitlines()]))
    with pytest.raises(ConfigError) as caught:
        files.catalogue(folder)
    text = (folder / "a.yml").read_text().splitlines()
    assert name in text[caught.value.line - 1]
    assert f"no role reads {name}; " in caught.value.message
    assert hint in caught.value.message


CATALOGUE = files.catalogue(files.FOLDER)
VARIANTS = [
    (f"{name}, {stage}", state)
    for name, each in CATALOGUE.items()
    for stage, state in (
        ("start", each.start),
        ("solution", each.solution),
        *((variant.name, variant.state) for variant in (*each.alternatives, *each.faults)),
    )
]


def test_every_file_of_the_catalogue_is_read():
    assert {f"{name}.yml" for name in CATALOGUE} == {
        path.name for path in files.FOLDER.iterdir() if path.is_file()
    }


@pytest.mark.parametrize(("where", "state"), VARIANTS, ids=[where for where, _state in VARIANTS])
def test_every_variable_is_one_of_a_role_or_of_the_playbooks(where, state):
    assert not set(state) - KNOWN


@pytest.mark.parametrize(("where", "state"), VARIANTS, ids=[where for where, _state in VARIANTS])
def test_no_variable_is_one_that_the_chain_of_filters_gives(where, state):
    """What a role gives to the roles that it includes counts more than what a state says."""
    tasks = yaml.safe_load((ROOT / "roles/filter_chain/tasks/main.yml").read_text())
    assert not set(state) & set(tasks[-1]["vars"])


@pytest.mark.parametrize("each", CATALOGUE.values(), ids=CATALOGUE)
def test_every_exercise_has_faults_hints_and_texts(each):
    assert len(each.faults) >= 3
    assert each.hints
    texts = [each.title, each.assignment, *each.hints]
    texts += [check["title"] for check in each.checks]
    texts += [variant.title for variant in (*each.alternatives, *each.faults, *each.by_hand)]
    for text in texts:
        assert {*text} - {"about"} == {"fr", "en"}
        assert all(language.strip() for language in text.values())
    # Only names of programs and servers, such as Courier, read alike in both.
    assert each.assignment["fr"] != each.assignment["en"]


@pytest.mark.parametrize("each", CATALOGUE.values(), ids=CATALOGUE)
def test_every_exercise_is_done_by_hand_rightly_and_wrongly(each):
    caught = [way.caught_by for way in each.by_hand]
    assert caught.count("") >= 1
    assert len(caught) - caught.count("") >= 3
    # What is typed is text for a shell, in which these begin a template.
    assert not [way.name for way in each.by_hand if re.search("{[%#]", way.commands)]


@pytest.mark.parametrize("each", CATALOGUE.values(), ids=CATALOGUE)
def test_the_walls_of_a_lab_let_the_world_see_every_port_that_is_checked(each):
    """Where they do not, a server that is open to the network by mistake seems closed."""
    steps = [step for check in each.checks for step in check["steps"]]
    from_outside = [
        given["port"]
        for step in steps
        for given in step.values()
        if isinstance(given, dict) and given.get("at") == "world" and "port" in given
    ]
    world = yaml.safe_load((ROOT / "inventories/containers/host_vars/world.yml").read_text())
    (reached,) = world["docker_reached_ports"]
    first, last = map(int, reached.split(":"))
    assert all(first <= int(port) <= last for port in from_outside)


@pytest.mark.parametrize("each", CATALOGUE.values(), ids=CATALOGUE)
def test_every_alternative_and_fault_is_another_state(each):
    solution = files.state_in_files(each.name, "solution")
    for stage in each.stages:
        if stage != "solution":
            assert files.state_in_files(each.name, stage) != solution, stage
