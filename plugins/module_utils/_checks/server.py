# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve the world's side of checks: answer machines that ask, and Postfix about outages."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._checks.world_server import (
    PORT,
    Checks,
    Policy,
    Server,
    World,
)

POLICY_PORT = 4026


def main(argv: list[str] | None = None) -> None:
    """Run until the process is ended."""
    parser = argparse.ArgumentParser("check-server", description=__doc__)
    parser.add_argument("--address", default="0.0.0.0", help="address to serve machines at")
    parser.add_argument("--port", type=int, default=PORT, help="port to serve machines at")
    parser.add_argument(
        "--policy-port", type=int, default=POLICY_PORT, help="port at 127.0.0.1 for Postfix"
    )
    parser.add_argument("--mail", type=Path, required=True, help="folder of the world's mail")
    parser.add_argument(
        "--source", action="append", default=[], metavar="NAME=ADDRESS", help="one more address"
    )
    asked = parser.parse_args(argv)
    world = World(asked.mail, dict(each.split("=", 1) for each in asked.source))
    policy = Server(("127.0.0.1", asked.policy_port), Policy, world)
    threading.Thread(target=policy.serve_forever, daemon=True).start()
    Server((asked.address, asked.port), Checks, world).serve_forever()
