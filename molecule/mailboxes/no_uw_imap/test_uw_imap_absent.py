def test_nothing_is_left_but_the_mail(host):
    assert not host.package("uw-imap-from-source").is_installed
    assert not host.package("openbsd-inetd").is_installed
    for path in ("/usr/sbin/imapd", "/usr/sbin/ipop3d", "/usr/sbin/mlock", "/etc/c-client.cf"):
        assert not host.file(path).exists
    for port in (110, 143):
        assert not host.socket(f"tcp://{port}").is_listening
    assert host.run("pgrep -x 'imapd|ipop3d|inetd|xinetd'").failed
    assert host.file("/var/mail/tech").exists
