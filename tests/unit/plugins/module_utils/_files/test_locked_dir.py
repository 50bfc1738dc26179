"""A folder in which one run at a time works, and which is gone afterwards."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.locked_dir import work_folder


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / ".t.new")


@pytest.fixture
def other_run(path):
    """Another process that holds the folder until its standard input ends."""
    script = (
        "import sys\n"
        "from ansible_collections.labs.mail.plugins.module_utils._files.locked_dir "
        "import work_folder\n"
        f"with work_folder({path!r}) as folder:\n"
        "    open(folder + '/half', 'w').close()\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_it_is_for_this_user_alone_and_gone_afterwards(path):
    before = os.umask(0)
    try:
        with work_folder(path) as folder:
            assert folder == path
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o700
            os.makedirs(path + "/a/b")
    finally:
        os.umask(before)
    assert not os.path.exists(path)


def test_it_is_gone_after_a_failure(path):
    with pytest.raises(ZeroDivisionError), work_folder(path):
        raise ZeroDivisionError
    assert not os.path.exists(path)


def test_what_a_killed_run_left_is_removed(path, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    os.makedirs(path + "/a", mode=0o755)
    os.symlink(kept, path + "/link")
    with open(path + "/half", "w"):
        pass
    with work_folder(path):
        assert os.listdir(path) == []
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o700
    assert kept.is_dir()


def test_a_killed_run_holds_nothing(path, other_run):
    other_run.kill()
    other_run.wait()
    assert os.path.exists(path + "/half")
    with work_folder(path, timeout=0):
        assert os.listdir(path) == []


def test_one_waits_for_the_other(path, other_run):
    entered = threading.Event()

    def enter():
        with work_folder(path):
            assert os.listdir(path) == []
            entered.set()

    thread = threading.Thread(target=enter)
    thread.start()
    assert not entered.wait(0.2)
    other_run.stdin.close()
    thread.join(10)
    assert entered.is_set()
    assert not os.path.exists(path)


def test_one_does_not_wait_for_ever(path, other_run):
    with pytest.raises(ConfigError, match="another run holds") as raised, work_folder(path, 0):
        pass
    assert raised.value.path == path
    assert os.path.exists(path + "/half")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_another_users_folder_is_refused(path):
    os.mkdir(path)
    os.chown(path, 12, 34)
    with pytest.raises(ConfigError, match="another user"), work_folder(path):
        pass
    assert os.path.isdir(path)


def test_a_symlink_is_not_followed(path, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    os.symlink(kept, path)
    with pytest.raises(OSError), work_folder(path, 0):
        pass
    assert (kept / "file").exists()
