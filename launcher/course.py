"""Machines come to exercises, are checked, solved and reset, and messages are followed."""

from __future__ import annotations

import json
import tempfile
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from ansible_collections.labs.mail.plugins.module_utils._drawing.otlp import otlp
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._suggest import AMONG_FEW, nearest
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import (
    catalogue,
    state_in_files,
)
from launcher import attempts, class_image, playbook, positions, providers, report, settings
from launcher.hints_taken import hints_taken
from launcher.language import language, tr
from launcher.machines import chosen, exercise_and_machines
from launcher.positions import Position
from launcher.trace_page import as_page

CHECK_CODES = {2: 2, 4: 4}
"""What check.yml ends with: something is wrong, something could not be checked."""


def exercise_named(word: str) -> str:
    """Return the name of an exercise. Raises SettingsError where there is none of it."""
    known = catalogue()
    if word in known:
        return word
    near = nearest(word.rpartition("=")[2], known, AMONG_FEW)
    if near:
        text = tr("there is no exercise {word}; did you mean {near}?")
        raise settings.SettingsError(text.format(word=word, near=near))
    text = tr("there is no exercise {word}; write one of {known}.")
    raise settings.SettingsError(text.format(word=word, known=", ".join(known)))


def begin(given: Namespace, console: Console) -> int:
    """Bring machines to an exercise's start, or another stage of it."""
    lab = settings.needed()
    machines = chosen(given.machines, lab.names)
    _say(given.exercise, machines, console)
    _bring(given.exercise, given.stage, machines, console)
    return 0


def solve(given: Namespace, console: Console) -> int:
    """Show the solution on machines."""
    lab = settings.needed()
    exercise, machines = exercise_and_machines(given.words, lab.names)
    for name, group in _at(exercise, machines, console).items():
        _bring(name, "solution", group, console)
    return 0


def _bring(exercise: str, stage: str, machines: list[str], console: Console) -> None:
    try:
        state_in_files(exercise, stage)
    except ConfigError as error:
        raise settings.SettingsError(error.message) from error
    there = Position(exercise, stage, lab_reached=False)
    positions.write(dict.fromkeys(machines, there))
    playbook.run("site", limit=machines, exercise=exercise, stage=stage)
    positions.write(dict.fromkeys(machines, replace(there, lab_reached=True)))
    text = tr("{machines}: at {exercise} ({stage}).")
    console.print(text.format(machines=", ".join(machines), exercise=exercise, stage=stage))


def check(given: Namespace, console: Console) -> int:
    """Check machines, write down what was seen, and print it; return the worst exit code."""
    lab = settings.needed()
    exercise, machines = exercise_and_machines(given.words, lab.names)
    codes = []
    for name, group in _at(exercise, machines, console).items():
        with attempts.new(name) as folder:
            ran = playbook.attempt(
                "check",
                limit=group,
                exercise=name,
                language=language(),
                report_folder=str(folder),
            )
            attempts.write_hints(folder, _hints(lab, group, name, console))
        codes.append(CHECK_CODES.get(ran.code, 1) if ran.code else 0)
        if codes[-1] == 1:
            raise playbook.PlaybookError(
                tr("playbooks/{name}.yml failed; the reason stands above.", name="check")
            )
    console.print(tr("Written down in {path}; ./lab report makes grades of it.").format(
        path=attempts.shown(attempts.DIRECTORY)
    ))  # fmt: skip
    return max(codes)


def _hints(
    lab: settings.Settings, machines: list[str], exercise: str, console: Console
) -> dict[str, int]:
    try:
        provider = providers.of(lab, console)
    except EngineError:
        return {}  # Checks reach machines by ssh: grades without hints are better than none.
    return hints_taken(provider, lab.lab, machines, catalogue()[exercise])


