"""Who is a stranger on a machine, by tables of processes."""

import pytest

from ansible_collections.labs.mail.plugins.module_utils._system.processes import (
    Process,
    processes,
    service_in,
    strangers,
)

SSH = "ssh.service"
FOUND = {
    1: Process(0, "systemd"),
    10: Process(1, "rsyslogd", "rsyslog.service"),
    11: Process(1, "sshd", SSH),
    # The connection of this run, with what else it runs.
    20: Process(11, "sshd", SSH),
    21: Process(20, "python3", SSH),
    22: Process(21, "python3", SSH),
    23: Process(20, "sh", SSH),
    # A student's.
    30: Process(11, "sshd", SSH),
    31: Process(30, "bash", SSH),
    32: Process(1, "sleep", SSH),
    # What nobody's service is.
    40: Process(1, "python3"),
    41: Process(1, "master", "postfix@-.service"),
    42: Process(41, "qmgr", "postfix@-.service"),
    # docker exec.
    50: Process(0, "bash"),
    51: Process(50, "vi"),
}
SERVICES = {"rsyslog.service", SSH}


def test_strangers_are_all_but_the_machines_services_and_the_connection_of_this_run():
    assert strangers(FOUND, 22, SERVICES, {SSH: 11}) == [30, 31, 32, 40, 41, 42, 50, 51]


def test_a_run_that_came_by_the_engine_spares_itself_and_no_connection():
    assert strangers(FOUND, 51, SERVICES, {SSH: 11}) == [20, 21, 22, 23, 30, 31, 32, 40, 41, 42]


def test_a_machine_with_nothing_else():
    found = {1: FOUND[1], 10: FOUND[10], 11: FOUND[11], 20: FOUND[20], 21: FOUND[21]}
    assert strangers(found, 21, SERVICES, {SSH: 11}) == []


def test_processes_as_the_kernel_tells_of_them(tmp_path):
    lines = {
        "1": "1 (systemd) S 0 1",
        "2": "2 (kthreadd) S 0 0",
        "3": "3 (kworker/0:0) I 2 0",
        "10": "10 (a (b) c) T 1 10",
        "11": "11 (gone) Z 1 11",
        "12": "12 (no) R",
    }
    for pid, line in lines.items():
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "stat").write_text(line + "\n")
        (tmp_path / pid / "cgroup").write_text("0::/system.slice/x.service\n")
    assert processes(tmp_path) == {
        1: Process(0, "systemd", "x.service"),
        10: Process(1, "a (b) c", "x.service", stopped=True),
    }


@pytest.mark.parametrize(
    ("cgroup", "service"),
    [
        ("0::/system.slice/rsyslog.service\n", "rsyslog.service"),
        ("0::/system.slice/system-postfix.slice/postfix@-.service\n", "postfix@-.service"),
        ("12:pids:/x/cron.service\n1:name=systemd:/x/cron.service\n", "cron.service"),
        ("0::/user.slice/user-0.slice/session-1.scope\n", ""),
        ("0::/user.slice/user-0.slice/user@0.service/app.slice/x.scope\n", "user@0.service"),
        ("0::/\n", ""),
        ("", ""),
    ],
)
def test_the_service_of_a_process(cgroup, service):
    assert service_in(cgroup) == service
