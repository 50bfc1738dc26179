"""What the class's page is configured to, and which files of it go to the gate."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.role_variables import evaluate

CODE = "/usr/local/lib/labs.mail/classroom_page"
SOURCES = Path(__file__).parents[3] / "roles" / "classroom_page" / "files" / "classroom_page"


@pytest.fixture
def made(tmp_path):
    """The files of the page, by their paths."""
    return files_of(tmp_path)


def files_of(tmp_path, **more):
    for name in ("xterm.js", "xterm.css", "addon-fit.js"):
        (tmp_path / name).write_text(f"{name}\n")
    found = evaluate(
        "classroom_page",
        "__classroom_page_files",
        role_path=str(SOURCES.parents[1]),
        classroom_page_terminal=str(tmp_path),
        classroom_page_students=["student1"],
        classroom_page_hosts=["Gate.example:8443"],
        classroom_page_never_from=["172.30.1.11"],
        classroom_page_certificate="public",
        classroom_page_private_key="nobody elses",
        classroom_page_port=8443,
        **more,
    )
    return {file["path"]: file for file in found}


def test_all_of_the_page_goes_there(made):
    own = {str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*") if path.is_file()}
    there = {path.removeprefix(f"{CODE}/") for path in made if path.startswith(f"{CODE}/")}
    assert {name for name in own if "__pycache__" not in name} <= there
    assert made[f"{CODE}/static/terminal/xterm.js"]["content"] == "xterm.js\n"
    assert made[f"{CODE}/__main__.py"]["content"] == (SOURCES / "__main__.py").read_text()
    assert any(path.endswith("_classroom/events.py") for path in made)


def test_the_key_is_the_pages_account_alone(made):
    key = made["/etc/labs.mail/page/private_key.pem"]
    assert (key["owner"], key["mode"], key["content"]) == (
        "classroom-page",
        "0400",
        "nobody elses\n",
    )
    assert sum("nobody elses" in str(file.get("content")) for file in made.values()) == 1


def test_who_may_come_is_told_to_the_server(made):
    settings = json.loads(made["/etc/labs.mail/page/settings.json"]["content"])
    assert settings["students"] == ["student1"]
    assert settings["hosts"] == ["gate.example:8443"]
    assert settings["never_from"] == ["172.30.1.11"]


def test_the_server_may_do_nothing_but_serve(made):
    unit = made["/etc/systemd/system/classroom-page.service"]["content"].splitlines()
    for line in (
        "User=classroom-page",
        "CapabilityBoundingSet=",
        "NoNewPrivileges=true",
        "ProtectSystem=strict",
        "SystemCallFilter=@system-service",
        "Restart=always",
    ):
        assert line in unit
    socket = made["/etc/systemd/system/classroom-page.socket"]["content"]
    assert "ListenStream=0.0.0.0:8443" in socket


SYSTEM_CALLS = re.compile(
    "SystemCall|Lock|PrivateDevices|ProtectClock|ProtectHostname|ProtectKernel|Restrict[A-Z]"
)
"""What systemd brings about by filters of system calls (systemd.exec(5)); Restart is no such."""


def test_where_system_calls_cannot_be_filtered_the_rest_stays(tmp_path, made):
    path = "/etc/systemd/system/classroom-page.service"
    without = files_of(tmp_path, classroom_page_filters_system_calls=False)[path]["content"]
    assert not SYSTEM_CALLS.search(without)
    left = set(made[path]["content"].splitlines()) - set(without.splitlines())
    assert len(left) > 10
    assert all(SYSTEM_CALLS.match(line) for line in left)
    assert "NoNewPrivileges=true" in without
