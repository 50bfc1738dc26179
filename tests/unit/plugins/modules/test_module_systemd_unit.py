"""The module with a systemd that only keeps its units' states; its files and sockets are real."""

from __future__ import annotations

import os
import socket
from types import SimpleNamespace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._system import restart_notes
from ansible_collections.labs.mail.plugins.module_utils._system.listeners import Listener
from ansible_collections.labs.mail.plugins.module_utils._system.systemd import Ports
from ansible_collections.labs.mail.plugins.modules import systemd_unit
from tests.support.fake_systemd import Systemd

LONG_AGO = 1_700_000_000


@pytest.fixture
def systemd(monkeypatch, tmp_path):
    systemd = Systemd()
    monkeypatch.setattr(
        "ansible.module_utils.basic.AnsibleModule.run_command",
        lambda _module, command, **options: systemd.run(command, **options),
    )
    monkeypatch.setattr(restart_notes, "STATE", tmp_path / "state")
    monkeypatch.setattr(systemd_unit, "PATIENCE", 0.2)
    yield systemd
    systemd.sockets.close()


@pytest.fixture
def configuration(tmp_path):
    """A folder with a file that was changed just now, which is long after the unit started."""
    folder = tmp_path / "postfix"
    folder.mkdir()
    (folder / "main.cf").write_text("a = 1\n")
    return folder


@pytest.fixture
def main(run, systemd, configuration):
    """Run the module on the unit."""

    def main(check_mode=False, **arguments):
        usual = {"name": "postfix", "configuration": [str(configuration)], "on_change": "reload"}
        return run(
            systemd_unit.main, check_mode, **{**usual, "check": ["postfix", "check"], **arguments}
        )

    return main


def started(systemd, entered=LONG_AGO):
    systemd.active = systemd.enabled = True
    systemd.entered = entered


CASES = {
    # the unit before, what is asked, and what is done with it
    "new": (
        {},
        {},
        ["systemctl enable -q postfix", "postfix check", "systemctl start postfix"],
    ),
    "not at boot": ({}, {"enabled": False}, ["postfix check", "systemctl start postfix"]),
    "no check": (
        {"enabled": True},
        {"check": []},
        ["systemctl start postfix"],
    ),
    "reload": (
        {"active": True, "enabled": True, "entered": LONG_AGO},
        {},
        ["postfix check", "systemctl reload postfix"],
    ),
    "restart": (
        {"active": True, "enabled": True, "entered": LONG_AGO},
        {"on_change": "restart"},
        ["postfix check", "systemctl restart postfix"],
    ),
    "only at boot": (
        {"active": True, "entered": LONG_AGO},
        {"configuration": []},
        ["systemctl enable -q postfix"],
    ),
    "changes in this run": (
        {"active": True, "enabled": True, "entered": LONG_AGO},
        {"configuration": [], "changing": True},
        ["postfix check", "systemctl reload postfix"],
    ),
    "stop": (
        {"active": True, "enabled": True, "entered": LONG_AGO},
        {"state": "stopped"},
        ["systemctl disable -q postfix", "systemctl stop postfix"],
    ),
    "stopped": ({}, {"state": "stopped"}, []),
    "runs": (
        {"active": True, "enabled": True, "entered": LONG_AGO},
        {"configuration": []},
        [],
    ),
}


@pytest.mark.parametrize(("unit", "asked", "done"), CASES.values(), ids=CASES)
def test_what_is_done_and_that_check_mode_says_so(main, systemd, unit, asked, done):
    vars(systemd).update(unit)
    predicted = main(check_mode=True, **asked)
    assert systemd.done() == []
    result = main(**asked)
    assert result == predicted
    assert systemd.done() == done
    assert result["changed"] is bool(done)


@pytest.mark.parametrize("verb", ["reload", "restart", "start"])
def test_the_second_time_nothing_is_done(main, systemd, verb):
    if verb != "start":
        started(systemd)
    assert main(on_change="reload" if verb == "start" else verb)["action"] == verb
    systemd.done()
    result = main()
    assert (result["changed"], result["action"], systemd.done()) == (False, "", [])


def test_a_file_that_changes_after_a_reload_is_loaded_too(main, systemd, configuration):
    started(systemd)
    main()
    (configuration / "main.cf").write_text("a = 2\n")
    assert main()["action"] == "reload"


