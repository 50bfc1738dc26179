from __future__ import annotations

import os
import stat

import pytest

from ansible_collections.labs.mail.plugins.modules import file_set


@pytest.fixture
def top(tmp_path, monkeypatch):
    """A folder with one of each kind of thing in it."""
    top = tmp_path / "top"
    (top / "folder").mkdir(parents=True)
    (top / "folder" / "inside").write_text("kept\n")
    (top / "file").write_text("old\n")
    (top / "file").chmod(0o640)
    (top / "link").symlink_to("file")
    (top / "folder-link").symlink_to("folder")
    return top


@pytest.fixture
def bring(run, top):
    """Run the module on files below the folder."""

    def bring(*asked, check=False):
        below = [{**each, "path": str(top / each["path"])} for each in asked]
        return run(file_set.main, check, files=below)

    return bring


def everything(top):
    """All that is below a folder: kinds, contents, modes, and what tells a touched file."""
    found = {}
    for path in sorted(top.rglob("*")):
        status = path.lstat()
        if path.is_symlink():
            found[path.name] = os.readlink(path)
        elif path.is_dir():
            found[path.name] = stat.S_IMODE(status.st_mode)
        else:
            mode = stat.S_IMODE(status.st_mode)
            found[path.name] = (path.read_text(), mode, status.st_ino, status.st_mtime_ns)
    return found


def content(path):
    return path.read_text()


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


CHANGES = {
    # what is asked, what is looked at then, and what that must be
    "new file": ({"path": "new", "content": "x\n"}, content, "x\n"),
    "new file's mode": ({"path": "new", "content": ""}, mode, 0o644),
    "secret": ({"path": "new", "content": "x", "mode": "0600"}, mode, 0o600),
    "content": ({"path": "file", "content": "new\n"}, content, "new\n"),
    "content, mode kept": ({"path": "file", "content": "new\n"}, mode, 0o640),
    "mode": ({"path": "file", "content": "old\n", "mode": "0600"}, mode, 0o600),
    "through a link": ({"path": "link", "content": "new\n"}, os.path.islink, True),
    "new link": ({"path": "new", "link": "file"}, os.readlink, "file"),
    "other link": ({"path": "link", "link": "/dev/null"}, os.readlink, "/dev/null"),
    "link for a file": ({"path": "file", "link": "folder"}, os.readlink, "folder"),
    "dangling link": ({"path": "new", "link": "nowhere"}, os.readlink, "nowhere"),
    "folder": ({"path": "new/below", "state": "directory"}, mode, 0o755),
    "folder's mode": ({"path": "folder", "state": "directory", "mode": "0700"}, mode, 0o700),
    "no file": ({"path": "file", "state": "absent"}, os.path.lexists, False),
    "no link": ({"path": "link", "state": "absent"}, os.path.lexists, False),
    "no folder": ({"path": "folder", "state": "absent"}, os.path.lexists, False),
}


@pytest.mark.parametrize(("asked", "look", "wanted"), CHANGES.values(), ids=CHANGES)
def test_a_file_is_brought_to_its_state_as_check_mode_said(bring, top, asked, look, wanted):
    before = everything(top)
    predicted = bring(asked, check=True)
    assert everything(top) == before
    result = bring(asked)
    assert result == predicted
    assert result["changed"]
    assert result["changed_paths"] == [str(top / asked["path"])]
    assert result["diff"]
    assert look(top / asked["path"]) == wanted
    after = everything(top)
    again = bring(asked)
    assert (again["changed"], again["changed_paths"], again["diff"]) == (False, [], [])
    assert everything(top) == after


SAME = {
    "content": {"path": "file", "content": "old\n"},
    "mode": {"path": "file", "content": "old\n", "mode": "0640"},
    "through a link": {"path": "link", "content": "old\n"},
    "link": {"path": "link", "link": "file"},
    "folder": {"path": "folder", "state": "directory"},
    "folder by a link": {"path": "folder-link", "state": "directory"},
    "absent": {"path": "new", "state": "absent"},
}


