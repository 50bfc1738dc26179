from __future__ import annotations

import os
import time

import pytest

from ansible_collections.labs.mail.plugins.module_utils._system import systemd
from ansible_collections.labs.mail.plugins.module_utils._system.listeners import Listener
from ansible_collections.labs.mail.plugins.module_utils._system.systemd import (
    Actions,
    Ports,
    Unit,
)


def show(**values):
    """What ``systemctl show`` prints of a unit that runs."""
    usual = {
        "ActiveState": "active",
        "UnitFileState": "enabled",
        "ActiveEnterTimestamp": "@1700000000",
    }
    return "".join(f"{name}={value}\n" for name, value in {**usual, **values}.items())


SHOWN = {
    "runs": (show(), Unit(True, True, 1700000000.0, 1700000000.0)),
    "reloads": (show(ActiveState="reloading"), Unit(True, True, 1700000000.0, 1700000000.0)),
    "stopped": (
        show(ActiveState="inactive", ActiveEnterTimestamp=""),
        Unit(False, True, 0.0),
    ),
    "failed": (show(ActiveState="failed"), Unit(False, True, 1700000000.0, 1700000000.0)),
    "disabled": (show(UnitFileState="disabled"), Unit(True, False, 1700000000.0, 1700000000.0)),
    "until a reboot": (
        show(UnitFileState="enabled-runtime"),
        Unit(True, True, 1700000000.0, 1700000000.0),
    ),
    "under an alias": (
        show(Id="named.service"),
        Unit(True, True, 1700000000.0, 1700000000.0, "named.service"),
    ),
    "static": (show(UnitFileState="static"), Unit(True, None, 1700000000.0, 1700000000.0)),
    "generated": (show(UnitFileState="generated"), Unit(True, None, 1700000000.0, 1700000000.0)),
    "missing": (
        show(ActiveState="inactive", UnitFileState="", ActiveEnterTimestamp=""),
        Unit(False, False, 0.0),
    ),
    "silence": ("", Unit(False, False, 0.0)),
}


@pytest.mark.parametrize(("output", "unit"), SHOWN.values(), ids=SHOWN)
def test_what_systemctl_shows_of_a_unit(output, unit):
    assert systemd.parse_show(output) == unit


@pytest.mark.parametrize(("stamp", "loaded"), [(1.0, 1700000000.0), (1700000009.5, 1700000009.5)])
def test_a_reload_counts_as_loading(stamp, loaded):
    assert systemd.parse_show(show(), stamp).loaded_at == loaded


RUNS = Unit(active=True, enabled=True, loaded_at=100.0)
STOPPED = Unit(active=False, enabled=True, loaded_at=0.0)
NEW = Unit(active=False, enabled=False, loaded_at=0.0)
STATIC = Unit(active=False, enabled=None, loaded_at=0.0)
MISSING = Unit(active=False, enabled=False, loaded_at=0.0)

RESTART, RELOAD, START = (Actions(verb=verb) for verb in ("restart", "reload", "start"))
STOP = Actions(disable=True, verb="stop")

DECISIONS = {
    # unit, state, enabled, on_change, changed_at, changing: what is to be done
    "nothing": ((RUNS, "started", True, "reload", 99.0, False), Actions()),
    "the same moment": ((RUNS, "started", True, "reload", 100.0, False), Actions()),
    "changed since": ((RUNS, "started", True, "reload", 101.0, False), Actions(verb="reload")),
    "restart": ((RUNS, "started", True, "restart", 101.0, False), Actions(verb="restart")),
    "changes now": ((RUNS, "started", True, "reload", 0.0, True), Actions(verb="reload")),
    "new": ((NEW, "started", True, "reload", 0.0, False), Actions(enable=True, verb="start")),
    # What starts reads its files anyway.
    "starts": ((STOPPED, "started", True, "restart", 101.0, True), Actions(verb="start")),
    "by hand": ((NEW, "started", False, "restart", 0.0, False), Actions(verb="start")),
    "stop": ((RUNS, "stopped", True, "reload", 101.0, True), Actions(disable=True, verb="stop")),
    "stopped": ((STOPPED, "stopped", True, "reload", 0.0, False), Actions(disable=True)),
    "stay stopped": ((NEW, "stopped", True, "reload", 0.0, False), Actions()),
    "static": ((STATIC, "started", True, "reload", 0.0, False), Actions(verb="start")),
    "static, stopped": ((STATIC, "stopped", True, "reload", 0.0, False), Actions()),
    "missing": ((MISSING, "stopped", True, "reload", 0.0, False), Actions()),
    # The last two: whether a restart is due, and what it makes of its ports.
    "due": ((RUNS, "started", True, "reload", 99.0, False, True), RESTART),
    "due, and changed": ((RUNS, "started", True, "reload", 101.0, True, True), RESTART),
    "due, and stopped": ((STOPPED, "started", True, "reload", 0.0, False, True), START),
    "due, and to be stopped": ((RUNS, "stopped", True, "reload", 0.0, False, True), STOP),
    "dead": ((RUNS, "started", True, "reload", 99.0, False, False, Ports.SILENT), RESTART),
    "a port less": ((RUNS, "started", True, "reload", 99.0, False, False, Ports.MISSING), RESTART),
    # A port that is new opens when the unit reads of it.
    "a port more": ((RUNS, "started", True, "reload", 101.0, False, False, Ports.MISSING), RELOAD),
    "dead, changed": ((RUNS, "started", True, "reload", 101.0, True, False, Ports.SILENT), RESTART),
}


