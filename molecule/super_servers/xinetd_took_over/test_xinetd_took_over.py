from tests.support.waiting import answer


def test_xinetd_serves_what_inetd_served(connect):
    assert answer(connect(110), b"salut\n") == b"salut\n"


def test_inetd_is_gone_and_leaves_nothing(host):
    assert not host.package("openbsd-inetd").is_installed
    assert host.run("pidof inetd").failed
    assert not host.file("/etc/inetd.conf").exists
    assert not host.service("inetd").is_running


def test_what_is_not_named_any_more_is_not_served(host):
    assert not host.socket("tcp://7").is_listening
    assert not host.socket("tcp://7002").is_listening
