from tests.support.messages import VIRUSES
from tests.support.waiting import until


def test_the_sender_of_a_virus_is_told_and_no_more_is_sent_back(host, send, word):
    send("prof@etab.fr", "tech@etab.fr", bytes(VIRUSES["attached"](word)))

    def told():
        box = host.run("cat /var/mail/prof").stdout
        return [each for each in box.split("\nFrom ") if f"<{word}@pv>" in each]

    (notice,) = until(told)
    assert "550 Virus Detected; Content Rejected" in " ".join(notice.split())


def test_port_25_is_postfixs_again(smtp):
    with smtp() as server:
        assert server.docmd("helo pv") == (250, b"smtp.etab.fr")


def test_what_was_built_has_the_packages_place(host):
    assert host.package("clamsmtp-from-source").is_installed
    assert not host.package("clamsmtp").is_installed
    (process,) = host.process.filter(comm="clamsmtpd")
    assert process.args.startswith("/usr/local/clamsmtp/sbin/clamsmtpd ")
