from __future__ import annotations

import errno
import os
import shutil
import stat

import pytest

from ansible_collections.labs.mail.plugins.module_utils._system import restart_notes
from ansible_collections.labs.mail.plugins.modules import postfix_main

BEFORE = b"# first\na = 1\nmynetworks = x,\n  y\n"


@pytest.fixture(autouse=True)
def no_postfix(monkeypatch):
    """What an installed Postfix says is tested with real ones, in tests/differential."""
    monkeypatch.setattr(
        "ansible.module_utils.basic.AnsibleModule.get_bin_path", lambda *_arguments, **_more: None
    )


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "postfix"
    folder.mkdir()
    (folder / "main.cf").write_bytes(BEFORE)
    (folder / "main.cf").chmod(0o640)
    return folder


@pytest.fixture
def main(run, folder):
    """Run the module on the folder's main.cf."""

    def main(check=False, **arguments):
        return run(postfix_main.main, check, config_directory=str(folder), **arguments)

    return main


def everything(path):
    """What a run that changes nothing must leave alone."""
    found = path.lstat()
    return path.read_bytes(), found.st_ino, found.st_mtime_ns, found.st_mode


def test_a_run_that_changes_nothing_touches_nothing(main, folder):
    before = everything(folder / "main.cf")
    result = main(parameters={"a": 1, "mynetworks": ["x", "y"], "gone": None})
    assert (result["changed"], result["changed_parameters"], result["diff"]) == (False, [], [])
    assert not result["reload_needed"]
    assert everything(folder / "main.cf") == before
    assert os.listdir(folder) == ["main.cf"]


CHANGES = {
    "present": {"parameters": {"a": 2, "b": [1, 2]}},
    "absent": {"parameters": {"a": None}, "state": "absent"},
    "commented": {"parameters": {"mynetworks": None}, "state": "commented"},
    "exclusive": {"parameters": {"b": "x"}, "exclusive": True},
    "mode": {"parameters": {"a": 1}, "mode": "0600"},
    "mode and value": {"parameters": {"a": 2}, "mode": "0600"},
}


@pytest.mark.parametrize("arguments", CHANGES.values(), ids=CHANGES)
def test_check_mode_says_what_the_run_does(main, folder, arguments):
    before = everything(folder / "main.cf")
    predicted = main(check=True, **arguments)
    assert everything(folder / "main.cf") == before
    result = main(**arguments)
    assert result["changed"]
    assert everything(folder / "main.cf") != before
    for key in ("changed", "diff", "changed_parameters", "reload_needed", "restart_needed"):
        assert predicted[key] == result[key]
    again = main(**arguments)
    assert not again["changed"]
    assert again["diff"] == []


def test_the_diff_is_the_file_before_and_after(main, folder):
    [diff] = main(parameters={"a": 2})["diff"]
    assert diff["before_header"] == diff["after_header"] == str(folder / "main.cf")
    assert diff["before"] == BEFORE.decode()
    assert diff["after"] == (folder / "main.cf").read_text()


def test_the_mode_stays(main, folder):
    main(parameters={"a": 2})
    assert stat.S_IMODE((folder / "main.cf").stat().st_mode) == 0o640


def test_the_symlink_stays(main, folder, tmp_path):
    real = tmp_path / "real.cf"
    (folder / "main.cf").rename(real)
    (folder / "main.cf").symlink_to(real)
    main(parameters={"a": 2})
    assert (folder / "main.cf").is_symlink()
    assert b"a = 2" in real.read_bytes()


def test_a_backup_of_what_changed_and_of_nothing_else(main):
    assert "backup_file" not in main(parameters={"a": 1}, backup=True)
    result = main(parameters={"a": 2}, backup=True)
    with open(result["backup_file"], "rb") as file:
        assert file.read() == BEFORE


def test_a_backup_of_a_secret_is_one_from_the_start(main, folder, monkeypatch):
    (folder / "main.cf").chmod(0o600)
    seen = []

    def copystat(source, target, **given):
        seen.append(os.stat(target).st_mode & 0o777)
        real(source, target, **given)

    real = shutil.copystat
    monkeypatch.setattr(shutil, "copystat", copystat)
    result = main(parameters={"a": 2}, backup=True)
    assert os.stat(result["backup_file"]).st_mode & 0o777 == 0o600
    assert seen == [0o600]


MODES = {"0600": 0o600, 0o600: 0o600, "u=rw,g=": 0o604, "o-r": 0o640}


