"""What the tests of the collection share: where it is, and a machine that nothing reaches."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

NOWHERE = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_connection": "ssh"}
"""Variables of a machine that nothing reaches: a task that should not be run cannot do harm."""