def test_a_configuration_that_is_refused_is_not_loaded_until_it_is_mended(main, systemd):
    started(systemd)
    systemd.refuses = {"postfix check": "fatal: main.cf, line 1: missing '='\n"}
    result = main(changing=True)
    assert result["failed"]
    assert "postfix was left as it is" in result["msg"]
    assert "`postfix check`" in result["msg"]
    assert "missing '='" in result["stderr"]
    assert systemd.done() == ["postfix check"]
    # The run that mends it need not know that an earlier one was to reload.
    systemd.refuses = {}
    assert main()["action"] == "reload"


def test_what_the_unit_logged_is_shown_where_it_does_not_start(main, systemd):
    systemd.refuses = {"systemctl start": "Job for postfix.service failed."}
    result = main()
    assert result["failed"]
    assert result["msg"] == "systemctl start postfix: Job for postfix.service failed."
    assert result["stderr"] == "the last words\n"
    assert not restart_notes.STATE.exists()


@pytest.fixture
def port():
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_its_ports_are_waited_for(main, systemd, port):
    systemd.serves = [port]
    assert main(ports=[port], timeout=10)["action"] == "start"


def test_a_port_that_it_does_not_serve_is_said(main, systemd, port):
    result = main(ports=[port], timeout=0)
    assert result["failed"]
    assert f"postfix was started, but nothing listens on port {port}" in result["msg"]
    assert result["stderr"] == "the last words\n"
    # It is as before: the next run must not take the unit for one that serves.
    assert not restart_notes.STATE.exists()


def test_a_port_that_another_program_holds_is_said_before_anything_starts(main, systemd, port):
    with socket.create_server(("127.0.0.1", port)):
        result = main(ports=[port])
    assert result["failed"]
    assert f"port {port} is taken by" in result["msg"]
    assert f"(process {os.getpid()})" in result["msg"]
    assert "systemctl start postfix" not in systemd.done()


@pytest.mark.parametrize("own", [True, False])
def test_what_was_started_without_systemd_is_stopped(main, systemd, port, monkeypatch, own):
    systemd.serves = [port]
    by_hand = [Listener(port)]
    monkeypatch.setattr(
        systemd_unit,
        "listeners",
        lambda: (
            by_hand
            if not (own and "postfix stop" in systemd.asked)
            else [Listener(port)] * ("systemctl start postfix" in systemd.asked)
        ),
    )
    result = main(ports=[port], stop_command=["postfix", "stop"])
    done = systemd.done()
    assert done.count("postfix stop") == 1
    assert ("systemctl start postfix" in done) is own
    assert ("taken by another program" in result.get("msg", "")) is not own


def test_nothing_is_stopped_where_the_port_is_free(main, systemd, port):
    systemd.serves = [port]
    main(ports=[port], stop_command=["postfix", "stop"])
    assert "postfix stop" not in systemd.asked


@pytest.mark.parametrize("verb", ["reload", "restart"])
def test_a_port_that_another_program_holds_is_said_before_it_is_loaded(main, systemd, port, verb):
    started(systemd)
    with socket.create_server(("127.0.0.1", port)):
        result = main(ports=[port], on_change=verb)
    assert f"cannot {verb}: port {port} is taken by" in result["msg"]
    assert systemd.done() == ["postfix check"]


@pytest.mark.parametrize("verb", ["start", "reload"])
@pytest.mark.parametrize(
    ("pid", "uid", "shown", "stopped"),
    [
        (42, 0, "", True),
        (0, os.getuid(), f"MainPID={os.getpid()}\n", True),
        (0, os.getuid() + 1, f"MainPID={os.getpid()}\n", False),
        (0, os.getuid(), "MainPID=0\n", False),
        (0, 0, "", False),
    ],
    ids=["in its cgroup", "its main process", "another account's", "not running", "unknown"],
)
def test_a_unit_makes_way_that_holds_a_port(
    main, systemd, port, monkeypatch, verb, pid, uid, shown, stopped
):
    if verb == "reload":
        started(systemd)
    systemd.others["clamsmtp"] = shown
    holder = [Listener(port, "clamsmtpd" if pid else "", pid, uid)]
    monkeypatch.setattr(
        systemd_unit,
        "listeners",
        lambda: [] if "systemctl stop clamsmtp" in systemd.asked else holder,
    )
    monkeypatch.setattr(systemd_unit, "in_unit", lambda pid, unit: (pid, unit) == (42, "clamsmtp"))
    monkeypatch.setattr(systemd_unit, "wait_for_ports", lambda module: None)
    main(ports=[port], instead_of=["clamsmtp"])
    assert ("systemctl stop clamsmtp" in systemd.done()) is stopped


