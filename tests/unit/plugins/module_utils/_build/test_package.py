from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._build import package
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

SHA256 = "cf04af86dc085268c5f4470fbae49b18afbc221b78096aab842d934a76bad0ab"
KEY = "0123456789abcdef"

ASKED = {
    "name": "hello-from-source",
    "state": "present",
    "source": {"package": "hello", "version": "", "archive": None, "sha256": ""},
    "build_packages": [],
    "environment": {},
    "commands": ["make install"],
    "files": {},
    "depends": [],
    "conflicts": [],
    "provides": [],
    "scripts": {},
    "timeout": 3600,
}

ARCHIVE = {"package": None, "version": "", "archive": "hello-1.tar.gz", "sha256": SHA256}


def asked(**options):
    return {**ASKED, **options}


def digest(*, release="debian 12", architecture="amd64", **options):
    return package.digest(asked(**options), release, architecture)


@pytest.mark.parametrize(
    "options",
    [
        {"name": "goodbye-from-source"},
        {"source": {**ASKED["source"], "package": "goodbye"}},
        {"source": {**ASKED["source"], "version": "2"}},
        {"source": {**ASKED["source"], "sha256": SHA256}},
        {"source": ARCHIVE},
        {"build_packages": ["libdb-dev"]},
        {"environment": {"CFLAGS": "-O0"}},
        {"commands": ["make", "make install"]},
        {"files": {"/etc/hello": "x"}},
        {"depends": ["netbase"]},
        {"conflicts": ["hello"]},
        {"provides": ["hello"]},
        {"scripts": {"postinst": "true"}},
        {"release": "debian 13"},
        {"architecture": "arm64"},
    ],
)
def test_all_that_determines_the_package_is_in_the_digest(options):
    assert digest(**options) != digest()


@pytest.mark.parametrize("options", [{"timeout": 60}, {"share": False}, {"built": "/tmp/x.deb"}])
def test_what_does_not_determine_the_package_is_not_in_the_digest(options):
    assert digest(**options) == digest()


def test_where_an_archive_lies_is_not_in_the_digest_but_what_it_holds_is():
    moved = {**ARCHIVE, "archive": "https://example.org/hello-1.tar.gz"}
    other = {**ARCHIVE, "sha256": SHA256[::-1]}
    assert digest(source=ARCHIVE) == digest(source=moved)
    assert digest(source=ARCHIVE) != digest(source=other)


def test_the_file_of_a_package_has_a_name_that_the_controller_takes():
    name = package.deb_name("uw-imap2.0+x", digest())
    assert package.FILE_NAME.fullmatch(name)


@pytest.mark.parametrize(
    "name", ["../x_0123456789abcdef.deb", "x_0123456789abcdef.deb\n", "x.deb", "x_0123.deb", ""]
)
def test_no_other_name_is_taken_from_a_machine(name):
    assert not package.FILE_NAME.fullmatch(name)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"source": None}, "source: write where it comes from"),
        ({"source": {**ASKED["source"], "package": None}}, "source: write where it comes from"),
        ({"name": "Hello"}, "'Hello' is no name of a Debian package: write lower-case"),
        ({"name": "x"}, "is no name"),
        ({"source": {**ARCHIVE, "sha256": ""}}, "sha256 lacks: .* for hello-1.tar.gz"),
        ({"source": {**ARCHIVE, "sha256": "abc"}}, "'abc' is not a SHA-256 checksum: write"),
        ({"source": {**ARCHIVE, "sha256": SHA256.upper()}}, "in lower case"),
        ({"files": {"etc/x": ""}}, "'etc/x' is not an absolute path"),
        ({"files": {"/etc/../../x": ""}}, "is not an absolute path"),
    ],
)
def test_what_cannot_be_built_is_refused(options, words):
    with pytest.raises(ConfigError, match=words):
        package.check(asked(**options))


@pytest.mark.parametrize("options", [{}, {"source": ARCHIVE}, {"source": None, "state": "absent"}])
def test_what_can_be_built_is_not_refused(options):
    package.check(asked(**options))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('PRETTY_NAME="Debian"\nVERSION_ID="12"\nID=debian\n', "debian 12"),
        ("ID=ubuntu\nVERSION_ID='24.04'\n", "ubuntu 24.04"),
        ("ID=debian\n", "debian "),
    ],
)
def test_the_release(text, name):
    assert package.release(text) == name


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("postfix-3.9.1.tar.gz", "3.9.1"),
        ("postfix_3.7.11.orig.tar.gz", "3.7.11"),
        ("imap-2007f.tar.Z", "2007f"),
        ("imap-2007f.tgz", "2007f"),
        ("uw-imap_2007f~dfsg.orig.tar.gz", "2007f~dfsg"),
        ("x-v1.0_rc1.tar", "1.0.rc1"),
        ("master.tar.gz", "0"),
        ("notes.txt", "0"),
    ],
)
def test_the_version_in_the_name_of_an_archive(name, version):
    assert package.version_in(name) == version


def test_the_version_of_the_package_begins_with_the_source_s_and_ends_with_the_digest():
    assert package.deb_version("8:2007f~dfsg-7", KEY) == f"2007f~dfsg-7+{KEY}"


@pytest.mark.parametrize(
    ("status", "installed"),
    [
        (f"ii 1+{KEY}", True),
        (f"ii 1+{KEY}\n", True),
        ("", False),
        (f"rc 1+{KEY}", False),
        (f"iF 1+{KEY}", False),
        (f"iHR1+{KEY}", False),
        ("ii 1+fedcba9876543210", False),
        (f"ii 1{KEY}", False),
    ],
)
def test_whether_it_is_installed(status, installed):
    assert package.is_installed(status, KEY) is installed


@pytest.mark.parametrize(
    ("verification", "damaged"),
    [
        ("", []),
        ("??5??????   /usr/sbin/postfix\n", ["/usr/sbin/postfix"]),
        ("missing     /usr/sbin/postfix\n", ["/usr/sbin/postfix"]),
        ("??5?????? c /etc/postfix/x\nmissing   c /etc/y\n", []),
        ("missing     /usr/share/man/man1/x.1\nmissing     /usr/share/doc/x\n", []),
        ("missing     /usr/share/x\n", ["/usr/share/x"]),
    ],
)
def test_what_is_damaged(verification, damaged):
    assert package.damage(verification) == damaged


def test_the_control_file():
    wanted = asked(depends=["netbase"], conflicts=["hello", "hi"], provides=["greeting"])
    text = package.control(wanted, "1+x", "amd64", "shlibs:Depends=libc6 (>= 2.34), libdb5.3\n")
    assert "Package: hello-from-source\nVersion: 1+x\nArchitecture: amd64\n" in text
    assert "Depends: libc6 (>= 2.34), libdb5.3, netbase\n" in text
    assert "Conflicts: hello, hi\nReplaces: hello, hi\nProvides: greeting\n" in text
    assert "Depends" not in package.control(ASKED, "1+x", "all", "")
