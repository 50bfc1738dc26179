import smtplib

import pytest

from tests.support.messages import EICAR, message


def test_clamsmtpd_answers_on_port_25(smtp):
    with smtp() as server:
        assert server.noop()[0] == 250
        assert b"XCLIENT" not in server.ehlo("pv")[1]
        assert server.docmd("XCLIENT ADDR=127.0.0.1")[0] == 554


def test_mail_of_the_machine_itself_leaves_it(host, word, mail_log):
    host.check_output(f"echo {word} | sendmail -f tech {word}@example.invalid")
    assert "status=bounced" in mail_log(f"to=<{word}@example.invalid>", "relay=none")


def test_clamd_and_clamsmtpd_are_not_root(host):
    for name in ("clamd", "clamsmtpd"):
        assert {each.user for each in host.process.filter(comm=name)} == {"clamav"}


def test_clamscan_knows_the_test_virus(host, word):
    host.check_output(f"echo bonjour > /tmp/{word}")
    host.check_output(f"printf %%s %s > /tmp/{word}.com", EICAR)
    assert host.run(f"clamscan --no-summary /tmp/{word}").rc == 0
    assert host.run(f"clamscan --no-summary /tmp/{word}.com").rc == 1


def test_clamd_answers_as_in_the_course(host):
    ping = "exec 3<>/dev/tcp/127.0.0.1/3310; echo PING >&3; cat <&3"
    assert host.check_output(f"bash -c '{ping}'") == "PONG"


def test_who_is_not_known_here_is_refused_at_once(smtp):
    with smtp() as server, pytest.raises(smtplib.SMTPRecipientsRefused):
        server.sendmail("prof@etab.fr", ["personne@etab.fr"], bytes(message("x")))
