"""Whatever is wrong with an input is said in one clear sentence, and never by a traceback.

The inputs stand in the files beside this one, each with words that its sentence must have: what is
to be written instead, or what was found.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from ansible_collections.labs.mail.plugins.action import exercise_check
from ansible_collections.labs.mail.plugins.lookup import wrong_options
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import read_file
from launcher import __main__ as command
from launcher import command as lab_command
from launcher import engine, inventory, providers, settings

HERE = Path(__file__).parent
LONGEST = 800

TITLE = {"fr": "Il répond", "en": "It answers"}
RIGHT = {
    "title": TITLE,
    "assignment": TITLE,
    "hints": [],
    "solution": {},
    "checks": [{"name": "greets", "title": TITLE, "steps": [{"connect": {"port": 25}}]}],
    "faults": [],
}


def inputs(name):
    """The inputs of a file, each with a short name."""
    entries = yaml.safe_load((HERE / f"{name}.yml").read_text())
    return [
        pytest.param(entry, id=f"{number} {str(entry['given'])[:40]!r}")
        for number, entry in enumerate(entries)
    ]


def assert_clear(sentence, entry):
    """See that it is one sentence that helps."""
    assert entry["says"] in sentence
    assert "Traceback" not in sentence
    assert sentence.strip().count("\n") <= 1
    assert sentence.isprintable() or "\n" in sentence
    assert len(sentence) < LONGEST


@pytest.fixture
def hosts(tmp_path, monkeypatch):
    """The path of the inventory, for a launcher that never gets to an engine."""
    path = tmp_path / "hosts.yml"
    for module in (settings, inventory):
        monkeypatch.setattr(module, "HOSTS", path)

    def no_engine(_console):
        raise AssertionError("the input was taken")

    monkeypatch.setattr(engine, "ensure", no_engine)
    return path


@pytest.mark.parametrize("entry", inputs("make"))
def test_variables_of_make(entry, hosts, capsys):
    assert command.main(["up", *entry["given"]]) != 0
    sentence = capsys.readouterr().out
    # A value is shown as it was written, a newline too.
    assert_clear(sentence.replace("\n", " "), entry)


@pytest.mark.parametrize("entry", inputs("commands"))
def test_words_of_lab(entry, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(settings, "needed", lambda: settings.Settings(students=3))
    monkeypatch.setattr(providers, "ensure", lambda *_words: None)
    places = {"FILE": tmp_path / "a.csv", "FOLDER": tmp_path / "saved", "NONE": tmp_path / "none"}
    places["FILE"].write_bytes(b'a;b\n\xff;"without its other\n')
    places["FOLDER"].mkdir()
    (places["FOLDER"] / "student1.tar.gz").write_bytes(b"no archive")
    try:
        code = lab_command.main([str(places.get(word, word)) for word in entry["given"]])
    except SystemExit as ended:
        code = ended.code
    assert code in (1, 64)
    said = "".join(capsys.readouterr())
    for name, path in places.items():
        said = said.replace(str(path), name)
    # argparse begins with how the words are used.
    assert_clear(said.splitlines()[-1], entry)


@pytest.mark.parametrize("entry", inputs("inventories"))
def test_inventories_of_a_lab(entry, hosts, capsys):
    if entry["given"] is None:
        hosts.mkdir()
    else:
        hosts.write_text(entry["given"])
    assert command.main(["up"]) != 0
    assert_clear(capsys.readouterr().out, entry)


@pytest.mark.parametrize("entry", inputs("extra"))
def test_extra_variables(entry):
    options = wrong_options.PLAYBOOKS / "vars" / "options.yml"
    known = yaml.safe_load(options.read_text())["playbook_options"]
    names = {*known, *wrong_options.names_in_files(wrong_options.PLAYBOOKS)}
    given = entry["given"]
    of_options = {name: each for name, each in given.items() if name in known}
    found = [
        *wrong_options.wrong_names(given, names),
        *wrong_options.wrong_values(of_options, known),
    ]
    (sentence,) = found
    assert_clear(sentence, entry)


@pytest.mark.parametrize("entry", inputs("ports"))
def test_ports_of_roles(entry):
    (sentence,) = wrong_options.wrong_ports(entry["given"])
    assert_clear(sentence, entry)


@pytest.mark.parametrize("entry", inputs("exercises"))
def test_files_of_exercises(entry, tmp_path):
    path = tmp_path / "mine.yml"
    text = entry["given"]
    if text.startswith("right: \n"):
        text = yaml.safe_dump({**RIGHT, **yaml.safe_load(text.removeprefix("right: \n"))})
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_file(path)
    sentence = str(caught.value)
    assert sentence.startswith(str(path))
    assert_clear(sentence, entry)


@pytest.mark.parametrize("entry", inputs("modules"))
def test_options_of_modules(entry, run):
    name = f"ansible_collections.labs.mail.plugins.modules.{entry['module']}"
    result = run(importlib.import_module(name).main, **entry["given"])
    assert result["failed"]
    assert "exception" not in result
    assert_clear(result["msg"], entry)


@pytest.mark.parametrize("entry", inputs("answers"))
def test_answers_of_machines(entry):
    action = object.__new__(exercise_check.ActionModule)
    action._task = SimpleNamespace(args={"checks": RIGHT["checks"]})
    result = action.believed(entry["given"])
    assert result["failed"]
    assert "results" not in result
    assert_clear(result["msg"], entry)


def test_there_are_enough_inputs():
    counted = [len(yaml.safe_load(path.read_text())) for path in HERE.glob("*.yml")]
    assert sum(counted) >= 220
