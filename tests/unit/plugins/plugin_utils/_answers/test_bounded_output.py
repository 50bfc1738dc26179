"""What prints without end is heard no longer, by Ansible's own ssh and by Mitogen."""

import os
import subprocess
import time

import mitogen.core
import mitogen.master
import mitogen.utils
import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import ssh

from ansible_collections.labs.mail.plugins.plugin_utils._answers import bounded_output

SECONDS = 20


@pytest.fixture
def mitogen_bounded(monkeypatch):
    """Mitogen, bounded as long as the test runs."""
    monkeypatch.setattr(mitogen.core.Stream, "is_bounded", False, raising=False)
    monkeypatch.setattr(mitogen.core.Stream, "on_receive", mitogen.core.Stream.on_receive)
    monkeypatch.setattr(mitogen.core.Router, "_async_route", mitogen.core.Router._async_route)
    bounded_output.bound_mitogen()
    return monkeypatch


@pytest.fixture
def router(mitogen_bounded):
    """A router, as Ansible's controller has one."""
    broker = mitogen.master.Broker()
    yield mitogen.master.Router(broker)
    broker.shutdown()
    broker.join()


@pytest.fixture
def connect(router, tmp_path):
    """Return a function that connects to a machine which answers ssh with a script."""

    def to(script):
        path = tmp_path / "ssh"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return router.ssh(hostname="machine", ssh_path=str(path), connect_timeout=SECONDS)

    return to


@pytest.mark.parametrize(
    "script", ["exec yes", "exec yes >&2", "yes | tr -d '\\n'", "echo MITO000; exec yes"]
)
def test_a_machine_that_only_prints_is_given_up(connect, script):
    begun = time.monotonic()
    with pytest.raises(mitogen.core.StreamError, match="without end: more than 64 KiB"):
        connect(script)
    assert time.monotonic() - begun < SECONDS / 2


def test_an_honest_one_is_served_beside_it(router, connect):
    honest = router.local()
    with pytest.raises(mitogen.core.StreamError):
        connect("exec yes")
    assert honest.call(os.getpid) > 0


def test_it_may_greet_at_length(router):
    python = ["sh", "-c", 'yes greeting | head -c 60000; echo; exec python3 "$@"', "sh"]
    machine = router.local(python_path=python)
    assert machine.call(os.getpid) > 0


def test_what_its_own_side_says_is_bounded(router, mitogen_bounded):
    mitogen_bounded.setattr(bounded_output, "MOST_OF_A_CONNECTION", 4 << 20)
    machine = router.local()
    assert len(machine.call(bytes, 1 << 20)) == 1 << 20
    with pytest.raises(mitogen.core.ChannelError):
        machine.call(bytes, 5 << 20)


def test_each_message_counts(router, mitogen_bounded):
    machine = router.local()
    for _number in range(3):
        machine.call(os.getpid)
    mitogen_bounded.setattr(bounded_output, "PRICE_OF_A_MESSAGE", 1 << 30)
    machine.call(os.getpid)
    with pytest.raises(mitogen.core.ChannelError):
        machine.call(os.getpid)


def read_all(command):
    """Read a process as the plugin does, and return what it printed."""
    process = bounded_output.BoundedProcess(
        ["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    printed = b""
    try:
        while block := process.stdout.read():
            printed += block
    finally:
        process.stdout.close()
        process.stderr.close()
        process.wait(SECONDS)
    return printed


def test_ssh_takes_what_a_command_prints():
    assert len(read_all("yes | head -c 3000000")) == 3_000_000


def test_ssh_gives_a_command_up_that_prints_without_end(monkeypatch):
    monkeypatch.setattr(bounded_output, "MOST_OF_A_COMMAND", 2 << 20)
    with pytest.raises(AnsibleConnectionFailure, match="without end: more than 2 MiB"):
        read_all("exec yes")


def test_the_plugin_ssh_starts_bounded_processes(monkeypatch):
    monkeypatch.setattr(ssh, "subprocess", subprocess)
    bounded_output.bound_ssh()
    assert ssh.subprocess.Popen is bounded_output.BoundedProcess
    assert ssh.subprocess.PIPE is subprocess.PIPE
