from __future__ import annotations

import os
import shutil
import socket

import pytest

from ansible_collections.labs.mail.plugins.module_utils._system import listeners as _listeners
from ansible_collections.labs.mail.plugins.module_utils._system.listeners import (
    Listener,
    listeners,
    real_uid,
)

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid inode"


def row(port, inode, state="0A", address="0100007F", uid=0):
    """A line of /proc/net/tcp as the kernel writes it."""
    return (
        f"   0: {address}:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 "
        f"00000000 {uid:5}        0 {inode} 1 0000000000000000 100 0 0 10 0"
    )


@pytest.fixture
def proc(tmp_path):
    """A /proc to fill: tables of sockets, and processes with their sockets."""

    class Proc:
        path = tmp_path

        def table(self, name, *rows):
            (tmp_path / "net").mkdir(exist_ok=True)
            (tmp_path / "net" / name).write_text("\n".join([HEAD, *rows]) + "\n")

        def process(self, number, name, *targets):
            folder = tmp_path / str(number) / "fd"
            folder.mkdir(parents=True)
            (folder.parent / "comm").write_text(f"{name}\n")
            for descriptor, target in enumerate(targets):
                (folder / str(descriptor)).symlink_to(target)

    return Proc()


def test_a_socket_that_listens_is_its_programs(proc):
    proc.table("tcp", row(25, 111), row(4025, 112, state="01"))
    proc.table("tcp6", row(143, 113, address="00000000000000000000000000000000"))
    proc.process(7, "master", "/dev/null", "socket:[111]", "pipe:[5]")
    proc.process(8, "dovecot", "socket:[113]", "socket:[112]")
    assert listeners(proc.path) == [Listener(25, "master", 7), Listener(143, "dovecot", 8)]


def test_the_oldest_of_the_processes_that_share_a_socket_is_the_daemon(proc):
    proc.table("tcp", row(25, 111))
    for number in (40, 7, 100):
        proc.process(number, f"p{number}", "socket:[111]")
    assert listeners(proc.path) == [Listener(25, "p7", 7)]


def test_a_socket_of_nobody_that_can_be_seen_is_found_too(proc):
    proc.table("tcp", row(53, 111))
    (proc.path / "9").mkdir()
    assert listeners(proc.path) == [Listener(53)]


def test_a_process_that_ends_meanwhile_is_no_obstacle(proc, monkeypatch):
    proc.table("tcp", row(25, 111))
    proc.process(7, "master", "socket:[111]")
    looked = _listeners._socket_inodes

    def ends(process):
        inodes = looked(process)
        shutil.rmtree(process)
        return inodes

    monkeypatch.setattr(_listeners, "_socket_inodes", ends)
    (found,) = listeners(proc.path)
    assert found.port == 25


def test_a_kernel_without_a_protocol_has_no_table_of_it(proc):
    proc.table("tcp")
    assert listeners(proc.path) == []


@pytest.mark.parametrize(
    ("listener", "words"),
    [(Listener(25, "master", 7), "master (process 7)"), (Listener(25), "another program")],
)
def test_how_a_program_is_named(listener, words):
    assert str(listener) == words


def test_this_process_is_found_among_those_of_the_host():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (found,) = [listener for listener in listeners() if listener.port == port]
        assert found.pid == os.getpid()
    assert port not in [listener.port for listener in listeners()]


def test_the_account_that_made_a_socket_is_known_where_its_program_is_not(proc):
    proc.table("tcp", row(2525, 111, uid=102), row(25, 112))
    proc.process(7, "master", "socket:[112]")
    assert listeners(proc.path) == [Listener(25, "master", 7), Listener(2525, uid=102)]


def test_who_runs_a_process_is_known_though_not_what_it_has_open(tmp_path):
    (tmp_path / "42").mkdir()
    (tmp_path / "42" / "status").write_text("Name:\tclamsmtpd\nUid:\t102\t102\t102\t102\n")
    assert real_uid(42, tmp_path) == 102
    assert real_uid(43, tmp_path) == -1
    assert real_uid(os.getpid()) == os.getuid()
