# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a package built from source is called, and what tells one build from another."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

FORMAT = 1
"""Part of every digest; counted up when the same data are to give another package."""

DETERMINING = (
    "name",
    "build_packages",
    "environment",
    "commands",
    "files",
    "depends",
    "conflicts",
    "provides",
    "scripts",
)
"""The module's options that determine what is built, beside the source."""

PACKAGE_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
SHA256 = re.compile(r"[0-9a-f]{64}")
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+_[0-9a-f]{16}\.deb")
"""What deb_name() returns."""


def check(asked: dict[str, Any]) -> None:
    """Refuse what cannot be built.

    :arg asked: the module's options.
    :raises ConfigError: no source, a name or checksum that is none, or a path that leads out of
        the package.
    """
    source = asked["source"] or {}
    if asked["state"] == "present" and not (source.get("package") or source.get("archive")):
        raise ConfigError("source: write where it comes from, as source.package or source.archive")
    if not PACKAGE_NAME.fullmatch(asked["name"]):
        raise ConfigError(
            f"name: {asked['name']!r} is no name of a Debian package: write lower-case letters, "
            "digits, + - and ."
        )
    if source.get("sha256") and not SHA256.fullmatch(source["sha256"]):
        raise ConfigError(
            f"source.sha256: {source['sha256']!r} is not a SHA-256 checksum: write the 64 "
            "hexadecimal digits in lower case that `sha256sum` prints"
        )
    if source.get("archive") and not source.get("sha256"):
        raise ConfigError(
            f"source.sha256 lacks: write what `sha256sum` prints for {source['archive']}"
        )
    for path in asked["files"]:
        if not path.startswith("/") or ".." in path.split("/"):
            raise ConfigError(
                f"files: {path!r} is not an absolute path", instead="write it from / on"
            )


def digest(asked: dict[str, Any], release: str, architecture: str) -> str:
    """Return 16 hexadecimal digits of all that determines the package.

    Where an archive lies does not matter, only what it holds. A Debian source package without a
    version or checksum is what the release had when it was built.
    """
    source = asked["source"]
    if source["archive"]:
        source = {"sha256": source["sha256"]}
    whole = {key: asked[key] for key in DETERMINING}
    whole |= {"source": source, "release": release, "architecture": architecture, "format": FORMAT}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]


def release(os_release: str) -> str:
    """Return the distribution and its release, such as ``debian 12``, from os-release(5)."""
    values = dict(re.findall(r"^(\w+)=[\"']?(.*?)[\"']?$", os_release, re.MULTILINE))
    return f"{values.get('ID', '')} {values.get('VERSION_ID', '')}"


def deb_name(name: str, key: str) -> str:
    """Return the file name of the package with this digest."""
    return f"{name}_{key}.deb"


def version_in(file_name: str) -> str:
    """Return the version that the name of an archive bears, or ``0``."""
    match = re.search(r"[-_]v?(\d[\w.+~]*?)(?:\.orig)?\.(?:tar\.\w+|tgz|tar)$", file_name)
    return match[1].replace("_", ".") if match else "0"


def deb_version(version: str, key: str) -> str:
    """Return the package's version: the source's, without an epoch, and the digest."""
    return f"{version.rpartition(':')[2]}+{key}"


def is_installed(status: str, key: str) -> bool:
    """Tell whether the package with this digest is whole.

    :arg status: what ``dpkg-query --show`` prints for ``${db:Status-Abbrev}${Version}``.
    """
    return status.startswith("ii ") and status.strip().endswith(f"+{key}")


def damage(verification: str) -> list[str]:
    """Return the files that are not as they were installed, from ``dpkg --verify``.

    Configuration files may differ, and documentation may have been kept out (dpkg.cfg(5)).
    """
    rows = [line.split() for line in verification.splitlines()]
    paths = [row[-1] for row in rows if row and "c" not in row[1:-1]]
    kept_out = ("/usr/share/doc/", "/usr/share/locale/", "/usr/share/man/")
    return [path for path in paths if not path.startswith(kept_out)]


def control(asked: dict[str, Any], version: str, architecture: str, libraries: str) -> str:
    """Return the control file of the package (deb-control(5)).

    :arg libraries: the packages of shared libraries, as ``dpkg-shlibdeps -O`` prints them.
    """
    needed = libraries.partition("shlibs:Depends=")[2].partition("\n")[0]
    fields = {
        "Package": asked["name"],
        "Version": version,
        "Architecture": architecture,
        "Maintainer": "labs.mail <root@localhost>",
        "Depends": ", ".join(filter(None, [needed, *asked["depends"]])),
        "Conflicts": ", ".join(asked["conflicts"]),
        "Replaces": ", ".join(asked["conflicts"]),
        "Provides": ", ".join(asked["provides"]),
        "Description": "built from source on this lab's machines by labs.mail",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value)
