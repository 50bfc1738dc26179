"""Who builds and who is given the package; the machines are stand-ins."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.labs.mail.plugins.action import source_package

FILE = "hello-from-source_0123456789abcdef.deb"
HELLO = b"an archive"
SHA256 = hashlib.sha256(HELLO).hexdigest()


class Machine(source_package.ActionModule):
    """The action plugin for a machine without a connection; ``did`` is what was asked of it."""

    def __init__(self, folder, arguments, missing=True, file=FILE, fails=False, to=None):
        self.folder, self.missing, self.file, self.fails = folder, missing, file, fails
        self.did = []
        self._supports_async = False
        self._task = SimpleNamespace(args=arguments, async_val=False, delegate_to=to)
        shell = SimpleNamespace(tmpdir=str(folder), join_path=lambda *words: "/".join(words))
        self._connection = SimpleNamespace(_shell=shell, fetch_file=self.fetch)
        folder.mkdir(exist_ok=True)

    def run(self):
        try:
            return self._bring({})
        except source_package.ConfigError as error:
            return {"failed": True, "msg": str(error)}

    def fetch(self, remote, local):
        self.did.append("fetched")
        self.fetched = remote
        Path(local).write_text(f"built by {self.folder.name}")

    def _execute_module(self, name, module_args, task_vars):
        assert name == "labs.mail.source_package"
        assert "builder" not in module_args
        result = {"package_file": f"/var/cache/labs-mail/{self.file}"}
        if module_args.get("build") is False:
            self.did.append("looked")
            return {**result, "changed": False, "missing": self.missing}
        if module_args.get("built"):
            self.did.append(f"given what was {Path(module_args['built']).read_text()}")
            return {**result, "changed": True, "built": False}
        self.did.append("built")
        self.source = module_args["source"]
        return {**result, "changed": True, "built": True, "failed": self.fails}

    def _transfer_file(self, local_path, remote_path):
        Path(remote_path).write_bytes(Path(local_path).read_bytes())
        return remote_path

    def _fixup_perms2(self, paths):
        pass

    def _find_needle(self, dirname, needle):
        assert dirname == "files"
        if not Path(needle).exists():
            raise source_package.AnsibleError("not found")
        return needle


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setenv("ANSIBLE_HOME", str(tmp_path / "home"))

    def machine(name, arguments=None, **what):
        arguments = arguments or {"source": {"package": "hello"}}
        return Machine(tmp_path / name, arguments, **what)

    return machine


def kept(tmp_path):
    return [path.name for path in (tmp_path / "home" / "labs.mail").rglob("*.deb")]


def test_where_it_is_installed_nothing_more_is_done(machine, tmp_path):
    one = machine("one", missing=False)
    one.run()
    assert one.did == ["looked"]
    assert not (tmp_path / "home").exists()


def test_the_first_machine_builds_and_the_second_is_given_the_package(machine, tmp_path):
    one, two = machine("one"), machine("two")
    assert one.run()["built"]
    assert not two.run()["built"]
    assert one.did == ["looked", "built", "fetched"]
    assert two.did == ["looked", "given what was built by one"]
    assert kept(tmp_path) == [FILE]


def test_of_many_at_once_one_builds(machine):
    machines = [machine(f"machine{number}") for number in range(8)]
    threads = [threading.Thread(target=each.run) for each in machines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    did = [each.did[1] for each in machines]
    assert did.count("built") == 1
    assert sum(what.startswith("given") for what in did) == 7


def test_a_machine_of_another_release_builds_its_own(machine, tmp_path):
    machine("one").run()
    other = machine("other", file=FILE.replace("0123", "4567"))
    other.run()
    assert other.did == ["looked", "built", "fetched"]
    assert len(kept(tmp_path)) == 2


@pytest.mark.parametrize("share", [False, "no", "False"])
def test_without_sharing_every_machine_builds(machine, tmp_path, share):
    arguments = {"source": {"package": "hello"}, "share": share}
    for name in ("one", "two"):
        each = machine(name, arguments)
        each.run()
        assert each.did == ["looked", "built"]
    assert kept(tmp_path) == []


def test_a_build_that_fails_is_not_kept(machine, tmp_path):
    one, two = machine("one", fails=True), machine("two")
    assert one.run()["failed"]
    assert kept(tmp_path) == []
    assert two.run()["built"]


@pytest.mark.parametrize("file", ["x.deb", "hello_0123456789abcdef.deb.exe", "..", ""])
def test_a_machine_cannot_choose_where_its_package_is_kept(machine, tmp_path, file):
    one = machine("one", file=file)
    assert "which is no name of one" in one.run()["msg"]
    assert one.did == ["looked"]


def test_a_package_that_was_changed_since_is_built_again(machine, tmp_path):
    machine("one").run()
    (tmp_path / "home" / "labs.mail" / FILE).write_text("something else")
    assert machine("two").run()["built"]
    assert machine("three").run()["built"] is False


def test_a_package_without_a_digest_counts_for_nothing(machine, tmp_path):
    machine("one").run()
    (tmp_path / "home" / "labs.mail" / f"{FILE}.sha256").unlink()
    assert machine("two").run()["built"]


def test_what_a_machine_says_of_its_package_s_place_is_not_asked(machine):
    one = machine("one")
    one.file = f"../../../etc/{FILE}"
    one.run()
    assert one.fetched == f"/var/cache/labs-mail/{FILE}"


BY_WORLD = {"source": {"package": "hello"}, "builder": "world"}


def test_only_the_builder_s_package_is_given_to_others(machine, tmp_path):
    assert machine("student1", BY_WORLD).run()["built"]
    assert kept(tmp_path) == []
    world = machine("world", BY_WORLD, to="world")
    assert world.run()["built"]
    student2 = machine("student2", BY_WORLD)
    student2.run()
    assert student2.did == ["looked", "given what was built by world"]


def test_what_anybody_else_has_built_for_others_is_not_taken_with_a_builder(machine):
    machine("one").run()
    assert machine("student1", BY_WORLD).run()["built"]


def test_where_a_machine_builds_for_itself_it_builds_each_time(machine, tmp_path):
    own = {**BY_WORLD, "builder": "student1"}
    assert machine("student1", own).run()["built"]
    assert kept(tmp_path) == []


@pytest.mark.parametrize("builder", ["../world", "a/b", ".", "-"])
def test_a_builder_is_named_as_a_machine(machine, builder):
    assert "no machine's name" in machine("one", {**BY_WORLD, "builder": builder}).run()["msg"]


def archive(where, sha256=SHA256):
    return {"source": {"archive": str(where), "sha256": sha256}}


def test_an_archive_of_the_controller_is_handed_over(machine, tmp_path):
    (tmp_path / "hello-1.tar.gz").write_bytes(HELLO)
    one = machine("one", archive(tmp_path / "hello-1.tar.gz"))
    assert one.run()["built"]
    assert Path(one.source["archive"]) == tmp_path / "one" / "hello-1.tar.gz"
    assert Path(one.source["archive"]).read_bytes() == HELLO


def test_an_archive_is_downloaded_once_by_the_controller(machine, tmp_path):
    (tmp_path / "hello-1.tar.gz").write_bytes(HELLO)
    url = (tmp_path / "hello-1.tar.gz").as_uri()
    one = machine("one", {**archive(url), "share": False})
    assert one.run()["built"]
    (tmp_path / "hello-1.tar.gz").unlink()
    assert machine("two", {**archive(url), "share": False}).run()["built"]
    assert Path(one.source["archive"]).name == "hello-1.tar.gz"


@pytest.mark.parametrize("as_url", [False, True])
def test_an_archive_with_another_checksum_reaches_no_machine(machine, tmp_path, as_url):
    path = tmp_path / "hello-1.tar.gz"
    path.write_bytes(HELLO)
    where = path.as_uri() if as_url else path
    one = machine("one", archive(where, "0" * 64))
    name = where if as_url else path.name
    assert one.run()["msg"].startswith(f"{name} has the SHA-256 checksum {SHA256}")
    assert one.did == ["looked"]
    assert not list((tmp_path / "home").rglob("*.gz"))


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("/nowhere/hello-1.tar.gz", "/nowhere/hello-1.tar.gz: there is no such archive on the"),
        ("file:///nowhere/hello-1.tar.gz", "the archive cannot be downloaded"),
        ("nonsense://hello-1.tar.gz", "the archive cannot be downloaded"),
    ],
)
def test_an_archive_that_is_not_there_is_named(machine, where, words):
    one = machine("one", archive(where))
    assert words in one.run()["msg"]
    assert one.did == ["looked"]
