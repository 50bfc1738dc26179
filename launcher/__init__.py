"""Bring a lab up in containers on this machine, prove that mail flows, and take it down."""

import sys
from pathlib import Path

# Where toolchain/setup puts the checkout under the collection's name.
sys.path.append(str(Path(__file__).resolve().parents[1] / ".cache"))
