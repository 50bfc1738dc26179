from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._build.apt_sources import (
    SourceFile,
    options,
    source_files,
    source_lists,
)

MIRROR = "http://deb.debian.org/debian"
SIGNED = "[arch=amd64 signed-by=/usr/share/keyrings/x.gpg]"

LISTS = {
    # name of the list: what it holds, what its sources are
    "one.list": (
        f"# Debian\ndeb {MIRROR} bookworm main\n",
        f"deb-src {MIRROR} bookworm main\n",
    ),
    "options.list": (
        f"deb {SIGNED}\t{MIRROR} bookworm main contrib # x\n",
        f"deb-src {SIGNED}\t{MIRROR} bookworm main contrib # x\n",
    ),
    "both.list": (
        f"deb {MIRROR} bookworm main\n  deb-src {MIRROR} bookworm main\n",
        f"deb-src {MIRROR} bookworm main\n",
    ),
    "off.list": (f"#deb {MIRROR} bookworm main\n\ndebian is not a type\n", ""),
    "new.sources": (
        f"# Debian\nTypes: deb\nURIs: {MIRROR}\nSuites: trixie trixie-updates\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
        "types: deb deb-src\nURIs: http://security.debian.org/debian-security\nEnabled: no\n",
        f"# Debian\nTypes: deb-src\nURIs: {MIRROR}\nSuites: trixie trixie-updates\n"
        "Components: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
        "Types: deb-src\nURIs: http://security.debian.org/debian-security\nEnabled: no\n",
    ),
    "folded.sources": (
        "Types:\n deb\n# why\n deb-src\nURIs:\n http://a\n http://b\n",
        "Types: deb-src\n# why\nURIs:\n http://a\n http://b\n",
    ),
    "key.sources": (
        "Types: deb\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n Types: deb\n",
        "Types: deb-src\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n Types: deb\n",
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_the_same_archives_sources(name):
    held, sources = LISTS[name]
    assert source_lists({name: held}) == {name: sources}


@given(st.text(), st.sampled_from(["a.list", "a.sources"]))
def test_sources_of_sources_are_the_same_and_no_binary_is_left(text, name):
    once = source_lists({name: text})
    assert source_lists(once) == once
    types = [
        line for line in once[name].splitlines() if line.lower().startswith(("deb ", "types:"))
    ]
    assert set(types) <= {"Types: deb-src"}


def test_apt_is_kept_to_the_folder():
    text = " ".join(options("/folder"))
    assert "Dir::Etc::SourceList=/dev/null" in text
    assert "Dir::Etc::SourceParts=/folder/sources.list.d" in text
    assert "Dir::State::Lists=/folder/lists" in text


POSTFIX = """\
Package: postfix
Version: 3.7.11-0+deb12u1
Files:
 91f4b1a3dcc37c5475d4ea2fe3f5eccb 3018 postfix_3.7.11-0+deb12u1.dsc
 91aad8d04381bbddfa423266a53284e9 4845162 postfix_3.7.11.orig.tar.gz
Checksums-Sha256:
 7d42 3018 postfix_3.7.11-0+deb12u1.dsc
 8451 4845162 postfix_3.7.11.orig.tar.gz
 aec1 220 postfix_3.7.11.orig.tar.gz.asc
 e47b 199088 postfix_3.7.11-0+deb12u1.debian.tar.xz
Homepage: https://www.postfix.org
"""

PRINTED = {
    "one version": (
        POSTFIX,
        [SourceFile("3.7.11-0+deb12u1", "postfix_3.7.11.orig.tar.gz", "8451")],
    ),
    "two versions": (
        POSTFIX + "\n" + POSTFIX.replace("3.7.11", "3.7.12").replace("8451", "9451"),
        [
            SourceFile("3.7.11-0+deb12u1", "postfix_3.7.11.orig.tar.gz", "8451"),
            SourceFile("3.7.12-0+deb12u1", "postfix_3.7.12.orig.tar.gz", "9451"),
        ],
    ),
    "more archives": (
        "Version: 2\nChecksums-Sha256:\n aa 1 x_2.orig-doc.tar.xz\n bb 1 x_2.orig.tar.bz2\n",
        [SourceFile("2", "x_2.orig.tar.bz2", "bb")],
    ),
    "a native package": (
        "Version: 1.2\nChecksums-Sha256:\n cc 1 x_1.2.dsc\n dd 1 x_1.2.tar.xz\n",
        [SourceFile("1.2", "x_1.2.tar.xz", "dd")],
    ),
    "nothing": ("", []),
    "no checksums": ("Version: 1\nFiles:\n aa 1 x_1.tar.gz\n", []),
    "no archive": ("Version: 1\nChecksums-Sha256:\n aa 1 x_1.dsc\n", []),
}


@pytest.mark.parametrize("name", PRINTED)
def test_versions_of_a_source_package(name):
    printed, files = PRINTED[name]
    assert source_files(printed) == files
