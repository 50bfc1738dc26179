PASSWORD = "premier-essai"


def test_inetd_starts_the_programs(host, imap):
    server = imap("tech", PASSWORD)
    pid = host.check_output("pidof imapd")
    parent = host.check_output(f"ps -o ppid= -p {pid}").strip()
    assert host.check_output(f"ps -o comm= -p {parent}") == "inetd"
    server.logout()


def test_a_protocol_that_is_not_asked_for_is_not_served(host):
    assert host.socket("tcp://143").is_listening
    assert not host.socket("tcp://110").is_listening