@pytest.mark.parametrize(("asked", "actions"), DECISIONS.values(), ids=DECISIONS)
def test_what_is_to_be_done(asked, actions):
    assert systemd.decide(*asked) == actions


@pytest.mark.parametrize(
    ("actions", "changed"),
    [
        (Actions(), False),
        (Actions(enable=True), True),
        (Actions(disable=True), True),
        (Actions(verb="reload"), True),
    ],
)
def test_whether_anything_is_to_be_done(actions, changed):
    assert actions.changed is changed


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "postfix"
    (folder / "sub").mkdir(parents=True)
    (folder / "main.cf").write_text("a")
    (folder / "sub" / "table").write_text("a")
    return folder


def touched_after(path, change):
    """Whether a change makes these paths newer than they were."""
    before = systemd.newest([path])
    deadline = time.monotonic() + 5
    probe = path.parent / "probe"
    # A file system tells moments apart by its own clock's ticks.
    while time.monotonic() < deadline:
        probe.write_text("x")
        if probe.stat().st_ctime > before:
            break
    change()
    return systemd.newest([path]) > before


CHANGES = {
    "content": (lambda folder: (folder / "main.cf").write_text("b"), True),
    "below": (lambda folder: (folder / "sub" / "table").write_text("b"), True),
    "mode": (lambda folder: (folder / "main.cf").chmod(0o600), True),
    "new": (lambda folder: (folder / "new").write_text("b"), True),
    "old content put back": (lambda folder: os.utime(folder / "main.cf", (1, 1)), True),
    "nothing": (lambda folder: None, False),
    "a lock that came and went": (
        lambda folder: [(folder / "lock").touch(), (folder / "lock").unlink()],
        False,
    ),
    "dangling link": (lambda folder: (folder / "link").symlink_to("nowhere"), False),
}


@pytest.mark.parametrize(("change", "newer"), CHANGES.values(), ids=CHANGES)
def test_what_makes_a_configuration_newer(folder, change, newer):
    assert touched_after(folder, lambda: change(folder)) is newer


def test_a_file_may_be_named_as_well(folder):
    path = folder / "main.cf"
    assert systemd.newest([path]) == path.stat().st_ctime
    assert touched_after(path, lambda: path.write_text("b"))


def test_what_does_not_exist_was_never_changed(tmp_path):
    assert systemd.newest([]) == 0.0
    assert systemd.newest([tmp_path / "missing"]) == 0.0


CONTROL_GROUPS = {
    # what /proc says of a process, and whether it is of the unit postfix
    "version 2": ("0::/system.slice/postfix.service\n", True),
    "version 1": ("12:pids:/\n1:name=systemd:/docker/x/system.slice/postfix.service\n", True),
    "an instance": ("0::/system.slice/system-postfix.slice/postfix@-.service\n", True),
    "below": ("0::/system.slice/postfix.service/child\n", True),
    "a session": ("0::/user.slice/user-0.slice/session-1.scope\n", False),
    "another unit": ("0::/system.slice/postfix-logwatch.service\n", False),
    "nothing": ("", False),
}


@pytest.mark.parametrize(("groups", "own"), CONTROL_GROUPS.values(), ids=CONTROL_GROUPS)
@pytest.mark.parametrize("unit", ["postfix", "postfix.service"])
def test_which_processes_are_a_unit_s(tmp_path, groups, own, unit):
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "cgroup").write_text(groups)
    assert systemd.in_unit(7, unit, tmp_path) is own


def test_a_process_that_is_gone_is_no_unit_s(tmp_path):
    assert not systemd.in_unit(7, "postfix", tmp_path)


PORTS = {
    "served": ([(25, 7)], Ports.SERVED),
    "served by two": ([(25, 9), (25, 7)], Ports.SERVED),
    "by systemd, until somebody connects": ([(25, 1)], Ports.SERVED),
    "by one that cannot be seen": ([(25, 0)], Ports.SERVED),
    "by another program": ([(25, 9)], Ports.MISSING),
    "another port alone": ([(587, 7)], Ports.SILENT),
    "by nobody": ([], Ports.SILENT),
}


@pytest.mark.parametrize(("found", "ports"), PORTS.values(), ids=PORTS)
def test_what_a_unit_makes_of_its_ports(monkeypatch, found, ports):
    monkeypatch.setattr(systemd, "in_unit", lambda pid, unit: (pid, unit) == (7, "postfix.service"))
    listeners = [Listener(port, "x", pid) for port, pid in found]
    assert systemd.ports_of("postfix.service", [25], listeners) is ports
    both = systemd.ports_of("postfix.service", [25, 465], listeners)
    assert both is (Ports.SILENT if ports is Ports.SILENT else Ports.MISSING)
    assert systemd.ports_of("postfix.service", [], listeners) is Ports.SERVED
