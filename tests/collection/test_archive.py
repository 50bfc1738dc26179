"""The archive holds what users need, and nothing else."""

from __future__ import annotations

import re
import subprocess
import tarfile

import pytest
import yaml

from tests.sanity import is_shipped
from tests.support.collection import ROOT

MADE_BY_THE_BUILD = {"FILES.json", "MANIFEST.json"}
TOP = MADE_BY_THE_BUILD | {
    "CHANGELOG.rst",
    "CONTRIBUTING.md",
    "COPYING",
    "README.fr.md",
    "README.md",
    "changelogs",
    "docs",
    "exercises",
    "inventories",
    "meta",
    "playbooks",
    "plugins",
    "roles",
}


@pytest.fixture(scope="module")
def names(archive):
    with tarfile.open(archive) as tar:
        return {member.name for member in tar if not member.isdir()}


@pytest.fixture(scope="module")
def known():
    """The files of the checkout that git knows or would take."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    output = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name for name in output.split("\0") if (ROOT / name).is_file()}


def test_tests_toolchain_launcher_and_settings_stay_out(names):
    assert {name.split("/")[0] for name in names} <= TOP


def test_caches_and_what_make_makes_stay_out(names, known):
    assert names - MADE_BY_THE_BUILD <= known


def test_the_machines_of_this_checkouts_lab_stay_out(names):
    assert not [name for name in names if name.startswith("inventories/containers")]


@pytest.mark.parametrize("folder", ["meta", "playbooks", "plugins", "roles"])
def test_what_is_used_is_there_whole(names, known, folder):
    wanted = {name for name in known if name.startswith(f"{folder}/")}
    assert wanted
    assert wanted <= names


def test_sanity_looks_at_what_is_in_it(names, known):
    ignored = yaml.safe_load((ROOT / "galaxy.yml").read_text())["build_ignore"]
    shipped = {name for name in known if is_shipped(name, ignored)}
    assert shipped - {"galaxy.yml"} == names - MADE_BY_THE_BUILD


def test_the_licence_and_the_readme_are_there(names):
    assert {"COPYING", "README.md"} <= names


@pytest.mark.parametrize("readme", ["README.md", "README.fr.md"])
def test_what_the_readme_leads_to_is_there(names, readme):
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", (ROOT / readme).read_text())
    assert links
    for link in links:
        assert any(name == link or name.startswith(f"{link}/") for name in names), link
