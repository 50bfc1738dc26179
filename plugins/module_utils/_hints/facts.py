# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs of this machine as it is: its configuration, lint, explainer, what is not loaded yet."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._explain.attributes import SpeechError
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Configuration
from ansible_collections.labs.mail.plugins.module_utils._explain.follow import Follower, private
from ansible_collections.labs.mail.plugins.module_utils._explain.processes import Process
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    End,
    Question,
    message,
    question,
)
from ansible_collections.labs.mail.plugins.module_utils._files.reading import read_file
from ansible_collections.labs.mail.plugins.module_utils._hints import dovecot, recipes, servers
from ansible_collections.labs.mail.plugins.module_utils._postfix.commands import Postfix
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.host import this_system
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.linter import lint
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import Finding
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameter_names import (
    read_postconf,
)

DIRECTORY = "/etc/postfix"
SPAMASSASSIN = "/etc/spamassassin/local.cf"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SECONDS = 10.0
CLOCK_SECONDS = 1.5
"""By how much the start of a process may be wrong: the kernel tells its own start in seconds."""

TABLE_TYPE = re.compile(r"(?<![\w.])(hash|btree|lmdb|cdb|texthash|regexp|pcre|cidr|inline|static):")
"""The type of a lookup table in a parameter's value."""

MACRO = re.compile(r"\$\{(\w+)\}")
"""What pipe(8) puts into a command: a part of the envelope, for example."""

MOST_EXPLAINED = 3
"""Of so many checks that failed the message is explained: each takes a third of a second."""


