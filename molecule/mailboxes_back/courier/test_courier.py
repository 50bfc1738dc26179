import imaplib
import poplib

import pytest

PASSWORD = "premier-essai"


def test_pop3_hands_out_what_postfix_delivered(send, word, mail_log, pop3):
    queue_id = send("prof", "tech", f"Subject: {word}\n\nbonjour\n")
    assert "delivered to maildir" in mail_log(queue_id, "status=sent")
    server = pop3("tech", PASSWORD)
    count = server.stat()[0]
    lines = server.retr(count)[1]
    assert f"Subject: {word}".encode() in lines
    assert lines[-1] == b"bonjour"
    server.dele(count)
    server.quit()
    server = pop3("tech", PASSWORD)
    assert server.stat()[0] == count - 1
    server.quit()


def test_imap_hands_out_the_same_message(host, send, word, mail_log, imap):
    queue_id = send("prof", "tech", f"Subject: {word}\n\nbonjour\n")
    mail_log(queue_id, "status=sent")
    server = imap("tech", PASSWORD)
    server.select()
    (number,) = server.search(None, "SUBJECT", word)[1][0].split()
    assert server.fetch(number, "(BODY[TEXT])")[1][0][1].strip() == b"bonjour"
    server.logout()
    assert word in host.check_output("cat /home/tech/Maildir/*/*")


def test_it_says_what_it_can_do_as_clients_want_it_and_offers_no_tls(host, address):
    server = imaplib.IMAP4(address)
    assert {"IMAP4REV1", "AUTH=PLAIN", "IDLE"} <= set(server.capabilities)
    assert "STARTTLS" not in server.capabilities
    server.shutdown()
    pop = poplib.POP3(address)
    assert "STLS" not in pop.capa()
    pop.close()
    for port in (993, 995):
        assert not host.socket(f"tcp://{port}").is_listening


def test_an_account_that_is_made_later_can_read_its_mail_at_once(host, imap):
    host.check_output("useradd -m later && echo later:%s | chpasswd", PASSWORD)
    server = imap("later", PASSWORD)
    assert server.select()[0] == "OK"
    server.logout()
    host.check_output("userdel -r later")


def test_a_wrong_password_is_refused(pop3, imap):
    with pytest.raises(poplib.error_proto):
        pop3("tech", "faux")
    with pytest.raises(imaplib.IMAP4.error):
        imap("tech", PASSWORD + " ")
    with pytest.raises(imaplib.IMAP4.error):
        imap("root", PASSWORD)
