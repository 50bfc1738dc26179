def test_nothing_of_either_is_left(host):
    for package in ("postfix", "postfix-from-source"):
        assert host.run(f"dpkg-query --show {package}").rc == 1
    assert not host.socket("tcp://25").is_listening
    assert not host.process.filter(comm="master")
    for path in (
        "/etc/aliases.db",
        "/etc/postfix",
        "/etc/systemd/system/postfix.service",
        "/usr/libexec/postfix",
        "/usr/local/libexec/postfix",
        "/var/lib/postfix",
        "/var/log/labs-mail/postfix-from-source.log",
        "/var/spool/postfix",
    ):
        assert not host.file(path).exists, path
    assert host.run("ls /var/cache/labs-mail/postfix-*").rc != 0


def test_the_mail_that_was_delivered_is_still_there(host):
    assert host.file("/var/mail/tech").size > 0
