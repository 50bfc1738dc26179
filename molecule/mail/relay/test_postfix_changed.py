import smtplib

import pytest


def test_a_message_passes_both_servers(send, word, mail_log, file_with):
    first = send("tech", "tech@local.isri.fr", word)
    relayed = mail_log(f"{first}: to=<tech@local.isri.fr>", "relay=127.0.0.1[127.0.0.1]:2525")
    assert "postfix/clismtp/smtp" in relayed or "postfix/smtp" in relayed
    second = relayed.partition("queued as ")[2].rstrip(")")
    assert "status=sent" in mail_log(f"{second}: to=<tech@local.isri.fr>", "procmail")
    message = file_with("/var/mail/tech", word).rpartition("\nFrom ")[2]
    assert f"by smtp2.local.isri.fr (Postfix) with ESMTP id {second}" in message
    assert f"by smtp.local.isri.fr (Postfix) with SMTP id {first}" in message


def test_the_second_server_is_not_open_to_the_network(host, smtp):
    assert host.socket("tcp://127.0.0.1:2525").is_listening
    with pytest.raises(OSError, match="refused"):
        smtp(2525)


def test_a_changed_alias_is_in_force(send, word, file_with):
    send("tech", "postmaster", word)
    assert "X-Original-To: postmaster" in file_with("/var/mail/prof", word)


def test_a_header_is_refused(send):
    send("tech", "tech", "Subject: public\n\n")
    with pytest.raises(AssertionError, match="Sujet interdit"):
        send("tech", "tech", "Subject: secret\n\n")


def test_the_old_domain_is_foreign_now(send):
    with pytest.raises(smtplib.SMTPResponseException, match="Relay access denied"):
        send("tech", "tech@in.ac-amiens.fr", "")


def test_the_transport_table_answers(host):
    assert (
        host.check_output("postmap -q ac-amiens.fr hash:/etc/postfix/transport")
        == "smtp:[smtp.ac-amiens.fr]"
    )


def test_it_listens_on_ipv4_alone(host):
    assert host.socket("tcp://0.0.0.0:25").is_listening
    assert not host.socket("tcp://:::25").is_listening
