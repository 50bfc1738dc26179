"""postfix_lint_info as a module, on a machine without Postfix; with one: tests/differential."""

from __future__ import annotations

import os

import pytest

from ansible_collections.labs.mail.plugins.modules import postfix_lint_info
from tests.support.stock import STOCK_MAIN, STOCK_MASTER


@pytest.fixture(autouse=True)
def no_postfix(monkeypatch):
    monkeypatch.setattr(
        "ansible.module_utils.basic.AnsibleModule.get_bin_path", lambda *_arguments, **_more: None
    )


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "postfix"
    folder.mkdir()
    (folder / "main.cf").write_bytes(b"smtpd_client_restrictions = reject_rbl_client\n")
    (folder / "master.cf").write_bytes(STOCK_MASTER["debian-12/master.cf.dist"])
    return folder


@pytest.fixture
def look(run, folder):
    def look(check=False):
        return run(postfix_lint_info.main, check, config_directory=str(folder))

    return look


def everything(folder):
    return {
        path: (path.read_bytes(), path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.iterdir()
    }


def test_what_a_finding_says(look, folder):
    assert look()["findings"] == [
        {
            "path": str(folder / "main.cf"),
            "line": 1,
            "column": 29,
            "severity": "error",
            "message": "smtpd_client_restrictions: reject_rbl_client has nothing behind it that it"
            " could work with",
            "instead": "reject_rbl_client and the domain of a list, such as zen.spamhaus.org; or"
            " nothing",
        }
    ]


def test_nothing_is_changed_and_check_mode_finds_the_same(look, folder):
    (folder / "main.cf").write_text(f"transport_maps = hash:{folder}/transport\n")
    (folder / "transport").write_text("a.test nosuch:\n")
    before = everything(folder)
    result = look()
    assert look(check=True) == result
    assert not result["changed"]
    assert [finding["path"] for finding in result["findings"]] == [
        str(folder / "main.cf"),  # which names a table without an index
        str(folder / "transport"),
    ]
    assert everything(folder) == before


def test_a_sound_configuration(look, folder):
    (folder / "main.cf").write_bytes(STOCK_MAIN["debian-12/main.cf.dist"])
    assert look()["findings"] == []


def test_a_file_that_is_not_there(look, folder):
    (folder / "master.cf").unlink()
    result = look()
    assert result["failed"]
    assert result["path"] == str(folder / "master.cf")


def test_a_table_that_is_a_folder(look, folder):
    (folder / "main.cf").write_text(f"transport_maps = hash:{folder}/transport\n")
    (folder / "transport").mkdir()
    [finding] = look()["findings"]
    assert (finding["path"], finding["line"]) == (str(folder / "transport"), None)
    assert "is a directory" in finding["message"]


def test_what_cannot_be_read(look, folder):
    (folder / "main.cf").unlink()
    os.symlink("main.cf", folder / "main.cf")
    result = look()
    assert result["failed"]
    assert "cannot be read" in result["msg"]
    assert str(folder / "main.cf") in result["msg"]
