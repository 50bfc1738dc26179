import os
from pathlib import Path

FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])


def test_a_certificate_without_its_key_is_refused(host):
    said = (FOLDER / f"said-{host.backend.get_hostname()}").read_text()
    assert "dovecot_tls_key is not set, and the other one is; write the path of both" in said


def test_what_was_served_is_served_still(host):
    assert host.socket("tcp://0.0.0.0:993").is_listening
