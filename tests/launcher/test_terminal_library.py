"""The terminal's library is what is pinned, or there is none."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile

import pytest

from launcher import terminal_library
from launcher.terminal_library import FILES, LibraryError, ensure


def tarball(members):
    """A package as npm's registry has it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(name)
            archive.addfile(entry, io.BytesIO(name.encode()))
    return packed.getvalue()


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """What the registry has, by the names of packages, and what was asked of it."""
    found = {package: tarball(files.values()) for package, files in FILES.items()}
    asked = []

    def get(package, version):
        asked.append(f"{package}@{version}")
        return found[package]

    def pin(version="6.0.0"):
        pinned = {}
        for package, content in found.items():
            digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
            entry = {"version": version, "integrity": f"sha512-{digest}"}
            pinned[f"node_modules/{package}"] = entry
        (tmp_path / "lock.json").write_text(json.dumps({"packages": pinned}))

    monkeypatch.setattr(terminal_library, "LOCK", tmp_path / "lock.json")
    monkeypatch.setattr(terminal_library, "DIRECTORY", tmp_path / "cache" / "terminal")
    monkeypatch.setattr(terminal_library, "tarball", get)
    pin()
    return found, asked, pin


def test_it_is_fetched_once_and_again_where_another_is_pinned(registry):
    _found, asked, pin = registry
    ensure()
    ensure()
    assert asked == [f"{package}@6.0.0" for package in FILES]
    names = {path.name for path in terminal_library.DIRECTORY.iterdir()}
    assert names == {"xterm.js", "xterm.css", "addon-fit.js", "made-from"}
    assert (terminal_library.DIRECTORY / "xterm.css").read_text() == "package/css/xterm.css"
    pin("6.1.0")
    ensure()
    assert asked[2:] == [f"{package}@6.1.0" for package in FILES]


def test_what_is_not_what_is_pinned_is_not_used(registry):
    found, _asked, _pin = registry
    found["@xterm/addon-fit"] = tarball(["package/lib/addon-fit.js", "package/evil.js"])
    with pytest.raises(LibraryError, match="addon-fit is not what lock.json pins: sha512-"):
        ensure()
    assert not terminal_library.DIRECTORY.exists()


def test_a_package_without_a_file_is_named(registry):
    found, _asked, pin = registry
    found["@xterm/xterm"] = tarball(["package/lib/xterm.js"])
    pin()
    with pytest.raises(LibraryError, match=r"@xterm/xterm has no package/css/xterm\.css"):
        ensure()


def test_the_real_lock_pins_both_by_sha512():
    root = terminal_library.ROOT / "toolchain" / "terminal"
    pinned = json.loads((root / "package-lock.json").read_text())["packages"]
    wanted = json.loads((root / "package.json").read_text())["dependencies"]
    assert set(wanted) == set(FILES)
    for package, version in wanted.items():
        entry = pinned[f"node_modules/{package}"]
        assert entry["version"] == version
        assert entry["integrity"].startswith("sha512-")


def test_a_registry_without_tls_is_none(monkeypatch):
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://registry.example")
    with pytest.raises(LibraryError, match="https alone"):
        terminal_library._directly("@xterm/xterm", "6.0.0")


def test_what_npm_says_is_the_reason(monkeypatch, tmp_path):
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code ENOTFOUND' >&2\nexit 1\n")
    npm.chmod(0o755)
    with pytest.raises(LibraryError, match="npm error code ENOTFOUND"):
        terminal_library._by_npm(str(npm), "@xterm/xterm", "6.0.0")
