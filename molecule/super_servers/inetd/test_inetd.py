import pytest

from tests.support.waiting import answer, until


def test_a_program_talks_to_who_connects(connect):
    assert answer(connect(110), b"salut\n") == b"salut\n"


def test_a_program_gets_its_words(connect):
    assert answer(connect(7002)) == b"un deux\n"


def test_a_program_runs_as_its_user_and_group(connect):
    assert answer(connect(7011)).startswith(b"uid=5(games) gid=60(games)")


def test_inetd_answers_itself(connect):
    assert answer(connect(7), b"salut\n") == b"salut\n"


def test_many_sessions_at_once(connect):
    connections = [connect(110) for _each in range(50)]
    assert all(answer(connection, b"salut") == b"salut" for connection in connections)


def test_an_address_is_listened_at_alone(host, connect):
    with pytest.raises(ConnectionRefusedError):
        connect(7009)
    assert host.socket("tcp://127.0.0.1:7009").is_listening


def test_what_is_disabled_is_not_served(connect):
    with pytest.raises(ConnectionRefusedError):
        connect(7010)


def test_sessions_end_with_inetd(host, connect):
    connection = connect(110)
    assert answer(connection, b"x") == b"x"
    host.check_output("systemctl restart inetd")
    assert until(lambda: answer(connection, b"x") == b"")
    assert answer(connect(110), b"x") == b"x"


def test_it_is_started_at_boot(host):
    assert host.service("inetd").is_enabled
    assert host.service("inetd").is_running
