# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why the end of a way is as it is, or is not known: the explainer's own words, in French.

What Postfix says is left as it is, in English, for so it stands in the log.
"""

from __future__ import annotations

import re

from ansible_collections.labs.mail.plugins.module_utils._explain.sentences import NARROW

VERDICTS = {
    "mailbox": "dans la boîte",
    "file": "dans le fichier",
    "command": "à la commande",
    "relayed": "à l'hôte suivant",
    "refused": "refusé",
    "broken": "un programme meurt",
    "bounced": "renvoyé",
    "deferred": "reste dans la file",
    "discarded": "jeté",
    "held": "retenu",
    "looping": "tourne en rond",
}

PHRASES = tuple(
    (re.compile(english), french)
    for english, french in (
        (r"^(\S+) decides what comes back", r"\1 décide de ce qui revient"),
        (r"^clamd decides whether it is a virus", "clamd décide si c'est un virus"),
        (r"^DNS is asked for localhost", "le DNS est interrogé sur localhost"),
        (r"^smtpd demands TLS of smtp", "smtpd exige TLS de smtp"),
        (r"^postscreen asks DNS", "postscreen interroge le DNS"),
        (r"^only root may read (\S+)", r"seul root peut lire \1"),
        (r"^(\w+) may change it", r"\1 peut le modifier"),
        (r"^(\w+) asks a server", r"\1 interroge un serveur"),
        (r"^the milter (\S+)", r"le milter \1"),
        (r"^what listens at port (\d+)", r"ce qui écoute au port \1"),
        (r"^what (\S+) does$", r"ce que fait \1"),
        (r"^nothing became of it in time", "rien n'en est sorti à temps"),
        (r"^nothing listens at port (\d+)", r"rien n'écoute au port \1"),
        (r"^after (\d+) turns it is not followed", r"il n'est plus suivi après \1 passages"),
        (r"^there is no program (\S+)", r"il n'y a pas de programme \1"),
        (r"^there is no socket (\S+)", r"il n'y a pas de socket \1"),
        (r"^(\S+) cannot be created$", r"\1 ne peut pas être créé"),
        (r"^(\S+) cannot be written$", r"\1 ne peut pas être écrit"),
        (r"^(\S+) is a directory$", r"\1 est un répertoire"),
        (r"^(\S+) is full$", r"\1 est plein"),
        (r"^(\S+) does not let it in$", r"\1 ne le laisse pas entrer"),
        (r"^connection refused$", "connexion refusée"),
        (r", or what (.+) answers(?=;|$)", r", ou ce que répond \1"),
        (r" \(may permit\)(?=;|$)", " (peut accepter)"),
    )
)
OTHERWISE = re.compile(r"; otherwise (\w+)")


def in_french(reason: str) -> str:
    """Return a reason in French, as far as it is the explainer's own."""
    for english, french in PHRASES:
        reason = english.sub(french, reason, count=1)
    return OTHERWISE.sub(lambda m: f"{NARROW}; sinon {VERDICTS.get(m[1], m[1])}", reason, count=1)
