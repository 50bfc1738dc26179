"""Fetch the libraries that show a terminal or a desktop in a browser, as toolchain/ pins them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.settings import ROOT

REGISTRY = "https://registry.npmjs.org"
SECONDS = 60
LARGEST = 20_000_000


@dataclass(frozen=True)
class Library:
    """What the page needs of the packages that toolchain/NAME/package-lock.json pins."""

    name: str
    packages: Mapping[str, Mapping[str, str]]
    """Files, and directories with all below them, of each package by the names that they get."""

    @property
    def lock(self) -> Path:
        """The lock file."""
        return ROOT / "toolchain" / self.name / "package-lock.json"

    @property
    def directory(self) -> Path:
        """Where it is kept."""
        return ROOT / ".cache" / self.name


TERMINAL = Library(
    "terminal",
    {
        "@xterm/xterm": {"xterm.js": "package/lib/xterm.js", "xterm.css": "package/css/xterm.css"},
        "@xterm/addon-fit": {"addon-fit.js": "package/lib/addon-fit.js"},
    },
)
DESKTOP = Library(
    "novnc",
    {"@novnc/novnc": {"core": "package/core", "vendor/pako/lib": "package/vendor/pako/lib"}},
)


class LibraryError(Exception):
    """A library cannot be fetched; the text says why."""


def ensure(library: Library) -> None:
    """Fetch a library where it is not there, or another version is. Raises LibraryError."""
    stamp = library.directory / "made-from"
    wanted = library.lock.read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    pinned = json.loads(wanted)["packages"]
    found = {}
    for package, files in library.packages.items():
        entry = pinned[f"node_modules/{package}"]
        content = tarball(package, entry["version"])
        _compare(package, content, entry["integrity"])
        found.update(_files(package, content, files))
    # The stamp goes first and comes last: what is not whole is fetched again.
    shutil.rmtree(library.directory, ignore_errors=True)
    library.directory.mkdir(parents=True)
    for name, data in found.items():
        path = library.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    stamp.write_text(wanted, encoding="utf-8")


def tarball(package: str, version: str) -> bytes:
    """Return a package of the registry: by npm, where there is one, which knows of mirrors."""
    npm = shutil.which("npm")
    return _by_npm(npm, package, version) if npm else _directly(package, version)


def _by_npm(npm: str, package: str, version: str) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        command = [npm, "pack", "--silent", "--ignore-scripts", f"{package}@{version}"]
        try:
            subprocess.run(
                command, cwd=directory, check=True, capture_output=True, text=True, timeout=SECONDS
            )
            return next(Path(directory).glob("*.tgz")).read_bytes()
        except (OSError, subprocess.SubprocessError, StopIteration) as error:
            said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
            raise LibraryError(said[-1] if said else package) from error


def _directly(package: str, version: str) -> bytes:
    registry = os.environ.get("NPM_CONFIG_REGISTRY", REGISTRY).rstrip("/")
    url = f"{registry}/{package}/-/{package.rpartition('/')[2]}-{version}.tgz"
    if not url.startswith("https://"):
        raise LibraryError(f"{url}: https alone")
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            content: bytes = answer.read(LARGEST)
            return content
    except OSError as error:
        raise LibraryError(f"{url}: {error}") from error


def _compare(package: str, content: bytes, integrity: str) -> None:
    algorithm, _dash, expected = integrity.partition("-")
    found = base64.b64encode(hashlib.new(algorithm, content).digest()).decode()
    if algorithm != "sha512" or found != expected:
        raise LibraryError(f"{package} is not what package-lock.json pins: {algorithm}-{found}")


def _files(package: str, content: bytes, wanted: Mapping[str, str]) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        found = {}
        for name, member in wanted.items():
            files = [each for each in archive if f"{each.name}/".startswith(f"{member}/")]
            read = {name + each.name[len(member) :]: archive.extractfile(each) for each in files}
            if not any(read.values()):
                raise LibraryError(f"{package} has no {member}")
            found.update({path: file.read() for path, file in read.items() if file})
        return found