def test_a_unit_that_holds_another_port_is_left_alone(main, systemd, port, monkeypatch):
    started(systemd)
    monkeypatch.setattr(
        systemd_unit,
        "listeners",
        lambda: [Listener(port, "master", 41), Listener(783, "spamd", 42)],
    )
    monkeypatch.setattr(
        systemd_unit, "in_unit", lambda pid, unit: (pid, unit) in [(41, "postfix"), (42, "spamd")]
    )
    main(ports=[port], instead_of=["spamd"])
    assert systemd.done() == ["postfix check", "systemctl reload postfix"]


def test_a_port_that_becomes_free_meanwhile_is_taken(main, systemd, port, monkeypatch):
    looks = iter([[Listener(port, "master", 41)], []])
    monkeypatch.setattr(systemd_unit, "listeners", lambda: next(looks, [Listener(port)]))
    assert main(ports=[port])["action"] == "start"


@pytest.mark.parametrize(("active", "refused"), [(False, True), (True, False)])
def test_a_port_whose_holder_cannot_be_seen_may_be_its_own_where_it_runs(
    main, systemd, port, monkeypatch, active, refused
):
    if active:
        started(systemd)
    monkeypatch.setattr(systemd_unit, "listeners", lambda: [Listener(port)])
    result = main(ports=[port], on_change="restart")
    assert ("taken by another program" in result.get("msg", "")) is refused
    assert ("systemctl restart postfix" in systemd.done()) is not refused


@pytest.mark.parametrize("verb", ["reload", "restart"])
def test_its_own_port_is_not_taken(main, systemd, port, monkeypatch, verb):
    started(systemd)
    monkeypatch.setattr(
        systemd_unit, "in_unit", lambda pid, unit: (pid, unit) == (os.getpid(), "postfix")
    )
    with socket.create_server(("127.0.0.1", port)):
        assert main(ports=[port], on_change=verb)["action"] == verb


@pytest.mark.parametrize(
    ("unit", "file", "read_at", "stale"),
    [
        ("postfix", "postfix.service", 0, True),
        ("postfix", "postfix.service.d/lab.conf", 0, True),
        ("postfix.service", "postfix.service", 0, True),
        ("postfix", "postfix.service", 2**40, False),
        ("postfix", "dovecot.service", 0, False),
        ("screen.socket", "screen.socket", 0, True),
        ("screen.socket", "screen.service", 0, True),
        ("screen.socket", "screen.service.d/lab.conf", 0, True),
        ("screen.socket", "other.service", 0, False),
        ("screen.service", "screen.socket", 0, False),
    ],
)
def test_a_unit_is_read_anew_where_its_file_is_newer(
    main, systemd, tmp_path, monkeypatch, unit, file, read_at, stale
):
    monkeypatch.setattr(systemd_unit, "UNITS", tmp_path / "units")
    (tmp_path / "units" / file).parent.mkdir(parents=True)
    (tmp_path / "units" / file).write_text("[Service]\n")
    systemd.read_at = read_at
    started(systemd)
    main(name=unit, configuration=[], check_mode=True)
    assert systemd.done() == []
    main(name=unit, configuration=[])
    assert systemd.done() == ["systemctl daemon-reload"] * stale


def test_a_reload_is_remembered_as_of_when_it_began(main, systemd, configuration, monkeypatch):
    started(systemd)
    times = iter([LONG_AGO + 10])
    monkeypatch.setattr(
        systemd_unit, "time", SimpleNamespace(time=lambda: next(times), monotonic=lambda: 0)
    )
    main()
    assert (restart_notes.STATE / "postfix").stat().st_mtime == LONG_AGO + 10


def test_a_unit_that_is_active_and_dead_is_restarted(main, systemd, port):
    started(systemd)
    systemd.serves = [port]
    predicted = main(check_mode=True, configuration=[], ports=[port])
    assert systemd.done() == []
    result = main(configuration=[], ports=[port], timeout=10)
    assert result == predicted
    assert (result["changed"], result["action"]) == (True, "restart")
    assert systemd.done() == ["postfix check", "systemctl restart postfix"]


