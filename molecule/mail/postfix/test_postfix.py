import smtplib

import pytest


def test_the_dialogue_of_the_course(host, smtp, word, mail_log, file_with):
    with smtp() as server:
        assert server.docmd("helo pv") == (250, b"linux.in.ac-amiens.fr")
        assert server.docmd("mail from: tech") == (250, b"2.1.0 Ok")
        assert server.docmd("rcpt to: tech") == (250, b"2.1.5 Ok")
        assert server.docmd("data")[0] == 354
        server.send(f"\r\n{word}\r\n.\r\n")
        code, reply = server.getreply()
        assert code == 250
        assert reply.startswith(b"2.0.0 Ok: queued as ")
    queue_id = reply.decode().split()[-1]
    message = file_with("/var/mail/tech", word).rpartition("\nFrom ")[2]
    assert "Return-Path: <tech@in.ac-amiens.fr>" in message
    assert "X-Original-To: tech\n" in message
    assert "Delivered-To: tech@in.ac-amiens.fr\n" in message
    assert f"by linux.in.ac-amiens.fr (Postfix) with SMTP id {queue_id}" in message
    assert "(delivered to command: /usr/bin/procmail)" in mail_log(queue_id, "status=sent")


@pytest.mark.parametrize(
    "recipient", ["prof@linux.in.ac-amiens.fr", "prof@localhost", "prof@in.ac-amiens.fr", "prof"]
)
def test_the_addresses_of_an_account(send, word, file_with, recipient):
    send("tech", recipient, word)
    assert "Delivered-To: prof@" in file_with("/var/mail/prof", word)


def test_mail_for_the_postmaster_reaches_who_is_root(send, word, file_with):
    send("tech", "postmaster", word)
    assert "X-Original-To: postmaster" in file_with("/var/mail/tech", word)


@pytest.mark.parametrize(
    ("recipient", "code", "words"),
    [
        ("nobody-here@in.ac-amiens.fr", 550, "User unknown"),
        ("someone@example.org", 554, "Relay access denied"),
        ("tech@example.org", 554, "Relay access denied"),
        ("someone%example.org@in.ac-amiens.fr", 554, "Relay access denied"),
    ],
)
def test_what_is_refused(send, recipient, code, words):
    with pytest.raises(smtplib.SMTPResponseException, match=words) as caught:
        send("tech@in.ac-amiens.fr", recipient, "")
    assert caught.value.smtp_code == code


def test_the_machine_itself_may_send_abroad(host, word, mail_log):
    host.check_output(f"echo {word} | sendmail -f tech {word}@example.invalid")
    assert "status=bounced" in mail_log(f"to=<{word}@example.invalid>", "status=")


def test_the_packages_services_are_all_there(host):
    stock = "grep -cE '^[a-z0-9]' /usr/share/postfix/master.cf.dist"
    assert host.check_output("postconf -M | wc -l") == host.check_output(stock)


def test_a_second_port_is_not_open(host):
    assert not host.socket("tcp://2525").is_listening
