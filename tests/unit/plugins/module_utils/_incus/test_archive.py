"""Files of a machine become an archive and come back, over a server of SFTP."""

from __future__ import annotations

import io
import socket
import tarfile
import threading

import pytest

from ansible_collections.labs.mail.plugins.module_utils._incus import archive
from ansible_collections.labs.mail.plugins.module_utils._incus.sftp import NoFileError, Sftp
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from tests.support.fake_sftp import Server


@pytest.fixture
def sftp(tmp_path):
    ours, theirs = socket.socketpair()
    threading.Thread(target=Server(theirs, tmp_path).serve, daemon=True).start()
    with ours, theirs:
        yield Sftp(ours)


@pytest.fixture
def tree(tmp_path):
    top = tmp_path / "home" / "élève"
    top.mkdir(parents=True)
    (top / "large").write_bytes(bytes(range(256)) * 400)
    (top / "empty").write_bytes(b"")
    (top / "link").symlink_to("../nowhere")
    (top / "secret").write_text("x")
    (top / "secret").chmod(0o600)
    for number in range(5):
        (top / f"many{number}").write_text(f"{number}")
    return top


def packed(sftp, top="/home"):
    file = io.BytesIO()
    archive.pack(sftp, top, file)
    file.seek(0)
    return file


def test_all_of_a_directory_comes_back(sftp, tree, tmp_path):
    file = packed(sftp)
    with tarfile.open(fileobj=file) as archived:
        names = archived.getnames()
    assert names[:2] == ["home", "home/élève"]
    file.seek(0)
    (tmp_path / "copy").mkdir()
    archive.unpack(sftp, file, "/copy")
    copy = tmp_path / "copy" / "home" / "élève"
    assert sorted(path.name for path in copy.iterdir()) == sorted(
        path.name for path in tree.iterdir()
    )
    assert (copy / "large").read_bytes() == (tree / "large").read_bytes()
    assert (copy / "empty").read_bytes() == b""
    assert (copy / "link").readlink() == (tree / "link").readlink()
    assert (copy / "secret").stat().st_mode & 0o777 == 0o600


def test_what_is_in_the_way_goes(sftp, tree, tmp_path):
    file = packed(sftp)
    large = tree / "large"
    large.unlink()
    (large / "deep" / "er").mkdir(parents=True)
    (large / "deep" / "file").write_text("x")
    archive.unpack(sftp, file, "/")
    assert large.read_bytes() == bytes(range(256)) * 400


def test_a_link_is_never_followed(sftp, tree, tmp_path):
    file = packed(sftp)
    (tmp_path / "etc").write_text("the machine's\n")
    (tree / "secret").unlink()
    (tree / "secret").symlink_to("../../etc")
    archive.unpack(sftp, file, "/")
    assert (tmp_path / "etc").read_text() == "the machine's\n"
    assert (tree / "secret").read_text() == "x"


def test_what_is_not_there_and_what_is_too_large_is_said(sftp, tree):
    with pytest.raises(NoFileError, match="/nothing"):
        packed(sftp, "/nothing")
    with pytest.raises(EngineError, match="large has more than 1000 bytes"):
        sftp.read("/home/élève/large", 1000)
    assert not sftp.exists("/nothing")


def test_modes_that_sftp_leaves_out_are_told():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as made:
        for name, mode in (("mail", 0o2775), ("plain", 0o644)):
            entry = tarfile.TarInfo(name)
            entry.mode = mode
            made.addfile(entry)
    assert archive.special_modes(file, "/var") == {0o2775: ["/var/mail"]}
