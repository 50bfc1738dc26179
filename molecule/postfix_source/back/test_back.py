def test_the_message_of_before_both_exchanges_arrives(host, file_with):
    host.check_output("postqueue -f")
    file_with("/var/mail/tech", "written-before-the-exchange")


def test_new_mail_is_delivered(send, word, file_with):
    send("tech", "tech", word)
    file_with("/var/mail/tech", word)


def test_what_was_built_from_source_runs_and_nothing_of_the_package(host):
    assert not host.package("postfix").is_installed
    assert not host.file("/usr/lib/postfix/sbin/master").exists
    (process,) = host.process.filter(comm="master")
    assert "/libexec/postfix/master" in process.args
    assert host.service("postfix").is_running
    assert host.service("postfix").is_enabled
    assert host.check_output("systemctl --failed --plain --no-legend") == ""


def test_it_was_not_built_again(host):
    if host.backend.get_hostname() != "postfixsrc12b":
        log = host.file("/var/log/labs-mail/postfix-from-source.log")
        assert "no-such-flag" in log.content_string
