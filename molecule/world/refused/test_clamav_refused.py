import json
import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("unreadable", "clamav_lab_signatures: clamd could not read them"),
        ("empty", "clamav_lab_signatures: clamd could not read them"),
        ("nowhere", "clamav_urls: there is none"),
        ("gone", "clamav_urls: freshclam could not fetch or read them, and said: "),
        ("broken", "clamav_urls: freshclam could not fetch or read them, and said: "),
        ("memory", "clamav_memory: clamd needs 100000000 MB for its signatures, and world1"),
    ],
)
def test_what_clamd_could_not_start_with_is_said_in_one_sentence(host, case, words):
    said = json.loads((FOLDER / f"said-{host.backend.get_hostname()}.json").read_text())
    assert words in said[case]
    assert "\n" not in said[case]


def test_nothing_was_changed(host):
    assert host.socket("tcp://127.0.0.1:3310").is_listening
    assert "Lab.Bonjour" in host.file("/var/lib/clamav/lab.ndb").content_string
