"""A library of the page is what is pinned, or there is none."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile

import pytest

from launcher import browser_libraries
from launcher.browser_libraries import DESKTOP, TERMINAL, LibraryError, ensure


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
    found = {package: tarball(files.values()) for package, files in TERMINAL.packages.items()}
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
        for library in (TERMINAL, DESKTOP):
            library.lock.parent.mkdir(parents=True, exist_ok=True)
            library.lock.write_text(json.dumps({"packages": pinned}))

    monkeypatch.setattr(browser_libraries, "ROOT", tmp_path)
    monkeypatch.setattr(browser_libraries, "tarball", get)
    pin()
    return found, asked, pin


def test_it_is_fetched_once_and_again_where_another_is_pinned(registry):
    _found, asked, pin = registry
    ensure(TERMINAL)
    ensure(TERMINAL)
    assert asked == [f"{package}@6.0.0" for package in TERMINAL.packages]
    names = {path.name for path in TERMINAL.directory.iterdir()}
    assert names == {"xterm.js", "xterm.css", "addon-fit.js", "made-from"}
    assert (TERMINAL.directory / "xterm.css").read_text() == "package/css/xterm.css"
    pin("6.1.0")
    ensure(TERMINAL)
    assert asked[2:] == [f"{package}@6.1.0" for package in TERMINAL.packages]


def test_what_is_not_what_is_pinned_is_not_used(registry):
    found, _asked, _pin = registry
    found["@xterm/addon-fit"] = tarball(["package/lib/addon-fit.js", "package/evil.js"])
    with pytest.raises(LibraryError, match="addon-fit is not what package-lock.json pins: sha512-"):
        ensure(TERMINAL)
    assert not TERMINAL.directory.exists()


def test_a_package_without_a_file_is_named(registry):
    found, _asked, pin = registry
    found["@xterm/xterm"] = tarball(["package/lib/xterm.js"])
    pin()
    with pytest.raises(LibraryError, match=r"@xterm/xterm has no package/css/xterm\.css"):
        ensure(TERMINAL)


def test_of_a_directory_all_files_are_kept(registry):
    found, _asked, pin = registry
    scripts = ["package/core/rfb.js", "package/core/util/int.js", "package/vendor/pako/lib/a/b.js"]
    found["@novnc/novnc"] = tarball([*scripts, "package/vendor/other.js", "package/corexx.js"])
    pin()
    ensure(DESKTOP)
    kept = {str(path.relative_to(DESKTOP.directory)) for path in DESKTOP.directory.rglob("*.js")}
    assert kept == {path.removeprefix("package/") for path in scripts}
    assert (DESKTOP.directory / "core/rfb.js").read_text() == "package/core/rfb.js"


def test_a_package_without_a_directory_is_named(registry):
    found, _asked, pin = registry
    found["@novnc/novnc"] = tarball(["package/core/rfb.js"])
    pin()
    with pytest.raises(LibraryError, match="@novnc/novnc has no package/vendor/pako/lib"):
        ensure(DESKTOP)
    assert not DESKTOP.directory.exists()


@pytest.mark.parametrize("library", [TERMINAL, DESKTOP], ids=lambda library: library.name)
def test_the_real_lock_pins_all_by_sha512(library):
    root = library.lock.parent
    pinned = json.loads((root / "package-lock.json").read_text())["packages"]
    wanted = json.loads((root / "package.json").read_text())["dependencies"]
    assert set(wanted) == set(library.packages)
    for package, version in wanted.items():
        entry = pinned[f"node_modules/{package}"]
        assert entry["version"] == version
        assert entry["integrity"].startswith("sha512-")


def test_a_registry_without_tls_is_none(monkeypatch):
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://registry.example")
    with pytest.raises(LibraryError, match="https alone"):
        browser_libraries._directly("@xterm/xterm", "6.0.0")


def test_what_npm_says_is_the_reason(monkeypatch, tmp_path):
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code ENOTFOUND' >&2\nexit 1\n")
    npm.chmod(0o755)
    with pytest.raises(LibraryError, match="npm error code ENOTFOUND"):
        browser_libraries._by_npm(str(npm), "@xterm/xterm", "6.0.0")
