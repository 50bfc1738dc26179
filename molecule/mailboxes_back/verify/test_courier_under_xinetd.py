PASSWORD = "premier-essai"


def test_xinetd_starts_the_programs(host, imap):
    server = imap("tech", PASSWORD)
    pid = host.check_output("pidof imapd")
    parent = host.check_output(f"ps -o ppid= -p {pid}").strip()
    assert host.check_output(f"ps -o comm= -p {parent}") == "xinetd"
    server.logout()


def test_no_daemon_of_courier_waits_for_clients(host):
    assert host.run("pidof couriertcpd").failed
    assert not host.service("courier-imap").is_enabled


def test_a_session_is_logged_and_leaves_nothing_behind(host, mail_log, imap):
    imap("tech", PASSWORD).logout()
    mail_log("courier-imap", "LOGIN, user=tech", "ip=[")
    assert host.run("ls /run/courier/inetd.*").failed
