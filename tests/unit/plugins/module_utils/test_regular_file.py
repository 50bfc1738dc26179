"""What is no regular file is said at once, and never waited for."""

import os
import socket

import pytest

from ansible_collections.labs.mail.plugins.module_utils._regular_file import open_regular


def fifo(path):
    os.mkfifo(path)


def listening(path):
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.close()


def device(path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("put", "words"), [(fifo, "a FIFO"), (listening, "a socket"), (device, "a device")]
)
def test_what_is_no_file_is_said(tmp_path, put, words):
    put(tmp_path / "main.cf")
    with pytest.raises(OSError, match=f"{words}, where a file must be"):
        open_regular(str(tmp_path / "main.cf"))


def test_a_directory_and_a_missing_file_are_said_as_open_says_them(tmp_path):
    with pytest.raises(IsADirectoryError):
        open_regular(str(tmp_path))
    with pytest.raises(FileNotFoundError):
        open_regular(str(tmp_path / "none"))


def test_a_file_is_read_by_any_of_its_names(tmp_path):
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to("file")
    for name in ("file", "link"):
        with open_regular(str(tmp_path / name)) as file:
            assert file.read() == b"text"
