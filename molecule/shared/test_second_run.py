"""A second run, right after the one that brought a state, may change nothing."""

import json
import os
from pathlib import Path

FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])


def test_a_second_run_changed_nothing(host):
    # A machine that nothing was changed on is not named.
    changed = json.loads((FOLDER / "changes-again.json").read_text())
    assert host.backend.get_hostname() not in changed
