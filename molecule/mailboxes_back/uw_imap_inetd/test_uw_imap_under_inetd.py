PASSWORD = "premier-essai"


def test_inetd_starts_the_programs(host, imap):
    server = imap("tech", PASSWORD)
    pid = host.check_output("pgrep -nx imapd")
    assert host.check_output(f"ps -o comm= -p $(ps -o ppid= -p {pid})") == "inetd"
    server.logout()


def test_xinetd_is_gone(host):
    assert host.run("pidof xinetd").failed
    assert not host.package("xinetd").is_installed
