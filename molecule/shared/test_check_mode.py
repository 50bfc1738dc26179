"""Check mode, on a machine as it was before a state, against the run that brought the state."""

import json
import os
from pathlib import Path

FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])


def changes(name, host):
    everything = json.loads((FOLDER / name).read_text())
    return everything.get(host.backend.get_hostname(), [])


def test_check_mode_predicted_every_change_and_no_other(host):
    real = changes("changes.json", host)
    assert real, "the run changed nothing: the machine had come to the state before"
    assert changes("changes-in-check-mode.json", host) == real
