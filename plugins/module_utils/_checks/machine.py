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
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.words import Words, as_words, both
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    Observation,
    last_words,
)
from ansible_collections.labs.mail.plugins.module_utils._regular_file import open_regular

COMMAND_SECONDS = 30
CONNECT_SECONDS = 5

NOT_FOUND = 127
"""The exit code of a shell, and ours, where there is no such program."""

CONTINUED_SECONDS = 12
"""How long the rest of a reply is waited for; postscreen_greet_wait is 6 s on an idle server."""

GREETING_SECONDS = 0.3
"""How long a server has for a greeting before ``send``: some, such as clamd, say nothing first."""

SILENT_SECONDS = 1.5
"""After a whole line that is not what was expected, how long more is waited for."""

CONTINUED = re.compile(r"^\d{3}-.*\n\Z", re.M)
"""A line of a reply that goes on (RFC 5321, 4.2.1); postscreen has its client wait after it."""

MOST_BYTES = 4_000_000
"""How much is read of a file, a page, a reply or the log, from its end."""

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
}


def new_log(context: CheckContext) -> str:
    """Return what the mail log has since the check began; all of one that was rotated meanwhile."""
    try:
        with open_regular(context.log) as log:
            size = os.fstat(log.fileno()).st_size
            start = context.log_start if size >= context.log_start else 0
            log.seek(max(start, size - MOST_BYTES))
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
    wanted = given.get("state") != "absent"
    if found:
        return Observation(wanted, last_words(found[-1]), lasting=not wanted)
    if not wanted:
        return Observation(True, both("no such line", "aucune ligne de ce genre"))
    ids = context.queue_ids or [context.word]
    own = [line for line in lines if any(name in line for name in ids)]
    if own:
        # What became of the message says more than that its file was removed.
        delivered = [line for line in own if " status=" in line]
        return Observation(False, last_words((delivered or own)[-1]))
    return Observation(False, both("no line about the message", "aucune ligne ne parle du message"))


def fill(pattern: str, context: CheckContext) -> str:
    """Put the check's word and queue ids into a pattern."""
    ids = "|".join(context.queue_ids) or "no queue id"
    return pattern.replace("{word}", context.word).replace("{queue_id}", f"(?:{ids})")


def queued() -> list[dict[str, Any]]:
    """Return what Postfix has in its queues. Raises CouldNotCheckError where it cannot say."""
    result = run(["postqueue", "-j"])
    if result.returncode != 0:
        raise CouldNotCheckError(last_words(result.stderr))
    return [json.loads(line) for line in result.stdout.splitlines()]


def in_queue(context: CheckContext, given: dict[str, Any]) -> Observation:
    """Look whether one of the messages that the check sent is in a queue of Postfix."""
    try:
        entries = queued()
    except CouldNotCheckError as error:
        return Observation(False, error.text)
    found = [entry["queue_name"] for entry in entries if entry["queue_id"] in context.queue_ids]
    if not found:
        return Observation(False, both("it is in no queue", "il n'est dans aucune file"))
    queues = ", ".join(found)
    return Observation(given["queue"] in found, both(f"it is in {queues}", f"il est dans {queues}"))


def ran(context: CheckContext, given: dict[str, Any]) -> Observation:
    """Run a command, and compare its exit code and output."""
    ids = " ".join(context.queue_ids[-1:])
    text, *argv = (
        each.replace("{word}", context.word).replace("{queue_id}", ids)
        for each in (given.get("input", ""), *given["run"])
    )
    result = run(argv, text)
    context.acted, context.flushed = time.monotonic(), True
    output = result.stdout + result.stderr
    as_expected = result.returncode == given["exit"]
    matches = _in_lines(fill(given.get("output", ""), context), output)
    return Observation(as_expected and matches, _printed(result.returncode, output, as_expected))


def _printed(code: int, output: str, as_expected: bool) -> Words:
    """Say what a command printed, and its exit code where that is what is wrong."""
    words = last_words(output)
    if code == NOT_FOUND and not as_expected:
        return both("there is no such command", "cette commande n'existe pas")
    if as_expected:
        return as_words(words) if words else both("it prints nothing", "elle n'affiche rien")
    en, fr = f"exit code {code}", f"code de retour {code}"
    return both(f"{en}: {words}", f"{fr} : {words}") if words else both(en, fr)


class _Process(subprocess.Popen):
    """A process; ansible-test takes the plain name for a module's, which has run_command."""


