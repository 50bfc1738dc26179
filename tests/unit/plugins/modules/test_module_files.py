"""The module files, where a symbolic link stands at the path."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.modules import files


@pytest.fixture
def linked(tmp_path):
    """A link and the file that it points to."""
    target, link = tmp_path / "stub", tmp_path / "resolv.conf"
    target.write_text("nameserver 127.0.0.53\n")
    target.chmod(0o600)
    link.symlink_to(target)
    return link


@pytest.fixture
def write(run, linked):
    """Give the path a content."""

    def write(check=False, **file):
        file = {"path": str(linked), "content": "nameserver 192.0.2.53\n", **file}
        return run(files.main, check, files=[file])

    return write


def test_a_link_is_followed(write, linked):
    assert write()["changed"]
    assert linked.is_symlink()
    assert linked.resolve().read_text() == "nameserver 192.0.2.53\n"
    assert not write()["changed"]


def test_the_mode_is_that_of_the_file_behind_the_link(write, linked):
    write()
    assert not write(mode="0600")["changed"]
    assert write(mode="0640")["changed"]
    assert linked.resolve().stat().st_mode & 0o777 == 0o640


def test_a_file_takes_the_place_of_a_link_that_is_not_to_be_followed(write, linked):
    target = linked.resolve()
    predicted = write(check=True, follow=False)
    assert linked.is_symlink()
    result = write(follow=False)
    assert (result["changed"], result["diff"]) == (predicted["changed"], predicted["diff"])
    assert not linked.is_symlink()
    assert linked.read_text() == "nameserver 192.0.2.53\n"
    assert linked.stat().st_mode & 0o777 == 0o644
    assert target.read_text() == "nameserver 127.0.0.53\n"
    assert not write(follow=False)["changed"]
