def test_postfix_left_nothing_behind(host):
    assert not host.package("postfix").is_installed
    assert not host.socket("tcp://25").is_listening
    assert not host.socket("tcp://127.0.0.1:2525").is_listening
    for path in ("/etc/postfix", "/etc/aliases.db", "/var/spool/postfix", "/var/lib/postfix"):
        assert not host.file(path).exists, path


def test_the_next_postfix_takes_no_domain_from_the_last_one(host):
    assert not host.file("/etc/mailname").exists


def test_the_mail_that_was_delivered_is_still_there(host):
    assert host.file("/var/mail/tech").size > 0
