"""What the course prints of Postfix's files: its slips, and what is right."""

from __future__ import annotations

from pathlib import Path

import yaml

FIXTURES = Path(__file__).parents[1] / "fixtures" / "course"

SLIPS = yaml.safe_load((FIXTURES / "slips.yml").read_text())
RIGHT = yaml.safe_load((FIXTURES / "right.yml").read_text())