def run(argv: list[str], text: str = "") -> subprocess.CompletedProcess:
    """Run a command. AnsibleModule has run_command, but the command lab has no AnsibleModule."""
    pipe = subprocess.PIPE
    try:
        with _Process(
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
        return _not_run(argv, NOT_FOUND, "not found")
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
    result = run(["postconf", "-xh", given["name"]])
    # Of a name that is none, postconf only warns.
    if not result.stdout:
        return Observation(False, last_words(result.stderr))
    value = result.stdout.strip()
    return Observation(bool(re.search(given["value"], value)), last_words(value))


def file(context: CheckContext, given: dict[str, Any]) -> Observation:
    """Look at a file: whether it is there, whose it is, its mode and its content."""
    path = Path(given["path"])
    if not path.exists():
        missing = both("it is not there", "il n'existe pas")
        return Observation(given["state"] == "absent", missing)
    if given["state"] == "absent":
        return Observation(False, both("it is there", "il existe"))
    found = path.stat()
    facts = {
        "owner": _name(pwd.getpwuid, found.st_uid),
        "group": _name(grp.getgrgid, found.st_gid),
        "mode": f"{found.st_mode & 0o7777:04o}",
    }
    names = {"owner": "propriétaire", "group": "groupe", "mode": "mode"}
    wrong = [key for key in facts if given.get(key, facts[key]) != facts[key]]
    told = wrong or list(facts)
    words = both(
        ", ".join(f"{key}: {facts[key]}" for key in told),
        ", ".join(f"{names[key]} : {facts[key]}" for key in told),
    )
    if wrong or "text" not in given:
        return Observation(not wrong, words)
    try:
        with open_regular(str(path)) as opened:
            text = opened.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        return Observation(False, last_words(error.strerror or str(error)))
    if _in_lines(fill(given["text"], context), text):
        return Observation(True, last_words(text))
    line = last_words(text)
    has = both(f"it has: {line}", f"il contient : {line}")
    return Observation(False, has if line else both("it is empty", "il est vide"))


def _name(look_up: Any, number: int) -> str:
    try:
        return look_up(number)[0]
    except KeyError:
        return str(number)


def connected(host: str, given: dict[str, Any]) -> Observation:
    """Connect to a TCP port, perhaps talk, and compare what comes back."""
    where = (given.get("host", host), given["port"])
    open_wanted = given["expect"] == "open"
    closed = both("", "")
    try:
        with socket.create_connection(where, CONNECT_SECONDS) as connection:
            if not open_wanted:
                return Observation(False, both("the port is open", "le port est ouvert"))
            return _talked(connection, _turns(given))
    except ConnectionRefusedError:
        closed = both("nothing listens there", "personne n'y écoute")
    except socket.timeout:
        closed = both(
            f"no answer within {CONNECT_SECONDS} s", f"pas de réponse en {CONNECT_SECONDS} s"
        )
    except OSError as error:
        closed = as_words(last_words(error.strerror or str(error)))
    return Observation(not open_wanted, closed)


def _turns(given: dict[str, Any]) -> list[dict[str, str]]:
    """Return the dialogue; ``send`` and ``says`` are one whose server need not greet."""
    if given.get("dialogue"):
        return [dict(turn) for turn in given["dialogue"]]
    greeting = [{"greets": ""}] if given.get("send") else []
    names = [name for name in ("send", "says") if given.get(name)]
    return [*greeting, *({name: given[name]} for name in names)]


def _talked(connection: socket.socket, turns: list[dict[str, str]]) -> Observation:
    """Take the turns of a dialogue one after the other, until one does not go as expected."""
    heard = ""
    for turn in turns:
        if "send" in turn:
            line = turn["send"]
            connection.sendall((line if line.endswith("\n") else f"{line}\r\n").encode())
            continue
        if "greets" in turn:
            heard = _received(connection, "", GREETING_SECONDS)
            continue
        try:
            heard = _received(connection, turn["says"], CONNECT_SECONDS, heard)
        except socket.timeout:
            return Observation(False, both("no answer", "pas de réponse"))
        if not re.search(turn["says"], heard, re.M):
            return Observation(False, last_words(heard) or both("no answer", "pas de réponse"))
    return Observation(True, last_words(heard) or both("a connection", "une connexion"))


def _received(connection: socket.socket, pattern: str, seconds: float, before: str = "") -> str:
    """Return what comes until it is like a pattern, the server is silent, or closes."""
    text = before
    begun = time.monotonic()
    deadline = ends = begun + seconds
    while not (text and re.search(pattern, text, re.M)) and len(text) < MOST_BYTES:
        connection.settimeout(max(ends - time.monotonic(), 0.001))
        try:
            data = connection.recv(4096)
        except socket.timeout:
            if not text and pattern:
                raise
            break
        if not data:
            break
        text += data.decode("utf-8", "replace").replace("\r\n", "\n")
        goes_on = bool(CONTINUED.search(text))
        if goes_on and pattern:
            deadline = begun + CONTINUED_SECONDS
        is_whole = text.endswith("\n") and not goes_on
        ends = min(deadline, time.monotonic() + SILENT_SECONDS) if is_whole else deadline
    return text


def fetched(context: CheckContext, given: dict[str, Any]) -> Observation:
    """Fetch a page by HTTP, and look for text in it."""
    page = page_at(given["url"])
    text = as_words(page.text)["en"]
    found = re.search(fill(given.get("text", ""), context), text)
    if page.ok and not text.strip():
        return Observation(bool(found), both("an empty page", "une page vide"))
    if page.ok and "shown" in given:
        # Few exercises have pages, and every start on each machine would pay for the import.
        from ansible_collections.labs.mail.plugins.module_utils._checks.shown_text import shown_text

        text = shown_text(text)
        found = found and re.search(fill(given["shown"], context), text)
    seen = last_words(text) if page.ok else page.text
    return replace(page, ok=page.ok and bool(found), text=seen)


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
