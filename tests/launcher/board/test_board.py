"""./lab board: what it cannot do it says, and a web server that ends is started again."""

from __future__ import annotations

import socket
import sys
from contextlib import closing

import pytest

from launcher import attempts, inventory
from launcher.board import board, places
from launcher.settings import SettingsError


@pytest.fixture
def reports(tmp_path, hosts, monkeypatch):
    monkeypatch.setattr(attempts, "REPORTS", tmp_path)
    return tmp_path


@pytest.mark.parametrize("word", ["0", "65536", "x", "-1", "80 80", "٨٠", ""])
def test_what_is_no_port(word):
    with pytest.raises(SettingsError, match="--port"):
        board.port_of(word)


def test_a_port_or_the_usual_one():
    assert (board.port_of("8026"), board.port_of(None)) == (8026, board.PORT)


def test_a_port_that_is_taken_is_said(reports):
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with (
            pytest.raises(SettingsError, match="is taken"),
            board.web_server(reports, port, [], {}),
        ):
            pass


def test_a_lab_has_one_board(reports):
    with board._alone(), pytest.raises(SettingsError, match="another terminal"), board._alone():
        pass
    with board._alone():
        assert (places.directory().stat().st_mode & 0o777) == 0o700


def test_a_server_that_ended_is_started_again(reports, monkeypatch):
    monkeypatch.setattr(board, "AGAIN", 0)
    monkeypatch.setattr(sys, "executable", "/bin/cat")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with board.web_server(reports, port, ["student1"], {}) as serve:
        serve.keep()
        first = serve.process
        first.kill()
        first.wait()
        serve.keep()
        assert serve.process.pid != first.pid
    assert serve.process.poll() is not None


def test_no_gate_is_asked_where_no_class_is_open(hosts):
    inventory.write(board.settings.Settings())
    assert board.gate_command(board.settings.needed()) is None


def test_what_was_before_the_lab_is_of_another_one(hosts):
    assert places.lab_began() == 0
    inventory.write(board.settings.Settings())
    assert places.lab_began() > 0
