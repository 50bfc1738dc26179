import imaplib
import poplib
import smtplib
import ssl

import pytest


@pytest.fixture
def trusting(host):
    """What a client has that knows the server's certificate, by the name that it stands for."""
    context = ssl.create_default_context(cadata=host.file("/etc/ssl/certs/mail.pem").content_string)
    # The certificate is of a name that nobody serves here.
    context.check_hostname = False
    return context


@pytest.fixture
def submission(smtp, trusting):
    """A session on the port of submission, under TLS."""
    with smtp(587) as server:
        server.starttls(context=trusting)
        server.ehlo()
        yield server


def test_who_logs_in_may_send(submission, word, file_with):
    submission.login("tech", "essai")
    submission.sendmail("tech@example.test", ["tech@example.test"], f"Subject: {word}\n\n")
    assert word in file_with("/var/mail/tech", word)


def test_a_wrong_password_is_refused(submission):
    with pytest.raises(smtplib.SMTPAuthenticationError):
        submission.login("tech", "autre")


def test_nobody_sends_without_a_login(submission):
    submission.mail("tech@example.test")
    code, reply = submission.rcpt("tech@example.test")
    assert code == 554, reply


def test_no_login_is_offered_without_tls(smtp):
    with smtp(587) as server:
        server.ehlo()
        assert not server.has_extn("auth")
        assert server.mail("tech@example.test")[0] == 530


def test_port_25_offers_no_login(smtp):
    with smtp() as server:
        server.ehlo()
        assert server.has_extn("starttls")
        assert not server.has_extn("auth")


def test_mailboxes_are_served_by_tls(address, trusting):
    with imaplib.IMAP4_SSL(address, 993, ssl_context=trusting, timeout=30) as server:
        assert server.login("tech", "essai")[0] == "OK"
    server = poplib.POP3_SSL(address, 995, context=trusting, timeout=30)
    server.user("tech")
    assert server.pass_("essai").startswith(b"+OK")
    server.quit()


def test_passwords_in_clear_are_refused(address):
    server = imaplib.IMAP4(address, 143, timeout=30)
    with pytest.raises(imaplib.IMAP4.error):
        server.login("tech", "essai")
    assert "STARTTLS" in server.capabilities


def test_what_was_configured_by_hand_is_kept(host):
    assert host.check_output("postconf -hx smtp_helo_timeout") == "77s"
    assert host.check_output("postconf -hx mydestination") == "example.test,localhost"
    assert "# by hand" in host.file("/etc/postfix/main.cf").content_string
    assert host.check_output("postconf -M 2626/inet")
