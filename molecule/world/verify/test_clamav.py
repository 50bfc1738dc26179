import base64

import pytest

from tests.support.messages import EICAR, zipped

CLAMD = "exec 3<>/dev/tcp/127.0.0.1/3310; echo %s >&3; cat <&3"


@pytest.fixture
def file(host, word):
    """Write a file that clamd may read, and return its path."""

    def file(data):
        path = f"/var/tmp/{word}"
        host.check_output("echo %s | base64 -d > %s", base64.b64encode(data).decode(), path)
        return path

    return file


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (EICAR.encode(), "Eicar-Test-Signature"),
        (zipped(EICAR), "Eicar-Test-Signature"),
        (EICAR[:-1].encode(), None),
        (b"il dit bonjour", "Lab.Bonjour"),
        (b"il dit bonsoir", None),
    ],
)
def test_clamscan_and_clamd_find_the_same(host, file, data, found):
    path = file(data)
    scanned = host.run("clamscan --no-summary %s", path)
    asked = host.check_output("bash -c %s", CLAMD % f"SCAN {path}")
    if found:
        assert scanned.rc == 1
        assert asked == f"{path}: {found}.UNOFFICIAL FOUND"
    else:
        assert scanned.rc == 0
        assert asked == f"{path}: OK"


def test_clamd_answers_as_in_the_course(host):
    assert host.check_output("bash -c %s", CLAMD % "PING") == "PONG"
    assert host.socket("unix:///run/clamav/clamd.ctl").is_listening


def test_clamd_serves_the_machine_alone(host):
    assert host.socket("tcp://127.0.0.1:3310").is_listening
    assert not host.socket("tcp://0.0.0.0:3310").is_listening


def test_options_are_laid_over_the_roles_own(host):
    text = host.file("/etc/clamav/clamd.conf").content_string
    assert "MaxThreads 4\n" in text
    assert "LogVerbose" not in text
    assert "TCPAddr 127.0.0.1\n" in text


def test_nobody_asks_the_internet_for_signatures(host):
    assert not host.service("clamav-freshclam").is_running
    assert host.check_output("ls /var/lib/clamav") == "lab.ndb"
