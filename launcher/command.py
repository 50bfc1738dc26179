"""The teacher's command, ./lab, and what make runs: which words there are, and what they run."""

from __future__ import annotations

import argparse
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import argcomplete
import docker
import requests
from rich.console import Console
from rich.markup import escape

from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from launcher import course, grades, lab, prefetch, settings, surroundings, work
from launcher.board.board import board
from launcher.classroom import classroom
from launcher.language import LANGUAGES, tr
from launcher.paper.cards import cards
from launcher.paper.handouts import handouts
from launcher.paper.typesetting import PaperError
from launcher.parser import Parser
from launcher.picture import picture
from launcher.playbook import PlaybookError
from launcher.saved_files import WorkError
from launcher.settings import SettingsError
from launcher.shell import shell
from launcher.watching import watch

EPILOG = """\
Exit codes: 0 all is right; 1 it could not be done, the reason is said; 2 a check found something
wrong; 4 something could not be checked; 64 the words make no sense; 130 interrupted.
"""

Words = Callable[[Namespace, Console], int]
Complete = Callable[..., list[str]]


def main(words: list[str]) -> int:
    """Run what the words say; return the exit code."""
    surroundings.prepare()
    given = parser().parse_args(words)
    if not given.verbose:
        os.environ.setdefault("LAB_LINES", given.lines)
    console = Console(highlight=False, soft_wrap=True)
    verb = given.verb
    try:
        return given.run(given, console) or 0
    except (SettingsError, EngineError, PaperError, PlaybookError, WorkError) as error:
        console.print(f"[bold red]{verb}[/]: {escape(str(error))}", soft_wrap=True)
        return 1
    except (docker.errors.DockerException, requests.RequestException) as error:
        said = tr("the container engine says: {reason}", reason=escape(str(error)))
        console.print(f"[bold red]{verb}[/]: {said}", soft_wrap=True)
        return 1
    except BrokenPipeError:
        # Whoever read has had enough; nothing more can be said, not by Python at its end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # A path of the words, or one of the checkout's own.
        if error.filename is None:
            raise
        said = tr("{path} cannot be used: {reason}", path=error.filename, reason=error.strerror)
        console.print(f"[bold red]{verb}[/]: {escape(said)}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print(tr("Interrupted: run the same command again, it goes on from here."))
        return 130


def parser() -> Parser:
    """Return the parser of the words behind ./lab, which completion asks too."""
    top = Parser(prog="lab", description=tr("A lab of mail servers."), epilog=tr(EPILOG))
    verbs = top.add_subparsers(dest="verb", required=True, metavar=tr("VERB"), title=tr("verbs"))
    for name, verb in VERBS.items():
        added: Parser = verbs.add_parser(name, help=tr(verb.text), description=tr(verb.text))
        added.add_argument(
            "-v", "--verbose", action="store_true", help=tr("show every task of Ansible")
        )
        added.set_defaults(run=verb.run, lines=verb.lines)
        verb.arguments(added)
    return top


def of_a_lab(added: Parser) -> None:
    """Add the words of verbs that take the variables of a lab."""
    about = tr("STUDENTS, DEBIAN, LAB, SUBNET, ENGINE, HOSTS")
    word(added, "words", variables, nargs="*", metavar=tr("NAME=value"), help=about)


def of_begin(added: Parser) -> None:
    """Add the words of begin."""
    word(added, "exercise", exercises, metavar=tr("EXERCISE"), type=exercise)
    word(added, "machines", machines, nargs="+", metavar=tr("MACHINE"))
    about = tr("start, solution, or an alternative or a fault of the exercise")
    added.add_argument("--stage", default="start", metavar=tr("STAGE"), help=about)


def on_exercises(added: Parser) -> None:
    """Add the words of verbs that act on machines where they are, or at an exercise."""
    about = tr("the exercise where the machines are, and all machines, if not named")
    metavar = tr("EXERCISE|MACHINE")
    word(added, "words", exercises_and_machines, nargs="*", metavar=metavar, help=about)


def of_reset(added: Parser) -> None:
    """Add the words of reset."""
    on_exercises(added)
    about = tr("delete what is in the homes too")
    added.add_argument("--delete-homes", dest="homes", action="store_true", help=about)
    about = tr("recreate the container, or converge the machine")
    added.add_argument("--by", choices=["recreate", "converge"], help=about)


def of_trace(added: Parser) -> None:
    """Add the words of trace."""
    added.add_argument("queue_id", nargs="?", metavar=tr("QUEUE_ID"))
    for option in ("message-id", "recipient", "sender", "since"):
        added.add_argument(f"--{option}", metavar=tr("TEXT"))
    word(added, "--machines", machines, nargs="+", metavar=tr("MACHINE"))
    about = tr("write a page with the picture, which opens from the file")
    added.add_argument("--html", metavar=tr("FILE"), help=about)
    about = tr("write a trace of OpenTelemetry, one line of JSON for each path")
    added.add_argument("--otlp", metavar=tr("FILE"), help=about)


def on_machines(added: Parser) -> None:
    """Add the words of verbs that act on machines."""
    about = tr("all machines, if not named")
    word(added, "machines", machines, nargs="*", metavar=tr("MACHINE"), help=about)


def of_save(added: Parser) -> None:
    """Add the words of save."""
    on_machines(added)
    about = tr("where to, work/ if not named")
    added.add_argument("--to", metavar=tr("DIRECTORY"), help=about)


def of_restore(added: Parser) -> None:
    """Add the words of restore."""
    on_machines(added)
    about = tr("where from, the last of work/ if not named")
    added.add_argument("--from", dest="source", metavar=tr("DIRECTORY"), help=about)


def of_shell(added: Parser) -> None:
    """Add the words of shell."""
    word(added, "machine", machines, metavar=tr("MACHINE"))
    about = tr("a command to run there in the place of a shell")
    added.add_argument("command", nargs=argparse.REMAINDER, metavar=tr("COMMAND"), help=about)


def of_handouts(added: Parser) -> None:
    """Add the words of handouts."""
    about = tr("all exercises, if not named")
    word(added, "exercises", exercises, nargs="*", metavar=tr("EXERCISE"), help=about)
    about = tr("with hints, solution and typical mistakes")
    added.add_argument("--teacher", action="store_true", help=about)
    about = tr("where to, reports/handouts/ if not named")
    added.add_argument("--to", metavar=tr("DIRECTORY"), help=about)


def of_class(added: Parser) -> None:
    """Add the words of class."""
    about = tr("the port of this computer by which students come in, 2222 if not named")
    added.add_argument("--port", metavar=tr("PORT"), help=about)
    about = tr("the port of this computer at which browsers find the page, 8443 if not named")
    added.add_argument("--page-port", metavar=tr("PORT"), help=about)
    about = tr("this computer's address in the room, if it is not the one that is found")
    added.add_argument("--address", metavar=tr("ADDRESS"), help=about)
    about = tr("open the class on Docker too, where a student could become root of this computer")
    added.add_argument("--students-are-trusted", action="store_true", help=about)
    about = tr("give each machine a desktop with Thunderbird, in this language: fr or en")
    added.add_argument("--desktop", choices=LANGUAGES, metavar=tr("LANGUAGE"), help=about)
    about = tr("close the class")
    added.add_argument("--close", action="store_true", help=about)


def of_board(added: Parser) -> None:
    """Add the words of board."""
    about = tr("the port of this computer where the page is, 8025 if not named")
    added.add_argument("--port", metavar=tr("PORT"), help=about)
    about = tr("check all machines again so many minutes after the last check")
    added.add_argument("--every", metavar=tr("MINUTES"), help=about)


def of_picture(added: Parser) -> None:
    """Add the words of picture."""
    word(added, "machine", machines, metavar=tr("MACHINE"))


def of_watch(added: Parser) -> None:
    """Add the words of watch."""
    word(added, "machine", machines, metavar=tr("MACHINE"))
    about = tr("ask the student whether you may type too")
    added.add_argument("--join", action="store_true", help=about)


def of_cards(added: Parser) -> None:
    """Add the words of cards."""
    on_machines(added)
    of_report(added)


def of_report(added: Parser) -> None:
    """Add the words of report."""
    about = tr("the list of the class, class.csv if not named")
    added.add_argument("--class", dest="list", metavar=tr("FILE"), help=about)


def word(added: Parser, name: str, known: Complete, **options: Any) -> None:
    """Add a word that completion knows."""
    # argcomplete looks for the attribute, which argparse knows nothing of.
    vars(added.add_argument(name, **options))["completer"] = known


def made_of(run: Callable[[dict[str, str], Console], None]) -> Words:
    """Return a verb on variables in the letters of make."""

    def verb(given: Namespace, console: Console) -> int:
        for word in given.words:
            if "=" not in word:
                raise SettingsError(
                    tr("{word}: write variables as NAME=value, such as STUDENTS=3.", word=word)
                )
        run(dict(word.split("=", 1) for word in given.words), console)
        return 0

    return verb


def exercise(word: str) -> str:
    """Return the name of an exercise."""
    try:
        return course.exercise_named(word)
    except SettingsError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def exercises(**_asked: object) -> list[str]:
    """Complete exercises."""
    return list(catalogue())


def machines(**_asked: object) -> list[str]:
    """Complete machines."""
    try:
        return [*settings.needed().names, "all"]
    except SettingsError:
        return []


def exercises_and_machines(**asked: object) -> list[str]:
    """Complete either."""
    return [*exercises(**asked), *machines(**asked)]


def variables(**_asked: object) -> list[str]:
    """Complete the variables of a lab."""
    return [f"{name}=" for name in settings.CHECKS]


@dataclass(frozen=True)
class Verb:
    """What a verb runs, and what it says of itself.

    ``lines`` says of what the run of a playbook prints a line: plays, or nothing.
    """

    run: Words
    text: str
    arguments: Callable[[Parser], None] = of_a_lab
    lines: str = "plays"


VERBS = {
    "up": Verb(made_of(lab.up), "Bring the lab up, add machines to it, or start it again"),
    "stop": Verb(made_of(lab.stop), "Stop the lab; what was done on its machines is kept"),
    "down": Verb(made_of(lab.down), "Take the lab down, and remove its machines"),
    "shell": Verb(shell, "Open a shell as root on a machine", of_shell),
    "begin": Verb(course.begin, "Bring machines to the start of an exercise", of_begin),
    "check": Verb(
        course.check, "Check the exercises where the machines are", on_exercises, "nothing"
    ),
    "solve": Verb(course.solve, "Show the solution of an exercise on machines", on_exercises),
    "reset": Verb(course.reset, "Reset machines to the start of an exercise", of_reset),
    "trace": Verb(
        course.trace, "Follow a message through the logs of all machines", of_trace, "nothing"
    ),
    "passwords": Verb(
        course.passwords, "Show addresses, accounts and passwords", on_machines, "nothing"
    ),
    "save": Verb(work.save, "Save the work on machines in archives on this computer", of_save),
    "restore": Verb(work.restore, "Bring saved work back to machines", of_restore),
    "prefetch": Verb(
        prefetch.prefetch,
        "Fetch all packages that exercises install, while there is an Internet",
        lambda _added: None,
    ),
    "report": Verb(
        grades.report, "Make grades of all attempts: CSV, XLSX, HTML, JUnit, JSON", of_report
    ),
    "handouts": Verb(handouts, "Set the exercises on paper, as PDF in both languages", of_handouts),
    "cards": Verb(
        cards, "Set a card for each student: machine, accounts, passwords", of_cards, "nothing"
    ),
    "class": Verb(classroom, "Open the class: students come in from their own computers", of_class),
    "board": Verb(board, "Show the class in a browser: who is where, and who needs help", of_board),
    "picture": Verb(
        picture, "Draw the way of a machine's last message, as the board shows it", of_picture
    ),
    "watch": Verb(watch, "Watch a student's terminal, which says so to the student", of_watch),
    "image": Verb(made_of(lab.build_images), "Build the machine images"),
    "clean": Verb(made_of(lab.clean), "Remove the machine images"),
}


def complete() -> None:
    """Answer what bash asks, where it does: eval "$(./lab completion)"."""
    argcomplete.autocomplete(parser())
