def test_the_postfix_that_served_before_the_failed_builds_serves(host, send, word, file_with):
    send("tech", "tech", word)
    file_with("/var/mail/tech", word)
    show = "systemctl show --timestamp=unix --property=ActiveEnterTimestamp --value postfix"
    running_since = int(host.check_output(show).lstrip("@"))
    if host.backend.get_hostname() != "postfixsrc12b":
        log = host.file("/var/log/labs-mail/postfix-from-source.log")
        assert "no-such-flag" in log.content_string
        assert running_since < int(host.check_output(f"stat -c %Y {log.path}"))


def test_the_failed_builds_left_nothing(host):
    assert not host.package("build-essential").is_installed
    assert not host.run("ls -d /var/cache/labs-mail/*.build").succeeded