@dataclass
class Facts:
    """What is known of the machine, as signs to compare and as it is to be told."""

    signs: dict[str, list[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    ends: dict[str, End] = field(default_factory=dict)
    """What becomes of the message of a check that failed, by the check's name."""
    unloaded: list[str] = field(default_factory=list)
    """Files that were changed after Postfix read them."""
    running: bool = True


def gather(failed: Sequence[Mapping[str, Any]], world: str, directory: str = DIRECTORY) -> Facts:
    """Return what this machine shows.

    :arg failed: the checks that failed, as data.
    :arg world: the address from which the world's messages come; empty where there is none.
    """
    facts = Facts()
    try:
        configuration = Configuration(directory)
    except ConfigError:
        facts.signs = {"set": ["nothing"], "served": _served()}
        facts.findings = _findings(directory)
        facts.signs["lint"] = _signs_of(facts.findings, directory, _own_names(directory))
        return facts
    facts.findings = _findings(directory)
    with contextlib.suppress(ConfigError, OSError, SpeechError):
        facts.ends = dict(_ends(configuration, failed, world))
    started = _started("qmgr")
    facts.running = started is not None
    facts.unloaded = [
        path
        for path in (configuration.main_path, configuration.master_path)
        if started is not None and os.stat(path).st_mtime > started + CLOCK_SECONDS
    ]
    facts.signs = {
        "set": sorted({*_set(configuration), *recipes.signs(), *_settings(SPAMASSASSIN)}),
        "lint": [*_signs_of(facts.findings, directory, configuration.values), *_odd_of_dovecot()],
        "explained": sorted(f"{name} {_decider(end)}" for name, end in facts.ends.items()),
        "reload": [os.path.basename(path) for path in facts.unloaded]
        + ([] if facts.running else ["not running"]),
        "served": _served(),
    }
    return facts


def changed_since(moment: float, directory: str = DIRECTORY) -> str:
    """Return what of Postfix's files was changed after a moment, or the directory at a reload."""
    with contextlib.suppress(OSError):
        for entry in sorted(os.scandir(directory), key=lambda each: each.name):
            if entry.is_file() and entry.stat().st_mtime > moment:
                return entry.path
    with contextlib.suppress(OSError):
        if os.stat("/etc/aliases").st_mtime > moment:
            return "/etc/aliases"
    return "postfix reload" if (_started("qmgr") or 0) > moment else ""


def _set(configuration: Configuration) -> Iterator[str]:
    """Yield the names that are set, and of what types their tables are."""
    for entry in configuration.parameters:
        yield entry.name
        value = configuration.values.get(entry.name, "")
        yield from sorted({f"{entry.name} {kind}" for kind in TABLE_TYPE.findall(value)})
        if entry.name.endswith("_restrictions"):
            yield from sorted(_order(entry.name, value))
    yield from _base_of(configuration.values.get("virtual_mailbox_base", ""))
    for service in configuration.services:
        name = f"{service.name}/{service.type}"
        yield f"{name} {service.values()['command']}"
        macros = MACRO.findall(" ".join(service.arguments()))
        yield from sorted({f"{name} {macro}" for macro in macros})
        yield from (f"{name}/{option.name}" for option in service.options)


def _served() -> list[str]:
    program = shutil.which("ss", path=PATH)
    listening = _run([program, "-Hltn"])[1].decode("utf-8", "replace") if program else ""
    return sorted(servers.signs(listening, [name for _folder, name in _programs()]))


def _odd_of_dovecot() -> Iterator[str]:
    program = shutil.which("doveconf", path=PATH)
    if program:
        yield from dovecot.signs(_run([program, "-n"])[1].decode("utf-8", "replace"))


def _order(name: str, value: str) -> set[str]:
    """Return which restriction of a list stands before which, without what they look up."""
    listed = re.findall(r"(?<![\w/.])(?:check|permit|reject|defer|warn_if)\w*", value)
    return {f"{name} {one} {other}" for one, other in zip(["", *listed], [*listed, ""])}


def _base_of(directory: str) -> Iterator[str]:
    """Yield that the directory of virtual mailboxes is root's, where it is there and is."""
    with contextlib.suppress(OSError, ValueError):
        if directory and os.stat(directory).st_uid == 0:
            yield "virtual_mailbox_base of root"


def _settings(path: str) -> set[str]:
    """Return the names that SpamAssassin's file sets; none where there is no such file."""
    with contextlib.suppress(ConfigError, OSError):
        text = (read_file(path) or b"").decode("utf-8", "replace")
        names = re.findall(r"^[ \t]*([a-z_]+)[ \t]", text, re.M)
        return {f"{os.path.basename(path)} {name}" for name in names}
    return set()


def _findings(directory: str) -> list[Finding]:
    programs = {
        name: shutil.which(name, path=PATH) for name in ("postmap", "postalias", "postconf")
    }
    found = {name: path for name, path in programs.items() if path}
    data = read_file(os.path.join(directory, "main.cf")) or b""
    with tempfile.TemporaryDirectory() as folder:
        try:
            if len(found) < len(programs):
                return lint(directory, this_system(data, None, folder, {}, ()))
            postfix = Postfix(found, _run, directory, folder)
            defaults = read_postconf(found["postconf"], _run)
            types = _run([found["postconf"], "-m"])[1].decode("utf-8", "replace").split()
            return lint(directory, this_system(data, postfix, folder, defaults, types))
        except (ConfigError, OSError):
            return []


def _run(command: list[str], **_given: Any) -> tuple[int, bytes, bytes]:
    """Run a program as AnsibleModule.run_command does, which there is none of here."""
    pipe = subprocess.PIPE
    try:
        with Process(
            command,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            env={"PATH": PATH, "LC_ALL": "C"},
        ) as process:
            try:
                printed, complained = process.communicate(timeout=SECONDS)
            finally:
                process.kill()
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, b"", str(error).encode()
    return process.returncode, printed, complained


def _own_names(directory: str) -> dict[str, str]:
    """Return the machine's names as main.cf has them, where the configuration cannot be read."""
    with contextlib.suppress(ConfigError, OSError):
        text = (read_file(os.path.join(directory, "main.cf")) or b"").decode("utf-8", "replace")
        return dict(re.findall(r"^(myhostname|mydomain)[ \t]*=[ \t]*([\w.-]+)", text, re.M))
    return {}


def _signs_of(findings: Sequence[Finding], directory: str, values: Mapping[str, str]) -> list[str]:
    """Return findings without their lines and without the machine's own names."""
    own = sorted(
        {values[name] for name in ("myhostname", "mydomain") if values.get(name)},
        key=len,
        reverse=True,
    )
    signs = []
    for each in findings:
        message = re.sub(r"\bline \d+", "line N", each.message)
        text = f"{os.path.relpath(each.path, directory)} {each.severity} {message}"
        for name in own:
            text = text.replace(name, "OWN")
        signs.append(text)
    return sorted(set(signs))


def _ends(
    configuration: Configuration, failed: Sequence[Mapping[str, Any]], world: str
) -> Iterator[tuple[str, End]]:
    """Yield what becomes of the first message of each check that failed."""
    asked = [(check["name"], each) for check in failed for each in _questions(check, world)]
    if not asked:
        return
    with private(configuration) as postfix:
        follower = Follower(configuration, postfix)
        for name, each in asked[:MOST_EXPLAINED]:
            ends = follower.follow(each).ends
            if ends:
                yield name, ends[0]


def _questions(check: Mapping[str, Any], world: str) -> Iterator[Question]:
    """Yield the first message that a check sends by SMTP, as a question."""
    for step in check["steps"]:
        given = step.get("smtp")
        if not given or given.get("host", "127.0.0.1") not in ("127.0.0.1", "localhost"):
            continue
        outside = given.get("at") == "world"
        if outside and not world:
            return
        header = [f"{name}: {text}" for name, text in (given.get("header") or {}).items()]
        header += [f"Subject: {given['subject']}"] if given.get("subject") else []
        sender, recipients = given.get("sender", ""), given["recipients"]
        with contextlib.suppress(ConfigError, TypeError, ValueError):
            content = message(sender, recipients, header, list(given.get("attachments") or ()))
            if given.get("body"):
                head = content.partition(b"\n\n")[0]
                content = head + f"\n\n{given['body']}\n".encode()
            yield question(
                sender,
                recipients,
                world if outside else "127.0.0.1",
                helo=given.get("helo") or "pv",
                port=int(given.get("port", 25)),
                content=content,
            )
        return


def _decider(end: End) -> str:
    """Return what becomes of a message and what decides it, without the machine's own names."""
    words = end.decided_by.words if end.decided_by else {}
    names = [str(words[name]) for name in ("list", "name", "parameter", "table") if name in words]
    kind = end.decided_by.kind if end.decided_by else ""
    code = end.where[:3] if re.match(r"[245]\d\d ", end.where) else ""
    return " ".join(filter(None, (end.verdict, code, kind, *names)))


def _started(program: str) -> float | None:
    """Return when a program of Postfix was started, in seconds of the clock; None if it is not."""
    boot = _boot()
    ticks = os.sysconf("SC_CLK_TCK")
    for folder, name in _programs():
        with contextlib.suppress(OSError, ValueError, IndexError):
            if name == program:
                after = (folder / "stat").read_text().rpartition(")")[2].split()
                return boot + int(after[19]) / ticks
    return None


def _programs() -> Iterator[tuple[Path, str]]:
    """Yield the folder in /proc and the name of each program that runs."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            yield folder, (folder / "comm").read_text().strip()


def _boot() -> float:
    """Return when the kernel was started, as the starts of processes count from there."""
    for line in Path("/proc/stat").read_text().splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    return 0.0
