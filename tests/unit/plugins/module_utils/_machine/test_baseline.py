"""A machine in a folder: kept, changed in any way, and laid down again."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._machine import baseline
from ansible_collections.labs.mail.plugins.module_utils._machine.tree import FOLDER, tree

CURL = b"a program"


def make(root: Path) -> None:
    """Make a small machine."""
    for folder in ("etc/cron.d", "usr/bin", "var/lib/dpkg/info", "var/log", "root", "home/tech"):
        (root / folder).mkdir(parents=True)
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    (root / "etc/cron.d/daily").write_text("# nothing\n")
    (root / "etc/localtime").symlink_to("/usr/share/zoneinfo/UTC")
    (root / "usr/bin/curl").write_bytes(CURL)
    (root / "var/log/syslog").write_text("a line\n")
    (root / "root/.bashrc").write_text("alias ll='ls -l'\n")
    digest = hashlib.md5(CURL, usedforsecurity=False).hexdigest()
    (root / "var/lib/dpkg/info/curl.md5sums").write_text(f"{digest}  usr/bin/curl\n")


@pytest.fixture
def root(tmp_path):
    make(tmp_path)
    return tmp_path


def plan_of(root):
    return baseline.compare(baseline.saved(str(root)), tree(str(root)), str(root))


def content(root):
    """What a machine holds, without what is not looked at."""
    return {
        path: (each.kind, each.mode, each.target)
        + ((Path(f"{root}{path}").read_bytes(),) if each.kind == "f" else ())
        for path, each in tree(str(root)).items()
        if not path.startswith("/var/lib/labs.mail")
    }


def test_nothing_is_to_be_done_where_nothing_was(root):
    baseline.save({"units": []}, str(root))
    assert not plan_of(root).differs
    assert baseline.saved(str(root)).more == {"units": []}


def test_a_machine_of_which_nothing_was_kept(root):
    assert baseline.saved(str(root)) is None


def test_what_was_kept_is_for_root_alone(root):
    baseline.save({}, str(root))
    assert (root / FOLDER.lstrip("/")).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"", b"x", b"\x1f\x8b\x08\x00nonsense"])
def test_a_damaged_list_is_said_with_its_path(root, damage):
    baseline.save({}, str(root))
    listing = root / FOLDER.lstrip("/") / baseline.LIST
    listing.write_bytes(damage)
    with pytest.raises(ConfigError, match="recreate the machine") as raised:
        baseline.saved(str(root))
    assert raised.value.path == str(listing)


def emptied(root):
    (root / "etc/hosts").write_text("")


def folder_for_a_file(root):
    (root / "etc/hosts").unlink()
    (root / "etc/hosts/deep").mkdir(parents=True)
    (root / "etc/hosts/deep/x").write_text("x")


def file_for_a_folder(root):
    shutil.rmtree(root / "etc/cron.d")
    (root / "etc/cron.d").write_text("x")


def link_for_a_folder(root):
    (root / "etc/cron.d").rename(root / "root/cron.d")
    (root / "etc/cron.d").symlink_to("/root/cron.d")


def all_gone(root):
    shutil.rmtree(root / "etc")


def modes(root):
    (root / "etc").chmod(0o777)
    (root / "etc/hosts").chmod(0o600)


def same_size_and_time(root):
    path = root / "etc/hosts"
    before = path.stat()
    path.write_text(path.read_text().replace("1", "2"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def link_elsewhere(root):
    (root / "etc/localtime").unlink()
    (root / "etc/localtime").symlink_to("/nowhere")


def more(root):
    (root / "opt/x/y").mkdir(parents=True)
    (root / "opt/x/y/z").write_text("z")
    (root / "etc/more").symlink_to("hosts")
    os.mkfifo(root / "etc/pipe")


DAMAGE = [
    emptied, folder_for_a_file, file_for_a_folder, link_for_a_folder, all_gone, modes,
    same_size_and_time, link_elsewhere, more,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_was_done_to_files_is_undone(root, damage):
    before = content(root)
    kept = baseline.save({}, str(root))
    damage(root)
    plan = plan_of(root)
    assert plan.differs
    assert not plan.packages
    baseline.lay_down(plan, kept, str(root))
    after = {path: each for path, each in content(root).items() if path != "/root/cron.d/daily"}
    after.pop("/root/cron.d", None)
    assert after == before
    assert not plan_of(root).differs


@pytest.mark.parametrize("damage", ["replaced", "gone", "a folder"])
def test_what_a_package_brought_is_fetched_with_it(root, damage):
    baseline.save({}, str(root))
    program = root / "usr/bin/curl"
    program.unlink()
    if damage == "replaced":
        program.write_bytes(CURL[::-1])
    if damage == "a folder":
        program.mkdir()
    assert plan_of(root).packages == ["curl"]


def test_what_a_package_brought_and_was_only_written_anew_is_not_fetched(root):
    baseline.save({}, str(root))
    (root / "usr/bin/curl").write_bytes(CURL)
    assert not plan_of(root).packages


def test_homes_and_logs_and_new_files_of_the_administrator_stay(root):
    baseline.save({}, str(root))
    (root / "home/tech/work").write_text("mine")
    (root / "root/notes").write_text("mine")
    (root / "var/log/syslog").write_text("another line\n")
    assert not plan_of(root).differs


def test_new_logs_go(root):
    baseline.save({}, str(root))
    (root / "var/log/mail.log").write_text("a line\n")
    assert plan_of(root).remove == ["/var/log/mail.log"]


PATHS = st.sampled_from(
    [
        "etc",
        "etc/hosts",
        "etc/cron.d",
        "etc/cron.d/daily",
        "etc/new",
        "etc/cron.d/new",
        "opt",
        "srv",
    ]
)
ACTS = st.sampled_from(["remove", "folder", "file", "link", "mode"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ACTS, PATHS), max_size=8))
def test_any_acts_are_undone(tmp_path_factory, acts):
    root = tmp_path_factory.mktemp("machine")
    make(root)
    before = content(root)
    kept = baseline.save({}, str(root))
    for act, name in acts:
        path = root / name
        if not path.parent.is_dir() or path.parent.is_symlink():
            continue
        if act == "mode":
            if path.exists() and not path.is_symlink():
                path.chmod(0o711)
            continue
        if os.path.lexists(path):
            baseline.remove(str(path))
        if act == "folder":
            path.mkdir()
        elif act == "file":
            path.write_text(act)
        elif act == "link":
            path.symlink_to("/root")
    baseline.lay_down(plan_of(root), kept, str(root))
    assert content(root) == before
