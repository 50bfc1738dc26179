import imaplib
import poplib

import pytest

PASSWORD = "premier-essai"


def test_pop3_hands_out_what_postfix_delivered(send, word, file_with, pop3):
    queue_id = send("prof", "tech", f"Subject: {word}\n\nbonjour\n")
    file_with("/var/mail/tech", word)
    server = pop3("tech", PASSWORD)
    count = server.stat()[0]
    lines = server.retr(count)[1]
    assert f"Subject: {word}".encode() in lines
    assert any(queue_id.encode() in line for line in lines)
    assert lines[-1] == b"bonjour"
    server.dele(count)
    server.quit()
    server = pop3("tech", PASSWORD)
    assert server.stat()[0] == count - 1
    server.quit()


def test_imap_hands_out_the_same_message(send, word, file_with, imap):
    send("prof", "tech", f"Subject: {word}\n\nbonjour\n")
    file_with("/var/mail/tech", word)
    server = imap("tech", PASSWORD)
    server.select()
    (number,) = server.search(None, "SUBJECT", word)[1][0].split()
    text = server.fetch(number, "(BODY[TEXT])")[1][0][1]
    assert text.strip() == b"bonjour"
    server.store(number, "+FLAGS", r"(\Deleted)")
    server.expunge()
    assert server.search(None, "SUBJECT", word)[1] == [b""]
    server.logout()


def test_folders_live_in_the_home(host, imap):
    server = imap("prof", PASSWORD)
    server.create("cours")
    assert host.file("/home/prof/mail/cours").exists
    server.delete("cours")
    server.logout()


# Each failure makes Dovecot wait longer before it answers the same address: these stand last.
def test_a_wrong_password_is_refused(pop3, imap):
    with pytest.raises(poplib.error_proto):
        pop3("tech", "faux")
    with pytest.raises(imaplib.IMAP4.error):
        imap("tech", PASSWORD + " ")


def test_root_is_refused(imap):
    with pytest.raises(imaplib.IMAP4.error):
        imap("root", PASSWORD)
