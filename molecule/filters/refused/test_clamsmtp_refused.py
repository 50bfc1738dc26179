import os
from pathlib import Path

FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])


def test_a_clamd_that_nobody_is_is_named(host):
    said = (FOLDER / f"said-{host.backend.get_hostname()}").read_text()
    assert said.startswith("clamsmtp_clamd: nobody listens at 127.0.0.1:3311; start clamd")


def test_nothing_was_changed(host, smtp):
    text = host.file("/etc/clamsmtpd.conf").content_string
    assert "ClamAddress: 127.0.0.1:3310\n" in text
    assert "Action: drop\n" in text
    with smtp() as server:
        assert server.noop()[0] == 250
