"""Lint finds nothing in the examples of Postfix's documentation, those of each release.

What a machine lacks is not looked at, since examples name tables, users and services of theirs.
"""

from __future__ import annotations

import base64
import io
import re
import tarfile

import pytest

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.linter import lint
from tests.differential.documentation import scenes
from tests.differential.machines import Case
from tests.support.lint_system import DEFAULTS, FOLDER, system
from tests.support.stock import other_services

FETCH = """
cd $(mktemp -d)
apt-get download -qq postfix-doc
dpkg -x postfix-doc*.deb .
tar -cz -C usr/share/doc/postfix/html . | base64
"""
TYPES = (
    *("cdb", "ldap", "lmdb", "memcache", "mysql", "pcre", "pgsql", "randmap", "socketmap"),
    *("sqlite", "tcp", "unix"),
)
LACKING = re.compile(
    r"there is no (?:table|user|group|/)|is not installed|has no index|is set nowhere"
    r"|no service (?:of type|in master)|knows no port|is no address of this machine"
)
UNKNOWN = "Postfix knows no such parameter"

OF_ITS_OWN = "168.100.189.2/28 has bits behind its network"
"""A slip of the documentation itself, in BASIC_CONFIGURATION_README, of which Postfix warns too."""


@pytest.fixture(scope="module")
def examples(machine):
    """Fetch the documentation of the machine's release, and return its examples."""
    fetched = machine.run(["sh", "-ec", FETCH], timeout=300)
    assert fetched.code == 0, fetched.stderr.decode()
    names = DEFAULTS[f"debian-{machine.release}"]
    found = []
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(fetched.stdout))) as archive:
        for page in archive:
            if page.name.endswith(".html"):
                text = archive.extractfile(page).read().decode("utf-8", "replace")
                found += scenes(page.name, text, names)
    return found


def look(scene, release):
    files = {
        f"{FOLDER}/main.cf": scene.main.encode(),
        f"{FOLDER}/master.cf": scene.master.encode()
        + other_services(scene.master.encode(), release),
    }
    found = lint(FOLDER, system(files, release=release, types=TYPES))
    return [finding for finding in found if not LACKING.search(finding.message)]


def told(finding):
    """Return which of the two messages a finding has that are right."""
    return {message for message in (OF_ITS_OWN, UNKNOWN) if message in finding.message}


def test_nothing_is_found_in_the_documentation(machine, examples, capsys):
    release = f"debian-{machine.release}"
    found = [(scene, finding) for scene in examples for finding in look(scene, release)]
    own = [finding for _scene, finding in found if OF_ITS_OWN in finding.message]
    unknown = [(scene, finding) for scene, finding in found if UNKNOWN in finding.message]
    assert len(own) == 1
    assert [item for item in found if not {OF_ITS_OWN, UNKNOWN} & told(item[1])] == []
    with capsys.disabled():
        print(f"\n{len(examples)} examples of Postfix {machine.release}, nothing found in them")
    assert len(examples) > 300
    # Names of which Postfix itself says so: of the past, or of a part that an example leaves out.
    cases = [
        Case(
            {"main.cf": scene.main.encode(), "master.cf": b""}, [["postconf", "-c", "{dir}", "-n"]]
        )
        for scene, _finding in unknown
    ]
    for (_scene, finding), answer in zip(unknown, machine.ask(cases)):
        name = finding.message.partition(":")[0]
        assert f"unused parameter: {name}=" in answer.results[0].stderr.decode(), finding
