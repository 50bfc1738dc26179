import pytest


@pytest.mark.parametrize(("text", "code"), [("il dit bonsoir", 1), ("il dit bonjour", 0)])
def test_the_signatures_are_those_of_the_web_server(host, word, text, code):
    host.check_output("echo %s > %s", text, f"/var/tmp/{word}")
    assert host.run("clamscan --no-summary %s", f"/var/tmp/{word}").rc == code


def test_clamd_serves_with_them(host):
    ping = "exec 3<>/dev/tcp/127.0.0.1/3310; echo PING >&3; cat <&3"
    assert host.check_output("bash -c %s", ping) == "PONG"


def test_freshclam_keeps_them_up_to_date_and_asks_nobody_else(host):
    assert host.service("clamav-freshclam").is_running
    assert "etab.ndb" in host.check_output("ls /var/lib/clamav")
    log = host.file("/var/log/clamav/freshclam.log").content_string
    assert "etab.ndb" in log
    assert "clamav.net" not in log
