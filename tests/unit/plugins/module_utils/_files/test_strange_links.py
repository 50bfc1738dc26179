"""Whose links root follows; the owners are stand-ins, the links are real."""

import os
from types import SimpleNamespace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.strange_links import (
    refuse_strange_links,
)

ROOT, TECH, PROF = 0, 1001, 1002


@pytest.fixture
def owned(tmp_path, monkeypatch):
    """Return a function that makes files and links, and one that tells their owners."""
    owners = {}
    monkeypatch.setattr(os, "geteuid", lambda: ROOT)

    def make(name, owner, link=None):
        path = tmp_path / name
        if link is not None:
            path.symlink_to(tmp_path / link)
        elif name.endswith("/"):
            path.mkdir()
        else:
            path.write_text("")
        owners[str(path)] = owner
        return str(path)

    def lstat(place):
        return SimpleNamespace(st_mode=os.lstat(place).st_mode, st_uid=owners.get(place, ROOT))

    make.lstat = lstat
    return make


def test_a_file_and_a_link_of_root_are_taken(owned):
    owned("target", ROOT)
    refuse_strange_links(owned("target2", TECH), owned.lstat)
    refuse_strange_links(owned("link", ROOT, "target"), owned.lstat)


@pytest.mark.parametrize("owner", [ROOT, PROF])
def test_a_link_to_somebody_else_s_is_refused(owned, owner):
    owned("target", owner)
    link = owned("link", TECH, "target")
    with pytest.raises(ConfigError, match=r"target, made by the account of number 1001"):
        refuse_strange_links(link, owned.lstat)


def test_a_link_to_what_is_not_there_is_its_directory_s_owner_s(owned):
    owned("home/", TECH)
    owned("etc/", ROOT)
    refuse_strange_links(owned("link", TECH, "home/new"), owned.lstat)
    with pytest.raises(ConfigError):
        refuse_strange_links(owned("link2", TECH, "etc/new"), owned.lstat)


def test_a_link_to_one_s_own_is_followed(owned):
    owned("target", TECH)
    refuse_strange_links(owned("link", TECH, "target"), owned.lstat)


def test_a_link_on_the_way_is_looked_at_too(owned):
    owned("etc/", ROOT)
    with pytest.raises(ConfigError):
        refuse_strange_links(owned("home", TECH, "etc") + "/file", owned.lstat)


def test_what_is_not_there_is_refused_by_nobody(tmp_path):
    refuse_strange_links(str(tmp_path / "no" / "such"))
