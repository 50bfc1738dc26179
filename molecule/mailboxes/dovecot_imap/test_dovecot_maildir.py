def test_imap_reads_the_maildir_that_postfix_delivers_to(host, send, word, mail_log, imap):
    queue_id = send("prof", "tech", f"Subject: {word}\n\nbonjour\n")
    assert "delivered to maildir" in mail_log(queue_id, "status=sent")
    server = imap("tech", "premier-essai")
    server.select()
    (number,) = server.search(None, "SUBJECT", word)[1][0].split()
    assert server.fetch(number, "(BODY[TEXT])")[1][0][1].strip() == b"bonjour"
    server.logout()
    assert word in host.check_output("cat /home/tech/Maildir/*/*")


def test_a_protocol_that_is_not_asked_for_is_not_served(host):
    assert host.socket("tcp://143").is_listening
    assert not host.socket("tcp://110").is_listening
