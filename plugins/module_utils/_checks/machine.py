# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check sees of the machine itself: its log, queue, files, programs and open ports."""

from __future__ import annotations

import grp
import json
import os
import pwd
import re
import socket
import subprocess
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    Observation,
    last_words,
)
from ansible_collections.labs.mail.plugins.module_utils._regular_file import open_regular

COMMAND_SECONDS = 30
MOST_BYTES = 1 << 20
"""Of a page no more than this is read."""

CONNECT_SECONDS = 5
MOST_BYTES = 64 << 20
"""Of a file or a log that is looked into."""

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
}


def new_log(context: CheckContext) -> str:
    """Return what the mail log has since the check began; all of one that was rotated meanwhile."""
    try:
        with open_regular(context.log) as log:
            if os.fstat(log.fileno()).st_size >= context.log_start:
                log.seek(context.log_start)
            return log.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise CouldNotCheckError(f"{context.log}: {error.strerror}") from error


def log_end(path: str) -> int:
    """Return the size of the mail log in bytes, 0 where there is none."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def logged(context: CheckContext, given: dict[str, Any]) -> Observation:
    """Look for a line in what the mail log has since the check began."""
    pattern = fill(given["line"], context)
    lines = new_log(context).splitlines()
    found = [line for line in lines if re.search(pattern, line)]
    return Observation(bool(found), last_words(found[-1] if found else (lines or [""])[-1]))


def fill(pattern: str, context: CheckContext) -> str:
    """Put the check's word and queue ids into a pattern."""
    ids = "|".join(context.queue_ids) or "no queue id"
    return pattern.replace("{word}", context.word).replace("{queue_id}", f"(?:{ids})")


def finished(context: CheckContext) -> Observation:
    """See whether Postfix is done with the check's messages, under whatever queue ids they had."""
    log = new_log(context)
    ids = set(re.findall(rf"(\w+): message-id=<[^>]*{context.word}[^>]*>", log))
    ids |= set(context.queue_ids)
    done = set(re.findall(r" (\w+): (?:removed|(?:milter-)?reject|discard)\b", log))
    waiting = sorted(ids - done)
    return Observation(not waiting, " ".join(waiting))


def in_queue(context: CheckContext, given: dict[str, Any]) -> Observation:
    """Look whether one of the messages that the check sent is in a queue of Postfix."""
    result = _run(["postqueue", "-j"])
    if result.returncode != 0:
        return Observation(False, last_words(result.stderr))
    entries = [json.loads(line) for line in result.stdout.splitlines()]
    found = [entry["queue_name"] for entry in entries if entry["queue_id"] in context.queue_ids]
    return Observation(given["queue"] in found, ", ".join(found) or f"- ({len(entries)})")


def ran(context: CheckContext, given: dict[str, Any]) -> Observation:
    """Run a command, and compare its exit code and output."""
    ids = " ".join(context.queue_ids[-1:])
    text, *argv = (
        each.replace("{word}", context.word).replace("{queue_id}", ids)
        for each in (given.get("input", ""), *given["run"])
    )
    result = _run(argv, text)
    output = result.stdout + result.stderr
    as_expected = result.returncode == given["exit"]
    matches = _in_lines(fill(given.get("output", ""), context), output)
    return Observation(as_expected and matches, f"[{result.returncode}] {last_words(output)}")


def _run(argv: list[str], text: str = "") -> subprocess.CompletedProcess:
    """Run a command. AnsibleModule has run_command, but the command lab has no AnsibleModule."""
    pipe = subprocess.PIPE
    try:
        with subprocess.Popen(
            argv,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
            errors="replace",
            env=ENVIRONMENT,
            cwd="/",
        ) as process:
            try:
                printed = process.communicate(text, COMMAND_SECONDS)
                return subprocess.CompletedProcess(argv, process.returncode, *printed)
            finally:
                process.kill()
    except FileNotFoundError:
        return _not_run(argv, 127, "not found")
    except OSError as error:
        return _not_run(argv, 126, str(error.strerror))
    except subprocess.TimeoutExpired:
        return _not_run(argv, 124, f"> {COMMAND_SECONDS} s")


def _not_run(argv: list[str], code: int, problem: str) -> subprocess.CompletedProcess:
    return subprocess.CompletedProcess(argv, code, "", f"{argv[0]}: {problem}")


def _in_lines(pattern: str, text: str) -> bool:
    """Look for a pattern in lines. Behind the last line's end, ^ must find no empty one."""
    return bool(re.search(pattern, text.removesuffix("\n"), re.M))


def parameter(_lab: CheckContext, given: dict[str, Any]) -> Observation:
    """Ask Postfix for a parameter of main.cf, with what it refers to filled in."""
    result = _run(["postconf", "-xh", given["name"]])
    # Of a name that is none, postconf only warns.
    if not result.stdout:
        return Observation(False, last_words(result.stderr))
    value = result.stdout.strip()
    return Observation(bool(re.search(given["value"], value)), last_words(value))


def file(context: CheckContext, given: dict[str, Any]) -> Observation:
    """Look at a file: whether it is there, whose it is, its mode and its content."""
    path = Path(given["path"])
    if not path.exists():
        return Observation(given["state"] == "absent", "-")
    if given["state"] == "absent":
        return Observation(False, str(path))
    found = path.stat()
    facts = {
        "owner": _name(pwd.getpwuid, found.st_uid),
        "group": _name(grp.getgrgid, found.st_gid),
        "mode": f"{found.st_mode & 0o7777:04o}",
    }
    wrong = [f"{key} {facts[key]}" for key in facts if given.get(key, facts[key]) != facts[key]]
    if wrong:
        return Observation(False, ", ".join(wrong))
    if "text" in given:
        try:
            with open_regular(str(path)) as opened:
                text = opened.read(MOST_BYTES).decode("utf-8", "replace")
        except OSError as error:
            return Observation(False, last_words(str(error)))
        return Observation(_in_lines(fill(given["text"], context), text), last_words(text))
    return Observation(True, f"{path} {' '.join(facts.values())}")


def _name(look_up: Any, number: int) -> str:
    try:
        return look_up(number)[0]
    except KeyError:
        return str(number)


def connected(host: str, given: dict[str, Any]) -> Observation:
    """Connect to a TCP port, perhaps say something, and compare what comes back."""
    where = (given.get("host", host), given["port"])
    open_wanted = given["expect"] == "open"
    try:
        with socket.create_connection(where, CONNECT_SECONDS) as connection:
            if not given.get("says") and not given.get("send"):
                return Observation(open_wanted, "open")
            connection.sendall(given.get("send", "").encode())
            text = connection.recv(4096).decode("utf-8", "replace")
    except OSError as error:
        return Observation(not open_wanted, last_words(str(error)))
    as_expected = open_wanted and bool(re.search(given.get("says", ""), text))
    return Observation(as_expected, last_words(text))


def fetched(context: CheckContext, given: dict[str, Any]) -> Observation:
    """Fetch a page by HTTP, and look for text in it."""
    page = page_at(given["url"])
    found = re.search(fill(given.get("text", ""), context), page.text)
    return Observation(page.ok and bool(found), last_words(page.text))


def page_at(url: str) -> Observation:
    """Fetch a page by HTTP; what is seen is its text, or why there is none."""
    # Few exercises have pages, and every start on each machine would pay for the import.
    import http.client
    import urllib.request

    # Not through a proxy for packages, which would be asked for the machine's own pages.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=CONNECT_SECONDS) as reply:
            return Observation(True, reply.read(MOST_BYTES).decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException) as error:
        return Observation(False, last_words(str(error)))