def test_a_unit_that_stays_dead_is_an_error(main, systemd, port):
    started(systemd)
    result = main(configuration=[], ports=[port], timeout=0)
    assert f"nothing listens on port {port}" in result["msg"]


def test_a_unit_that_serves_its_ports_is_left_alone(main, systemd, port, monkeypatch):
    started(systemd)
    monkeypatch.setattr(systemd_unit, "listeners", lambda: [Listener(port)])
    assert not main(configuration=[], ports=[port])["changed"]
    assert systemd.done() == []


def test_another_program_in_the_place_of_a_dead_unit_is_said(main, systemd, port):
    started(systemd)
    with socket.create_server(("127.0.0.1", port)):
        result = main(configuration=[], ports=[port])
    assert f"cannot restart: port {port} is taken by" in result["msg"]


def test_a_unit_that_was_started_just_now_is_given_time(main, systemd, port, monkeypatch):
    started(systemd, entered=int(systemd_unit.time.time()))
    looks = iter([[], [], [Listener(port)]])
    monkeypatch.setattr(systemd_unit, "listeners", lambda: next(looks, [Listener(port)]))
    assert not main(configuration=[], ports=[port], timeout=30)["changed"]


COMMAND = ["postconf", "-hx", "inet_interfaces"]


def test_a_unit_whose_configuration_changes_is_not_waited_for(main, systemd, port, monkeypatch):
    started(systemd, entered=int(systemd_unit.time.time()) - 1)
    systemd.serves = [port]
    looks = []

    def look(unit, wanted, found):
        looks.append(unit)
        return Ports.SILENT

    monkeypatch.setattr(systemd_unit, "ports_of", look)
    assert main(ports=[port], changing=True)["action"] == "restart"
    assert len(looks) == 1


def test_a_change_by_hand_that_takes_a_restart_is_noticed(main, systemd, configuration):
    started(systemd)
    systemd.answers = {"postconf": "all\n"}
    first = main(restart_if_changed=COMMAND)
    assert first["action"] == "restart", "nothing is known of the last start, and a file is newer"
    (configuration / "main.cf").write_text("a = 2\n")
    assert main(restart_if_changed=COMMAND)["action"] == "reload"
    (configuration / "main.cf").write_text("inet_interfaces = loopback-only\n")
    systemd.answers = {"postconf": "loopback-only\n"}
    predicted = main(check_mode=True, restart_if_changed=COMMAND)
    assert main(restart_if_changed=COMMAND) == predicted
    assert predicted["action"] == "restart"
    assert not main(restart_if_changed=COMMAND)["changed"]


def test_what_a_unit_was_started_with_is_learnt_where_nothing_changed(main, systemd):
    started(systemd, entered=2**31)
    systemd.answers = {"postconf": "all\n"}
    assert not main(check_mode=True, restart_if_changed=COMMAND)["changed"]
    assert not restart_notes.STATE.exists()
    assert not main(restart_if_changed=COMMAND)["changed"]
    systemd.answers = {"postconf": "loopback-only\n"}
    assert main(restart_if_changed=COMMAND)["action"] == "restart"


def test_a_command_that_fails_says_nothing(main, systemd):
    started(systemd)
    systemd.refuses = {"postconf": "not found"}
    assert main(restart_if_changed=COMMAND)["action"] == "reload"


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_command_that_is_not_installed_yet_says_nothing(main, systemd, check_mode):
    systemd.lacks = {"postconf"}
    result = main(check_mode=check_mode, restart_if_changed=COMMAND)
    assert (result["changed"], result["action"]) == (True, "start")


def test_a_restart_that_was_noted_is_done_by_a_later_run(main, systemd, configuration):
    started(systemd)
    restart_notes.note(str(configuration / "main.cf"))
    assert main()["action"] == "restart"
    assert not main()["changed"]


def test_a_restart_that_failed_is_still_due(main, systemd, configuration):
    started(systemd)
    restart_notes.note(str(configuration / "main.cf"))
    systemd.refuses = {"systemctl restart": "Job failed."}
    assert main()["failed"]
    systemd.refuses = {}
    assert main()["action"] == "restart"