@pytest.mark.parametrize("asked", SAME.values(), ids=SAME)
def test_what_is_as_asked_is_not_touched(bring, top, asked):
    before = everything(top)
    result = bring(asked)
    assert (result["changed"], result["changed_paths"], result["diff"]) == (False, [], [])
    assert everything(top) == before


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_purged_folder_keeps_what_other_entries_name(bring, top, slash):
    asked = (
        {"path": "folder/new", "content": "x\n"},
        {"path": f"folder{slash}", "state": "directory", "purge": True},
        {"path": "folder/deep/down", "content": "x\n"},
    )
    (top / "folder" / "deep").mkdir()
    (top / "folder" / "deep" / "sibling").write_text("kept\n")
    (top / "folder" / "out").symlink_to(top / "file")
    (top / "folder" / "below").mkdir()
    before = everything(top)
    predicted = bring(*asked, check=True)
    assert everything(top) == before
    result = bring(*asked)
    assert result == predicted
    gone = [str(top / "folder" / name) for name in ("below", "inside", "out")]
    assert [path for path in result["changed_paths"] if path in gone] == gone
    assert sorted(path.name for path in (top / "folder").iterdir()) == ["deep", "new"]
    assert content(top / "folder" / "deep" / "sibling") == "kept\n"
    assert content(top / "file") == "old\n"
    assert not bring(*asked)["changed"]


def test_a_folder_that_is_not_purged_keeps_all(bring, top):
    assert not bring({"path": "folder", "state": "directory", "purge": False})["changed"]


def test_a_link_goes_and_what_it_points_to_stays(bring, top):
    bring({"path": "link", "state": "absent"}, {"path": "folder-link", "state": "absent"})
    assert content(top / "file") == "old\n"
    assert content(top / "folder" / "inside") == "kept\n"


def test_a_link_that_changes_never_changes_what_it_pointed_to(bring, top):
    bring({"path": "link", "link": "folder"})
    assert content(top / "file") == "old\n"


@pytest.mark.parametrize(
    ("asked", "wanted"), [({"content": "x"}, 0o644), ({"state": "directory"}, 0o755)]
)
def test_the_umask_of_whoever_runs_it_does_not_count(bring, top, asked, wanted):
    umask = os.umask(0o077)
    try:
        bring({"path": "new", **asked})
    finally:
        os.umask(umask)
    assert mode(top / "new") == wanted


def test_a_folder_may_be_written_with_a_slash_behind_it(run, top):
    umask = os.umask(0o077)
    try:
        result = run(file_set.main, files=[{"path": f"{top}/new/below/", "state": "directory"}])
    finally:
        os.umask(umask)
    assert result["changed"]
    assert [mode(top / "new"), mode(top / "new" / "below")] == [0o755, 0o755]


def test_files_are_brought_to_their_state_in_order(bring, top):
    asked = [
        {"path": "folder", "state": "absent"},
        {"path": "folder", "state": "directory"},
        {"path": "folder/inside", "content": "new\n"},
        {"path": "file", "content": "old\n"},
    ]
    result = bring(*asked)
    assert result["changed_paths"] == [str(top / each["path"]) for each in asked[:3]]
    assert content(top / "folder" / "inside") == "new\n"


REFUSED = {
    "folder for a file": (
        {"path": "folder", "content": "x"},
        "is a directory, where a file must be",
    ),
    "folder for a link": ({"path": "folder", "link": "x"}, "is a directory, where a link must be"),
    "file for a folder": ({"path": "file", "state": "directory"}, "is a file, where a directory"),
    "nothing": ({"path": "new"}, "content, link"),
    "both": ({"path": "new", "content": "x", "link": "x"}, "mutually exclusive: content|link"),
}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("asked", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_in_the_way_is_said_and_stays(bring, top, asked, words, check):
    before = everything(top)
    result = bring(asked, check=check)
    assert result["failed"]
    assert words in result["msg"]
    assert everything(top) == before


LACKING = {
    "file": {"path": "no/such", "content": "x"},
    "link": {"path": "no/such", "link": "x"},
    "folder": {"path": "file/below", "state": "directory"},
    "file below a file": {"path": "file/below/that", "content": "x"},
}


@pytest.mark.parametrize("asked", LACKING.values(), ids=LACKING)
def test_what_the_system_refuses_is_no_traceback(bring, top, asked):
    before = everything(top)
    result = bring(asked)
    assert result["failed"]
    assert str(top / asked["path"]) in result["msg"]
    assert "Traceback" not in str(result)
    assert everything(top) == before


def test_a_path_is_absolute(run):
    result = run(file_set.main, files=[{"path": "here", "content": "x"}])
    assert result["failed"]
    assert "is not an absolute path" in result["msg"]


def test_what_was_done_before_a_mistake_is_told(bring, top):
    result = bring({"path": "new", "content": "x"}, {"path": "folder", "content": "x"})
    assert result["failed"]
    assert result["changed_paths"] == [str(top / "new")]
