# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``lab explain``: ask on this machine what Postfix would do with a message."""

from __future__ import annotations

import argparse
import email
import email.utils
import json
import os
import sys
from typing import NoReturn

from ansible_collections.labs.mail.plugins.module_utils._drawing.of_data import of_explanation
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._explain.compare import (
    find_relayed,
    first_difference,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Configuration
from ansible_collections.labs.mail.plugins.module_utils._explain.follow import explain
from ansible_collections.labs.mail.plugins.module_utils._explain.other import (
    STAGES,
    explain_other,
    kept,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.pictures import (
    WORDS as PICTURE_WORDS,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.pictures import write_svg
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    UNKNOWN,
    Explanation,
    Question,
    question,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.show import (
    difference_lines,
    lines,
    say,
)

DELIVERED, OTHERWISE, MISUSED, UNSURE = 0, 1, 2, 3
"""Exit codes: 0 for what is delivered or handed on, 1 for what is not, 3 for what is not known."""

GOOD = ("mailbox", "file", "command", "relayed")
LARGEST_MESSAGE = 20_000_000

WORDS = {
    "en": {
        "usage": """\
usage: lab explain --from ADDRESS --to ADDRESS [--client ADDRESS] [--name NAME] [--helo NAME]
                   [--port N] [--header 'NAME: TEXT'] [--attach NAME] [--from-file MESSAGE]
                   [--against start|solution|FILE] [--all] [--json] [--svg FILE]
                   [--config DIRECTORY]
       lab explain --find relayed

What Postfix would do with a message, and by which line. Nothing is sent.

  --from ADDRESS    envelope sender; <> for the empty one
  --to ADDRESS      envelope recipient; more than once for several
  --client ADDRESS  address of the client, 127.0.0.1 if not given
  --name NAME       its name in DNS; none if not given
  --helo NAME       what it says after EHLO
  --login NAME      the account with which it has logged in
  --port N          the port that it connects to, 25 if not given
  --header TEXT     a line of the header, more than once for several
  --attach NAME     the name of an attachment, more than once for several
  --from-file FILE  a message; its To and From are taken where none are given
  --against start   compare with how your machine came to the exercise's start; solution, with
                    the solution that your teacher has shown on it; or with a main.cf, a
                    master.cf or a directory
  --find relayed    search for a stranger's message that is relayed to strangers
  --all             show what has no opinion, too
  --json            as JSON
  --svg FILE        draw it
  --config DIR      directory of the instance, /etc/postfix if not given""",
        "root": "Ask as root: the queue needs its rights (sudo lab explain …).",
        "start": "The start was not kept here; bring the machine to the start of an exercise.",
        "solution": "Your teacher has not shown the solution on this machine.",
        "relayed": "This message of a stranger would be relayed:",
        "closed": "No message of a stranger to strangers was relayed, of all that were tried.",
    },
    "fr": {
        "usage": """\
usage : lab explain --from ADRESSE --to ADRESSE [--client ADRESSE] [--name NOM] [--helo NOM]
                    [--port N] [--header 'NOM: TEXTE'] [--attach NOM] [--from-file MESSAGE]
                    [--against start|solution|FICHIER] [--all] [--json] [--svg FICHIER]
                    [--config RÉPERTOIRE]
        lab explain --find relayed

Ce que Postfix ferait d'un message, et à cause de quelle ligne. Rien n'est envoyé.

  --from ADRESSE       expéditeur de l'enveloppe ; <> s'il est vide
  --to ADRESSE         destinataire de l'enveloppe ; à répéter pour en donner plusieurs
  --client ADRESSE     adresse du client, 127.0.0.1 par défaut
  --name NOM           son nom dans le DNS, aucun par défaut
  --helo NOM           ce qu'il dit après EHLO
  --login NOM          le compte sous lequel il s'est identifié
  --port N             le port où il se connecte, 25 par défaut
  --header TEXTE       une ligne d'en-tête, à répéter pour en donner plusieurs
  --attach NOM         le nom d'une pièce jointe, à répéter pour en donner plusieurs
  --from-file FICHIER  un message, dont To et From servent si aucun n'est donné
  --against start      compare avec votre machine telle qu'elle était au début de l'exercice ;
                       solution, avec la solution que l'enseignant y a montrée ; ou avec un
                       main.cf, un master.cf, un répertoire
  --find relayed       cherche un message d'un inconnu qui est relayé à des inconnus
  --all                montre aussi ce qui ne se prononce pas
  --json               en JSON
  --svg FICHIER        le dessine
  --config RÉPERTOIRE  répertoire de l'instance, /etc/postfix par défaut""",
        "root": "Demandez en tant que root : la file l'exige (sudo lab explain …).",
        "start": "Le début n'a pas été conservé ici ; mettez la machine au début d'un exercice.",
        "solution": "L'enseignant n'a pas montré la solution sur cette machine.",
        "relayed": "Ce message d'un inconnu serait relayé :",
        "closed": "Aucun message d'inconnu à inconnu n'a été relayé, parmi tous ceux essayés.",
    },
}


class _MisuseError(Exception):
    pass


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _MisuseError(message)


def main(argv: list[str], language: str) -> int:
    """Run the command; returns its exit code."""
    words = WORDS[language]
    try:
        given = _parser().parse_args(argv)
    except _MisuseError as error:
        say(f"{error}\n\n{words['usage']}", stream=sys.stderr)
        return MISUSED
    if given.help or not (given.to or given.find or given.from_file):
        say(words["usage"], stream=sys.stdout if given.help else sys.stderr)
        return DELIVERED if given.help else MISUSED
    try:
        asked = None if given.find else _question(given)
    except ConfigError as error:
        say(error, stream=sys.stderr)
        return MISUSED
    if os.geteuid():
        say(words["root"], stream=sys.stderr)
        return UNSURE
    if given.against in STAGES and not kept(given.against):
        say(words[given.against], stream=sys.stderr)
        return UNSURE
    try:
        configuration = Configuration(given.config)
        if asked is None:
            return _find(configuration, language, given)
        found = explain(configuration, asked)
        _show(found, language, given)
        if given.against:
            _compare(configuration, asked, found, given.against, language)
    except (ConfigError, OSError) as error:
        say(error, stream=sys.stderr)
        return UNSURE
    return code(found)


def _parser() -> _Parser:
    parser = _Parser("lab explain", add_help=False, allow_abbrev=False)
    for option in ("from", "client", "name", "helo", "login", "from-file", "against", "svg"):
        parser.add_argument(f"--{option}")
    for option in ("to", "header", "attach"):
        parser.add_argument(f"--{option}", action="append", default=[])
    parser.add_argument("--port", type=int, default=25)
    parser.add_argument("--find", choices=["relayed"])
    parser.add_argument("--config", default="/etc/postfix")
    for option in ("all", "json", "help"):
        parser.add_argument(f"--{option}", action="store_true")
    return parser


def code(found: Explanation) -> int:
    """Return the exit code of an explanation."""
    verdicts = {end.verdict for end in found.ends}
    if UNKNOWN in verdicts or not verdicts:
        return UNSURE
    return DELIVERED if verdicts <= set(GOOD) else OTHERWISE


def _question(given: argparse.Namespace) -> Question:
    sender, recipients, content = getattr(given, "from"), given.to, None
    if given.from_file:
        try:
            with open(given.from_file, "rb") as file:
                content = file.read(LARGEST_MESSAGE)
        except OSError as error:
            raise ConfigError(f"it cannot be read ({error.strerror})", given.from_file) from error
        header = email.message_from_bytes(content)
        named = email.utils.getaddresses([str(v) for v in header.get_all("To", [])])
        recipients = recipients or [address for _name, address in named if address]
        if sender is None:
            sender = email.utils.parseaddr(str(header.get("From", "")))[1]
    return question(
        sender or "",
        recipients,
        given.client or "",
        given.name or "",
        given.helo or "",
        given.login or "",
        given.port,
        given.header,
        given.attach,
        content,
    )


def _show(found: Explanation, language: str, given: argparse.Namespace) -> None:
    data = found.as_data()
    if given.svg:
        title = found.ends[0].recipient if found.ends else ""
        write_svg(of_explanation(data, title, language), given.svg, PICTURE_WORDS[language])
    if given.json:
        say(json.dumps(data, ensure_ascii=False, indent=1))
        return
    say("\n".join(lines(data, language, given.all)))


def _compare(
    configuration: Configuration, asked: Question, found: Explanation, other: str, language: str
) -> None:
    difference = first_difference(found, explain_other(configuration, asked, other))
    data = difference.as_data() if difference else None
    say("\n".join(["", *difference_lines(data, other, language)]))


def _find(configuration: Configuration, language: str, given: argparse.Namespace) -> int:
    words = WORDS[language]
    for asked, found in find_relayed(configuration):
        if not given.json:
            say(words["relayed"])
            say(
                f"  --client {asked.client.address} --port {asked.port} --from '{asked.sender}'"
                f" --to '{asked.recipients[0]}'\n"
            )
        _show(found, language, given)
        return OTHERWISE
    say("{}" if given.json else words["closed"])
    return DELIVERED
