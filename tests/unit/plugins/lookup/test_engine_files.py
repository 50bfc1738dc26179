"""A program that is made of engines runs with Python alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.labs.mail.plugins.lookup import engine_files as plugin

EXERCISE = {
    "name": "smtp_server",
    "title": {"fr": "Un serveur", "en": "A server"},
    "assignment": {"fr": "Installez", "en": "Install"},
    "hints": [],
    "checks": [],
    "world": [],
}


@pytest.fixture
def files(lookup):
    return lambda engine, program: lookup(plugin).run([engine], {}, program=program)


@pytest.fixture
def written(tmp_path, monkeypatch, files):
    """Return a function that writes a program's files below a folder, as file_set does."""
    monkeypatch.setattr(plugin, "FOLDER", str(tmp_path / "lib"))

    def written(engine):
        program = tmp_path / "program"
        for file in files(engine, str(program)):
            path = Path(file["path"])
            if file.get("state") == "directory":
                path.mkdir(parents=True, exist_ok=True)
            else:
                path.write_text(file["content"])
                path.chmod(int(file["mode"], 8))
        return program

    return written


def run(program, *words, **more):
    """Run it with Python alone: no site-packages, and nothing of ours in the environment."""
    return subprocess.run(
        [sys.executable, "-S", "-I", program, *words],
        cwd="/",
        env={"PATH": os.environ["PATH"], "LANG": "en_GB.UTF-8", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **more,
    )


def test_the_command_lab_runs(written, tmp_path):
    program = written("_checks.lab_command")
    result = run(program, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("usage: lab")
    # Nothing is compiled beside the files that are declared.
    assert not list(tmp_path.rglob("__pycache__"))


def test_the_command_lab_shows_an_exercise(written, tmp_path):
    program = written("_checks.lab_command")
    exercise = tmp_path / "exercise.json"
    exercise.write_text(json.dumps(EXERCISE))
    # The same program, but for where the exercise is.
    text = program.read_text().replace("main()", f'main(["text"], Path("{exercise}"))')
    program.write_text(text.replace("import sys\n", "import sys\nfrom pathlib import Path\n"))
    result = run(program)
    assert (result.returncode, result.stdout) == (0, "A server\n========\n\nInstall\n")


def test_the_worlds_service_runs(written):
    result = run(written("_checks.world_server"), "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "--policy-port" in result.stdout


def test_the_folder_comes_first_and_the_program_last(files):
    found = files("_checks.lab_command", "/usr/local/bin/lab")
    assert found[0]["state"] == "directory"
    directories = [file["path"] for file in found if file.get("state") == "directory"]
    assert directories == sorted(directories, key=lambda path: (path.count("/"), path))
    assert all(
        os.path.dirname(file["path"]) in directories for file in found[len(directories) : -1]
    )
    assert (found[-1]["path"], found[-1]["mode"]) == ("/usr/local/bin/lab", "0755")
    assert len({file["path"] for file in found}) == len(found)


def test_without_a_program_there_are_the_engines_alone(files):
    found = files("_classroom.events", None)
    assert all(file.get("state") == "directory" or file["mode"] == "0644" for file in found)
    assert any(file["path"].endswith("_classroom/events.py") for file in found)


def test_each_engine_is_there_once_itself_first():
    found = plugin.needed("_checks.lab_command")
    assert found[0] == "_checks.lab_command"
    assert len(set(found)) == len(found)
    assert {"_checks.step_schema", "_checks.machine", "_errors"} <= set(found)


@pytest.mark.parametrize("engine", ["_checks.lab_command", "_checks.world_server"])
def test_no_engine_needs_ansible_or_another_package(engine):
    for name in plugin.needed(engine):
        text = (plugin.ENGINES / name.replace(".", "/")).with_suffix(".py").read_text()
        assert "import ansible" not in text.replace(f"from {plugin.PACKAGE}", "")
        assert "from ansible." not in text
        assert "import yaml" not in text


def test_no_exercises_and_no_solutions_are_among_them():
    assert "_checks.exercise" not in plugin.needed("_checks.lab_command")
