"""Nothing is found in configurations that are published, on a machine that has what they name.

They are written anew after what guides and products do; each says where that is.
"""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.linter import lint
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.checks import Machine
from tests.support.lint_system import DEFAULTS, FOLDER, PORTS, system
from tests.support.stock import FIXTURES, other_services

PUBLISHED = sorted(path.name for path in (FIXTURES / "published").iterdir())
TYPES = ("cdb", "ldap", "lmdb", "mysql", "pcre", "pgsql", "sqlite", "tcp", "unix")


def findings(main, master, release="debian-12", services="debian-12"):
    files = {
        f"{FOLDER}/main.cf": main,
        f"{FOLDER}/master.cf": master + other_services(master, services),
    }
    machine = system(files, release=release, types=TYPES)
    read = machine.read
    machine.read = lambda path: read(path) if path in files else b""
    machine.exists = machine.has_user = machine.has_group = lambda _name: True
    machine.machine = Machine(PORTS.get, lambda _host: None, None)
    return lint(FOLDER, machine)


@pytest.mark.parametrize("release", DEFAULTS)
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_configuration_is_left_alone(name, release):
    folder = FIXTURES / "published" / name
    master = folder / "master.cf"
    found = findings(
        (folder / "main.cf").read_bytes(),
        master.read_bytes() if master.exists() else b"",
        release,
        release,
    )
    assert found == []


def test_there_are_ten_and_more():
    assert len(PUBLISHED) >= 10


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_slip_in_one_is_found(name):
    main = (FIXTURES / "published" / name / "main.cf").read_bytes()
    found = findings(main + b"virtual_alias_mapps = hash:/x\n", b"")
    assert [f.instead for f in found if "alias_mapps" in f.message] == ["virtual_alias_maps"]
