"""dpkg's database in a folder."""

import pytest

from ansible_collections.labs.mail.plugins.module_utils._system.dpkg import md5_of, packaged


@pytest.fixture
def root(tmp_path):
    info = tmp_path / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    (info / "dash.md5sums").write_text("aaa  bin/dash\nbbb  usr/share/doc/dash/copyright\n")
    (info / "libc6:amd64.md5sums").write_text("ccc  lib/x86_64-linux-gnu/libc.so.6\n")
    (tmp_path / "usr/bin").mkdir(parents=True)
    return tmp_path


def test_files_by_their_packages(root):
    (root / "bin").symlink_to("usr/bin")
    assert packaged(str(root)) == {
        "/usr/bin/dash": ("dash", "aaa"),
        "/usr/share/doc/dash/copyright": ("dash", "bbb"),
        "/lib/x86_64-linux-gnu/libc.so.6": ("libc6:amd64", "ccc"),
    }


def test_a_file_that_was_diverted_is_not_its_packages(root):
    (root / "var/lib/dpkg/diversions").write_text("/bin/dash\n/bin/dash.real\nother\n")
    assert "/bin/dash" not in packaged(str(root))


def test_the_digest_that_dpkg_knows(tmp_path):
    (tmp_path / "x").write_bytes(b"")
    assert md5_of(str(tmp_path / "x")) == "d41d8cd98f00b204e9800998ecf8427e"