@pytest.mark.parametrize("mode", MODES)
def test_the_mode_is_as_asked_in_whatever_letters(main, folder, mode):
    (folder / "main.cf").chmod(0o644)
    told = main(True, parameters={"a": 2}, mode=mode)
    done = main(parameters={"a": 2}, mode=mode)
    assert told["diff"] == done["diff"]
    assert (folder / "main.cf").stat().st_mode & 0o777 == MODES[mode]
    assert not main(parameters={"a": 2}, mode=mode)["changed"]


def test_the_baseline_is_for_a_file_that_is_not_there(main, folder, tmp_path):
    baseline = tmp_path / "baseline"
    baseline.write_text("# baseline\nc = 3\n")
    main(parameters={"a": 2}, baseline=str(baseline))
    assert b"baseline" not in (folder / "main.cf").read_bytes()
    (folder / "main.cf").unlink()
    main(parameters={"a": 2}, baseline=str(baseline))
    assert (folder / "main.cf").read_text() == "# baseline\nc = 3\na = 2\n"


@pytest.mark.parametrize(
    ("text", "arguments", "words", "place"),
    [
        (b"a = 1\nfoo bar\n", {"parameters": {"a": 2}}, "'='", (2, 5)),
        (b"a = \0\n", {"parameters": {"a": 2}}, "NUL", (1, 5)),
        (b"a=1\na=2\n", {"parameters": {"a": 3}, "on_duplicate": "fail"}, "lines 1, 2", (2, 1)),
        (b"", {"parameters": {"a b": 2}}, "no name", None),
        (b"", {"parameters": {"a": 2}, "state": "absent", "exclusive": True}, "exclusive", None),
    ],
)
def test_what_is_refused_leaves_the_file_alone(main, folder, text, arguments, words, place):
    (folder / "main.cf").write_bytes(text)
    before = everything(folder / "main.cf")
    result = main(**arguments)
    assert result["failed"]
    assert words in result["msg"]
    assert "Traceback" not in result["msg"]
    if place:
        assert (result["line"], result["column"]) == place
    assert everything(folder / "main.cf") == before
    assert os.listdir(folder) == ["main.cf"]


def test_a_folder_that_is_missing(run, tmp_path):
    missing = str(tmp_path / "missing")
    result = run(postfix_main.main, config_directory=missing, parameters={"a": 1})
    assert result["failed"]
    assert result["msg"].endswith(f"the directory {missing} does not exist; create it first")
    assert result["instead"] == "create it first"


def test_duplicates_are_warned_of(main, folder):
    (folder / "main.cf").write_bytes(b"a = 1\na = 2\n")
    assert "lines 1, 2" in main(parameters={"a": 2})["warnings"][0]
    result = main(parameters={"a": 2}, on_duplicate="remove")
    assert result["warnings"] == []
    assert (folder / "main.cf").read_bytes() == b"a = 2\n"


def test_restart_is_needed_for_what_a_reload_does_not_read(main):
    result = main(parameters={"inet_interfaces": "all"})
    assert (result["reload_needed"], result["restart_needed"]) == (True, True)
    result = main(parameters={"a": 2})
    assert (result["reload_needed"], result["restart_needed"]) == (True, False)


def test_a_restart_that_is_needed_is_noted_where_the_file_is_written(main):
    main(check=True, parameters={"inet_interfaces": "all"})
    main(parameters={"a": 2})
    assert main(parameters={"inet_interfaces": "all", "": 1})["failed"]
    assert not restart_notes.STATE.exists()
    main(parameters={"inet_interfaces": "all"})
    assert [path.name for path in (restart_notes.STATE / "restart").iterdir()]


def test_a_full_disk_is_said_and_leaves_all_as_it_was(main, folder, monkeypatch):
    before = (folder / "main.cf").read_bytes()
    write = os.write

    def fill(handle, data):
        if os.readlink(f"/proc/self/fd/{handle}").endswith("main.cf.tmp"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(handle, data)

    monkeypatch.setattr(os, "write", fill)
    result = main(parameters={"a": 2})
    assert "No space left on device" in result["msg"]
    assert "exception" not in result
    assert (folder / "main.cf").read_bytes() == before
    assert not (folder / "main.cf.tmp").exists()


def test_what_the_system_refuses_is_no_traceback(main, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(errno.EROFS, os.strerror(errno.EROFS), "/etc/postfix/main.cf.tmp")

    monkeypatch.setattr(os, "rename", refuse)
    result = main(parameters={"a": 2})
    assert "cannot be changed (/etc/postfix/main.cf.tmp: Read-only file system)" in result["msg"]
