"""The module, with a stand-in for the package manager; sh and tar are real."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._build import source as _source_build
from ansible_collections.labs.mail.plugins.modules import source_package

NAME = "hello-from-source"
SHOWSRC = "Version: 8:1-2\nChecksums-Sha256:\n {sha256} 9 hello_1.orig.tar.gz\n"


class Machine:
    """Packages that are installed, kept in memory; ``said`` is every command that apt was given."""

    def __init__(self, folder):
        self.folder = folder
        self.installed = {"dpkg": "1"}
        self.damaged = ""
        self.said = []
        self.archive = folder / "hello-1.tar.gz"
        with tarfile.open(self.archive, "w:gz") as archive:
            file = tarfile.TarInfo("hello-1/hello.txt")
            file.size = 3
            archive.addfile(file, io.BytesIO(b"hi\n"))
        self.sha256 = hashlib.sha256(self.archive.read_bytes()).hexdigest()
        self.listed = SHOWSRC.format(sha256=self.sha256)
        self.refused = ""
        self.reason = "no"
        self.marks = {}

    def run(self, command, cwd=None, environ_update=None):
        """Stand in for AnsibleModule.run_command."""
        self.environment = environ_update
        return getattr(self, command[0].replace("-", "_"))(command, cwd)

    def tar(self, command, _cwd):
        subprocess.run(command, check=True)
        return 0, "", ""

    def sh(self, command, cwd):
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def dpkg(self, command, _cwd):
        if command[1] == "--install":
            self.said.append("dpkg --install")
            self.installed[NAME] = version_in(command[2])
            self.damaged = ""
        return 0, "amd64\n" if command[1] == "--print-architecture" else self.damaged, ""

    def dpkg_query(self, command, _cwd):
        if command[-1].startswith("--showformat"):
            return 0, "".join(f"ii {name}\n" for name in self.installed), ""
        version = self.installed.get(command[-1])
        mark = self.marks.get(command[-1], "ii ")
        return (0, f"{mark}{version}", "") if version else (1, "", "no packages found")

    def dpkg_deb(self, command, _cwd):
        if command[1] == "--field":
            return 0, version_in(command[2]), ""
        stage, package = command[-2:]
        Path(package).write_text(Path(stage, "DEBIAN", "control").read_text())
        return 0, "", ""

    def apt_cache(self, command, _cwd):
        return 0, self.listed, ""

    def apt_get(self, command, cwd):
        words = [word for word in command[1:] if "=" not in word]
        self.said.append(" ".join(words))
        if self.refused and self.refused in words:
            return 100, "what it did\n", f"E: {self.reason}: {self.refused}"
        if "source" in words:
            (self.folder / cwd / "hello_1.orig.tar.gz").write_bytes(self.archive.read_bytes())
        elif "purge" in words:
            for name in words[words.index("purge") + 1 :]:
                del self.installed[name]
        elif "install" in words and words[-1].startswith("/"):
            self.installed[NAME] = version_in(words[-1])
        elif "install" in words:
            self.installed["build-essential"] = "12"
        return 0, "", ""


def version_in(package):
    """Return the version of a stand-in for a package, which is nothing but its control file."""
    return Path(package).read_text().partition("Version: ")[2].partition("\n")[0]


@pytest.fixture
def machine(tmp_path, monkeypatch):
    machine = Machine(tmp_path)
    monkeypatch.setattr(AnsibleModule, "run_command", staticmethod(machine.run))
    monkeypatch.setattr(source_package, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(source_package, "LOGS", tmp_path / "log")
    monkeypatch.setattr(source_package, "OS_RELEASE", tmp_path / "os-release")
    monkeypatch.setattr(_source_build, "ETC_APT", tmp_path / "apt")
    (tmp_path / "os-release").write_text("ID=debian\nVERSION_ID=12\n")
    (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
    (tmp_path / "apt" / "sources.list").write_text("deb http://deb.debian.org/debian x main\n")
    return machine


@pytest.fixture
def bring(run, machine):
    """Run the module for a program whose build copies one file."""

    def bring(*, check=False, **options):
        wanted = {
            "name": NAME,
            "source": {"archive": str(machine.archive), "sha256": machine.sha256},
            "commands": ["mkdir $DESTDIR/usr; cp hello.txt $DESTDIR/usr"],
        }
        return run(source_package.main, check, **{**wanted, **options})

    return bring


def contents(folder):
    return (
        {str(path.relative_to(folder)) for path in folder.rglob("*")} if folder.exists() else set()
    )


def test_it_is_built_once(bring, machine):
    first = bring()
    assert (first["changed"], first["built"], first["missing"]) == (True, True, False)
    assert first["version"].startswith("1+")
    assert machine.installed == {"dpkg": "1", NAME: first["version"]}
    assert contents(machine.folder / "cache") == {first["package_file"].rpartition("/")[2]}
    said = len(machine.said)
    again = bring()
    assert (again["changed"], again["version"]) == (False, first["version"])
    assert len(machine.said) == said


def test_check_mode_touches_nothing_and_tells_the_truth(bring, machine):
    before = contents(machine.folder)
    assert bring(check=True)["changed"]
    assert contents(machine.folder) == before
    assert machine.said == []
    bring()
    assert not bring(check=True)["changed"]


def test_the_build_s_own_packages_go_again_and_others_stay(bring, machine):
    bring()
    assert "-q -y -o purge build-essential" in machine.said
    machine.installed["build-essential"] = "12"
    bring(commands=["cp hello.txt $DESTDIR"])
    assert machine.installed["build-essential"] == "12"


def test_what_was_built_before_is_installed_without_a_build(bring, machine):
    bring()
    del machine.installed[NAME]
    again = bring(commands=["mkdir $DESTDIR/usr; cp hello.txt $DESTDIR/usr"])
    assert (again["changed"], again["built"]) == (True, False)


def test_what_is_damaged_is_installed_again(bring, machine):
    bring()
    machine.damaged = "missing     /usr/hello.txt\n"
    assert bring(check=True)["changed"]
    again = bring()
    assert (again["changed"], again["built"]) == (True, False)
    assert machine.said[-1] == "dpkg --install"
    assert not bring()["changed"]


@pytest.mark.parametrize("mark", ["iU ", "iF ", "iHR"])
def test_what_was_installed_in_part_is_installed_again(bring, machine, mark):
    bring()
    machine.marks[NAME] = mark
    assert bring(check=True)["changed"]
    assert bring()["changed"]
    assert machine.said[-1] == "dpkg --install"


def test_what_was_removed_is_installed_by_apt_again(bring, machine):
    bring()
    machine.marks[NAME] = "rc "
    assert bring()["changed"]
    assert machine.said[-1].startswith("-q -y -o -o -o install")


def test_a_package_of_something_else_in_the_cache_is_not_installed(bring, machine):
    path = machine.folder / bring()["package_file"]
    del machine.installed[NAME]
    path.write_text("Version: 1+0000000000000000\n")
    assert bring()["built"]


def test_without_leave_to_build_it_says_that_the_package_is_missing(bring, machine):
    result = bring(build=False)
    assert (result["changed"], result["missing"]) == (False, True)
    assert machine.said == []


def test_what_is_only_to_be_built_is_not_installed(bring, machine):
    assert bring(check=True, install=False)["changed"]
    first = bring(install=False)
    assert (first["changed"], first["built"]) == (True, True)
    assert NAME not in machine.installed
    assert not bring(install=False)["changed"]
    second = bring()
    assert (second["changed"], second["built"]) == (True, False)
    assert NAME in machine.installed
    assert not bring(install=False)["changed"]


def test_a_package_built_elsewhere_is_installed(bring, machine):
    built = bring()
    elsewhere = machine.folder / "from-the-controller.deb"
    (machine.folder / built["package_file"]).rename(elsewhere)
    del machine.installed[NAME]
    result = bring(built=str(elsewhere))
    assert (result["changed"], result["built"]) == (True, False)
    assert machine.installed[NAME] == built["version"]


def test_a_failing_command_says_what_it_said_last_and_installs_nothing(bring, machine):
    noise = "i=0; while [ $i -lt 99 ]; do i=$((i+1)); echo line $i; done"
    result = bring(commands=["echo begun", f"{noise}; echo no such flag >&2; exit 3"])
    assert result["failed"]
    assert "exit 3` failed with code 3" in result["msg"]
    assert result["msg"].endswith("line 98\nline 99\nno such flag")
    assert "line 80\n" not in result["msg"]
    log = machine.folder / "log" / f"{NAME}.log"
    assert f"The whole log is {log} on the machine" in result["msg"]
    assert "+ echo begun\nbegun\n" in log.read_text()
    assert "line 1\n" in log.read_text()
    assert machine.installed == {"dpkg": "1"}
    assert contents(machine.folder / "cache") == set()


def test_a_failing_build_leaves_what_is_installed(bring, machine):
    version = bring()["version"]
    assert bring(commands=["false"])["failed"]
    assert machine.installed[NAME] == version


def test_a_command_that_takes_too_long_is_ended(bring):
    result = bring(commands=["sleep 60"], timeout=1)
    assert "`sleep 60` took too long" in result["msg"]


def test_commands_that_install_nothing_are_told_where_to(bring):
    assert "let them install below $DESTDIR" in bring(commands=["true"])["msg"]


def test_commands_have_their_environment(bring, machine):
    command = 'test "$CFLAGS:$LC_ALL" = -O0:C.UTF-8; test $JOBS -gt 0; cp hello.txt $DESTDIR'
    assert bring(commands=[command], environment={"CFLAGS": "-O0"})["changed"]
    assert bring(commands=[command], environment={"CFLAGS": "-O2"})["failed"]


def test_another_checksum_is_refused_before_anything_is_installed(bring, machine):
    result = bring(source={"archive": str(machine.archive), "sha256": "0" * 64})
    assert f"hello-1.tar.gz has the SHA-256 checksum {machine.sha256}" in result["msg"]
    assert machine.said == []


def test_an_archive_that_is_not_there_is_named(bring, machine):
    result = bring(source={"archive": "/nowhere.tar.gz", "sha256": "0" * 64})
    assert result["msg"] == "/nowhere.tar.gz: there is no such archive"
    assert machine.said == []


@pytest.mark.parametrize("version", ["", "8:1-2"])
def test_a_debian_source_package_is_built(bring, machine, version):
    result = bring(source={"package": "hello", "version": version})
    assert result["built"]
    assert result["version"].startswith("1-2+")
    before = (machine.folder / "apt" / "sources.list").read_text()
    assert before == "deb http://deb.debian.org/debian x main\n"


DEBIAN = {
    # what is asked for, what the archives have, what apt refuses, what is said
    "no such version": (
        {"package": "hello", "version": "9"},
        None,
        "",
        "no source package hello 9 in this machine's archives, which have 8:1-2;",
    ),
    "no such package": ({"package": "hello"}, "", "", "which have none of it; name another"),
    "another checksum": (
        {"package": "hello", "sha256": "0" * 64},
        None,
        "",
        "hello_1.orig.tar.gz in Debian's list has the SHA-256 checksum",
    ),
    "another archive than in the list": (
        {"package": "hello"},
        SHOWSRC.format(sha256="0" * 64),
        "",
        "hello_1.orig.tar.gz has the SHA-256 checksum",
    ),
    "no lists": ({"package": "hello"}, None, "update", "lists of sources are not there"),
    "no download": ({"package": "hello"}, None, "source", "E: no: source"),
}


@pytest.mark.parametrize("name", DEBIAN)
def test_a_debian_source_package_that_is_not_to_be_had(bring, machine, name):
    source, listed, machine.refused, words = DEBIAN[name]
    machine.listed = machine.listed if listed is None else listed
    result = bring(source=source)
    assert words in result["msg"]
    assert machine.installed == {"dpkg": "1"}
    assert not any("install" in said for said in machine.said)


@pytest.mark.parametrize(
    ("reason", "times"), [("no", 1), ("Unable to locate package", 2), ("Failed to fetch", 2)]
)
def test_lists_of_packages_are_updated_where_they_seem_old(bring, machine, reason, times):
    machine.refused, machine.reason = "install", reason
    result = bring()
    said = f"are not to be had:\nwhat it did\nE: {reason}: install"
    assert result["msg"].endswith(said)
    assert sum("install" in words for words in machine.said) == times
    assert sum("update" in words for words in machine.said) == times - 1


def test_absent_leaves_nothing(bring, machine):
    bring()
    assert bring(state="absent", check=True)["changed"]
    assert NAME in machine.installed
    assert bring(state="absent", source=None)["changed"]
    assert machine.installed == {"dpkg": "1"}
    assert contents(machine.folder / "cache") | contents(machine.folder / "log") == set()
    assert not bring(state="absent")["changed"]


def test_present_wants_a_source(bring):
    assert "source" in bring(source=None)["msg"]


def test_what_is_no_name_of_a_package_is_refused(bring, machine):
    assert "no name of a Debian package" in bring(name="Hello World")["msg"]
    assert machine.said == []
