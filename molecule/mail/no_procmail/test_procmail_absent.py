def test_procmail_left_nothing_but_the_mail(host):
    assert not host.package("procmail").is_installed
    assert not host.file("/etc/procmailrc").exists
    assert host.file("/var/mail/tech").size > 0


def test_without_it_mail_waits_in_the_queue(send, mail_log):
    queue_id = send("prof", "tech", "")
    assert "status=deferred" in mail_log(queue_id, "status=")
