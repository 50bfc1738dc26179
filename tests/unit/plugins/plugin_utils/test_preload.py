"""What Ansible's processes inherit, so that none of them does it again."""

import builtins
from collections import Counter
from pathlib import Path

import ansible.module_utils
import mitogen.master
import pytest
from ansible.modules import apt, service
from ansible_mitogen import module_finder

from ansible_collections.labs.mail.plugins.plugin_utils import _preload

BUILT_IN = (str(Path(ansible.module_utils.__file__).parent),)
MODULES = {"ansible.modules.apt": apt.__file__, "ansible.modules.service": service.__file__}


@pytest.fixture
def compiled(monkeypatch):
    """How often each source is compiled under a name."""
    counted = Counter()

    def count(source, name, mode):
        counted[source, name] += 1
        return builtins.compile(source, name, mode)

    monkeypatch.setattr(module_finder, "compile", count, raising=False)
    monkeypatch.setattr(mitogen.master, "compile", count, raising=False)
    monkeypatch.setattr(_preload, "compile", count, raising=False)
    _preload.compiled.cache_clear()
    return counted


def imports_of_modules():
    """What each module imports of ansible-core."""
    return {name: module_finder.scan(name, path, BUILT_IN) for name, path in MODULES.items()}


def test_mitogen_compiles_again_what_two_modules_import(compiled):
    imports_of_modules()
    assert max(compiled.values()) > 1


def test_with_us_it_compiles_once_and_finds_the_same(compiled):
    before = imports_of_modules()
    compiled.clear()
    _preload.compile_once()
    assert imports_of_modules() == before
    assert set(compiled.values()) == {1}


def test_what_it_finds_to_send_stays_the_same(compiled):
    before = mitogen.master.ModuleFinder().find_related("ansible.modules.apt")
    compiled.clear()
    _preload.compile_once()
    assert mitogen.master.ModuleFinder().find_related("ansible.modules.apt") == before
    assert set(compiled.values()) == {1}