def reset(given: Namespace, console: Console) -> int:
    """Reset machines to the start of the exercise where they are, or of another one."""
    lab = settings.needed()
    exercise, machines = exercise_and_machines(given.words, lab.names)
    extra: dict[str, Any] = {"keep_homes": False} if given.homes else {}
    if given.by:
        extra["reset_by"] = given.by
    for name, group in _at(exercise, machines, console).items():
        there = Position(name, "start", lab_reached=False)
        positions.write(dict.fromkeys(group, there))
        # On this computer containers are created.
        limit = [*group, "localhost"]
        images = _class_images(lab, there, group, console) if given.by != "converge" else {}
        ran = playbook.run("reset", limit=limit, exercise=name, class_images=images, **extra)
        positions.write(dict.fromkeys(group, replace(there, lab_reached=True)))
        digests = {host: seen["reset"] for host, seen in ran.summary["stats"].items()}
        for machine in group:
            seen = digests.get(machine, {})
            how = tr("from its snapshot") if seen.get("from") == "snapshot" else tr("by site.yml")
            text = tr("{machine}: reset to the start of {exercise}, {how} (digest {digest}).")
            console.print(
                text.format(
                    machine=machine, exercise=name, how=how, digest=seen.get("digest", "?")[:12]
                )
            )
    return 0


def _class_images(
    lab: settings.Settings, there: Position, machines: list[str], console: Console
) -> dict[str, str]:
    """Return from which images those can be created that are the first time there."""
    provider = providers.of(lab, console)
    new = class_image.new_to(lab, provider, machines, there)
    return class_image.ensure(lab, provider, dict.fromkeys(new, there), console)


def trace(given: Namespace, console: Console) -> int:
    """Follow a message through the logs of machines; 1 where no log has it."""
    lab = settings.needed()
    machines = chosen(given.machines or ["all"], lab.names)
    asked = {
        name: value
        for name in ("queue_id", "message_id", "recipient", "sender", "since")
        if (value := getattr(given, name))
    }
    if not asked:
        raise settings.SettingsError(
            tr("Name a message, such as ./lab trace 53AE9404458, or by --recipient, --sender …")
        )
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "trace.json"
        ran = playbook.attempt("trace", limit=machines, trace_report=str(seen), **asked)
        found = json.loads(seen.read_text(encoding="utf-8")) if seen.exists() else {}
    for path in found.get("paths", []):
        console.print(*map(escape, path["picture"]), sep="\n", soft_wrap=True)
    for refusal in found.get("refusals", []):
        text = tr("refused: {reason}", reason=refusal["reason"])
        console.print(escape(text), soft_wrap=True)
    if given.html and found:
        _write(given.html, as_page(found["paths"], found["refusals"]), console)
    if given.otlp and found:
        lines = [json.dumps(otlp(path), ensure_ascii=False) for path in found["paths"]]
        _write(given.otlp, "".join(f"{line}\n" for line in lines), console)
    return 0 if ran.code == 0 else 1


def _write(name: str, text: str, console: Console) -> None:
    """Write a file that was asked for."""
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise settings.SettingsError(
            tr("{file} cannot be written: {reason}", file=name, reason=error.strerror)
        ) from error
    console.print(escape(tr("{file} is written.", file=name)), soft_wrap=True)


def passwords(given: Namespace, console: Console) -> int:
    """Print who logs in where, and by which password."""
    lab = settings.needed()
    machines = chosen(given.machines or ["all"], lab.names)
    known = playbook.run("passwords", limit=machines).summary["stats"]
    table = report.plain_table(tr("machine"), tr("address"), tr("account"), tr("password"))
    for machine in machines:
        for account, password in known[machine]["passwords"].items():
            address = lab.address_of(machine)
            table.add_row(f"{lab.lab}-{machine}", address, escape(account), escape(password))
    report.print_whole(table, console)
    return 0


def _at(exercise: str | None, machines: list[str], console: Console) -> dict[str, list[str]]:
    """Return the machines by the exercise that was named, or where they are; and say so."""
    found = {exercise: machines} if exercise else positions.of(machines)
    for name, group in found.items():
        _say(name, group, console)
    return found


def _say(exercise: str, machines: list[str], console: Console) -> None:
    title = catalogue()[exercise].title[language()]
    text = tr("{exercise}, {title}: {machines}")
    console.print(
        text.format(
            exercise=f"[bold]{exercise}[/]", title=escape(title), machines=", ".join(machines)
        )
    )


VERBS: dict[str, Callable[[Namespace, Console], int]] = {
    "begin": begin,
    "check": check,
    "solve": solve,
    "reset": reset,
    "trace": trace,
    "passwords": passwords,
}
