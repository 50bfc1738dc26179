import socket

import pytest

from tests.support.waiting import DEADLINE_SECONDS, answer, until


def ask_from_inside(host, port):
    """What a service answers to the machine itself."""
    talk = f"exec 3<>/dev/tcp/127.0.0.1/{port}; printf salut >&3; timeout 10 head -c 5 <&3"
    return host.run(f"bash -c '{talk}'").stdout


def test_a_program_talks_to_who_connects(connect):
    assert answer(connect(110), b"salut\n") == b"salut\n"


def test_a_program_gets_its_words(connect):
    assert answer(connect(7002)) == b"un deux\n"


def test_a_program_runs_as_its_user_and_group(connect):
    assert answer(connect(7011)).startswith(b"uid=5(games) gid=60(games)")


@pytest.mark.parametrize("port", [7, 7001])
def test_xinetd_answers_itself(connect, port):
    assert answer(connect(port), b"salut\n") == b"salut\n"


def test_xinetd_answers_itself_by_udp(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.settimeout(DEADLINE_SECONDS)
        server.sendto(b"salut\n", (address, 7))
        assert server.recv(99) == b"salut\n"


def test_a_connection_is_handed_on(connect):
    assert answer(connect(7003)) == b"un deux\n"


def test_only_so_many_sessions_at_once(connect):
    first, second = connect(7004), connect(7004)
    assert answer(first, b"1") + answer(second, b"2") == b"12"
    assert answer(connect(7004), b"3") == b""
    first.close()
    until(lambda: answer(connect(7004), b"3"))


def test_only_so_many_sessions_at_once_for_one_client(host, connect):
    assert answer(connect(7005), b"1") == b"1"
    assert answer(connect(7005), b"2") == b""
    assert ask_from_inside(host, 7005) == "salut"


def test_too_many_connections_a_second_bring_a_pause(connect):
    def refused():
        try:
            return answer(connect(7006), b"x") == b""
        except ConnectionError:
            return True

    until(refused)
    until(lambda: not refused())


def test_only_those_named_are_served(host, connect):
    assert answer(connect(7007), b"salut") == b""
    assert ask_from_inside(host, 7007) == "salut"


def test_those_named_are_not_served(host, connect):
    assert answer(connect(7008), b"salut") == b"salut"
    assert ask_from_inside(host, 7008) == ""


def test_an_address_is_listened_at_alone(host, connect):
    with pytest.raises(ConnectionRefusedError):
        connect(7009)
    assert ask_from_inside(host, 7009) == "salut"


def test_what_is_disabled_is_not_served(connect):
    with pytest.raises(ConnectionRefusedError):
        connect(7010)


def journal(host, *words):
    """Wait until xinetd has logged a line with all of these words."""
    lines = until(
        lambda: [
            line
            for line in host.run("journalctl --no-pager -q -o cat -t xinetd").stdout.splitlines()
            if all(word in line for word in words)
        ]
    )
    return lines[-1]


def test_a_session_is_logged_as_its_service_says(host, connect):
    connection = connect(110)
    assert answer(connection, b"x") == b"x"
    assert connection.getsockname()[0] in journal(host, "START: pop3")
    connection.close()
    assert "duration=" in journal(host, "EXIT: pop3")


def test_a_refusal_is_logged_as_its_service_says(host, connect):
    three = [connect(7004) for _each in range(3)]
    assert answer(three[2], b"3") == b""
    assert three[2].getsockname()[0] in journal(host, "FAIL: two service_limit")


def test_nothing_else_is_served(host):
    listening = host.check_output("ss -Hltnp | grep xinetd | wc -l")
    assert listening == "12"
    assert not host.file("/etc/xinetd.d/chargen").exists


def test_it_is_started_at_boot_and_is_what_systemd_says(host):
    service = host.service("xinetd")
    assert service.is_enabled
    assert service.is_running
    main = host.check_output("systemctl show -P MainPID xinetd")
    assert host.check_output(f"cat /proc/{main}/comm") == "xinetd"
