"""The first steps of ./lab and make, under every shell that somebody may start them from.

./lab passwords runs a playbook on each machine of the inventory, and asks none of them.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.lab import copy_checkout

INVENTORY = "from launcher import inventory, settings; inventory.write(settings.Settings())"
RUN_SECONDS = 120


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout whose path has accents, with the inventory of a lab that nobody has brought up."""
    folder = tmp_path_factory.mktemp("TD-réseau-é")
    copy_checkout(folder)
    (folder / ".cache" / "ansible_collections" / "labs").mkdir(parents=True)
    (folder / ".cache" / "ansible_collections" / "labs" / "mail").symlink_to(folder)
    subprocess.run([folder / ".venv/bin/python", "-c", INVENTORY], cwd=folder, check=True)
    return folder


def run(folder, variables, *words, mask=0o022):
    """Run a command with some variables changed, and without those that are None."""
    environment = {
        name: value
        for name, value in {**os.environ, **variables}.items()
        if value is not None and not name.startswith(("ANSIBLE_", "LAB_", "MAKE"))
    }
    ran = subprocess.run(
        words, cwd=folder, env=environment, umask=mask, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=RUN_SECONDS,
        check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout


LONG = f"/tmp/{'x' * 100}"

SHELLS = {
    "a locale that is not there": {"LANG": "fr_FR.UTF-8", "LC_ALL": None},
    "another": {"LC_ALL": "en_US.UTF-8"},
    "no UTF-8": {"LC_ALL": "POSIX"},
    "a long TMPDIR": {"TMPDIR": LONG},
    "a TMPDIR that is gone": {"TMPDIR": "/tmp/there/is/none"},
    "a long HOME": {"HOME": LONG},
    "no HOME": {"HOME": None},
    "a HOME that is gone": {"HOME": "/there/is/none"},
    "a proxy": {
        "http_proxy": "http://192.0.2.1:9",
        "https_proxy": "http://192.0.2.1:9",
        "ALL_PROXY": "http://192.0.2.1:9",
    },
    "no TERM": {"TERM": None},
    "a TERM that can nothing": {"TERM": "dumb"},
}


@pytest.mark.parametrize("variables", SHELLS.values(), ids=SHELLS)
def test_it_works_whatever_the_shell(checkout, variables):
    Path(LONG).mkdir(exist_ok=True)
    code, output = run(checkout, variables, "./lab", "passwords")
    assert code == 0, output
    assert "student2" in output
    assert "172.30.177.12" in output


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_it_works_whatever_the_umask(checkout, mask):
    code, output = run(checkout, {}, "./lab", "passwords", mask=mask)
    assert code == 0, output


def test_it_works_where_all_may_write(checkout):
    checkout.chmod(0o777)
    code, output = run(checkout, {}, "./lab", "passwords")
    assert code == 0, output


def test_it_works_from_another_directory(checkout, tmp_path):
    code, output = run(tmp_path, {}, str(checkout / "lab"), "passwords")
    assert code == 0, output


@pytest.mark.parametrize(
    ("locale", "said"), [("C.UTF-8", "There is a blank in"), ("fr_FR.UTF-8", "contient une espace")]
)
@pytest.mark.parametrize("words", [["./lab", "passwords"], ["make", "lab"]])
def test_a_blank_in_the_path_is_said_at_once(tmp_path, words, locale, said):
    folder = tmp_path / "TD réseau 1"
    folder.mkdir()
    copy_checkout(folder)
    code, output = run(folder, {"LC_ALL": locale}, *words)
    assert code != 0
    assert said in output
    assert str(folder) in output


def test_whoever_has_read_enough_ends_it_without_a_word(checkout):
    code, output = run(checkout, {}, "sh", "-c", "./lab passwords | head -n 1")
    assert code == 0
    assert "Traceback" not in output
    assert "BrokenPipe" not in output


COMPLETE = """
eval "$(./lab completion)"
asked() {
    COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _python_argcomplete ./lab
    echo "${COMPREPLY[@]}"
}
asked ./lab begin black
asked ./lab reset student
"""


def test_bash_completes_exercises_and_machines(checkout):
    code, output = run(checkout, {}, "bash", "-c", COMPLETE)
    assert code == 0, output
    assert output.split() == ["blacklist", "student1", "student2"]
