# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentence of each step of an explanation, in French and English."""

from __future__ import annotations

from collections.abc import Mapping

NARROW = "\u202f"


def both(english: str, french: str) -> tuple[str, str]:
    """Return a sentence in both languages."""
    return english, french


SENTENCES = {
    "connect": both(
        "{client} connects to port {port}, where {program} answers",
        "{client} se connecte au port {port}, où {program} répond",
    ),
    "nobody": both(
        "nothing of Postfix listens to {client} on port {port}",
        "rien de Postfix n'écoute {client} au port {port}",
    ),
    "postscreen": both(
        "postscreen looks at the client first; what it asks of DNS lists is not known",
        "postscreen regarde d'abord le client ; ce qu'il demande aux listes DNS n'est pas connu",
    ),
    "tls": both(
        "nothing is taken from a client without TLS; this one is supposed to start it",
        "rien n'est pris d'un client sans TLS ; on suppose que celui-ci l'utilise",
    ),
    "none": both("{list}: {name} has no opinion", "{list} : {name} ne se prononce pas"),
    "permit": both("{list}: {name} permits", "{list} : {name} accepte"),
    "reject": both("{list}: {name} refuses", "{list} : {name} refuse"),
    "row_none": both(
        "{list}: {name} finds {key} in {table}: {value}",
        "{list} : {name} trouve {key} dans {table} : {value}",
    ),
    "row_permit": both(
        "{list}: {name} finds {key} in {table} and permits: {value}",
        "{list} : {name} trouve {key} dans {table} et accepte : {value}",
    ),
    "row_reject": both(
        "{list}: {name} finds {key} in {table} and refuses: {value}",
        "{list} : {name} trouve {key} dans {table} et refuse : {value}",
    ),
    "asks": both(
        "{list}: {name} asks somebody else; its answer is not known here",
        "{list} : {name} interroge quelqu'un d'autre ; la réponse n'est pas connue ici",
    ),
    "milter": both(
        "the milter {value} is asked; its answer is not known here",
        "le milter {value} est interrogé ; sa réponse n'est pas connue ici",
    ),
    "database": both(
        "{name} asks a server; its answers are not known here",
        "{name} interroge un serveur ; ses réponses ne sont pas connues ici",
    ),
    "refused": both("{command} is answered: {reply}", "à {command}, la réponse est : {reply}"),
    "taken": both("the message is taken: {reply}", "le message est pris : {reply}"),
    "broken": both(
        "a program of Postfix fails here: {text}",
        "un programme de Postfix échoue ici : {text}",
    ),
    "rewritten": both(
        "{parameter} turns {key} into {value}",
        "{parameter} change {key} en {value}",
    ),
    "appended": both(
        "{key} has no domain and becomes {value}",
        "{key} n'a pas de domaine et devient {value}",
    ),
    "content": both(
        "a check of the content says {action}: {text}",
        "un contrôle du contenu dit {action} : {text}",
    ),
    "filter": both(
        "content_filter sends it to {value}",
        "content_filter l'envoie à {value}",
    ),
    "routed": both(
        "{parameter} answers {key}: {value}",
        "{parameter} répond pour {key} : {value}",
    ),
    "transport": both(
        "{recipient} goes to the service {transport}, next hop {nexthop}",
        "{recipient} va au service {transport}, prochain saut {nexthop}",
    ),
    "alias": both(
        "{table} says for {key}: {value}",
        "{table} dit pour {key} : {value}",
    ),
    "forwards": both(
        "local hands it in again for {recipient}",
        "local le redépose pour {recipient}",
    ),
    "follows": both(
        "port {port} is this machine's: {program} takes it from there",
        "le port {port} est à cette machine : {program} le reçoit",
    ),
    "clamsmtpd": both(
        "clamsmtpd takes it at port {port}, scans it, and hands it to port {out} if it is clean",
        "clamsmtpd le prend au port {port}, l'analyse et le passe au port {out} s'il est sain",
    ),
    "stranger": both(
        "what the program at port {port} does with it is not known",
        "ce que le programme du port {port} en fait n'est pas connu",
    ),
    "closed": both(
        "nothing listens at port {port} of this machine",
        "rien n'écoute au port {port} de cette machine",
    ),
    "itself": both(
        "{nexthop} is this machine, to whose port 25 smtp sends nothing",
        "{nexthop} est cette machine, au port 25 de laquelle smtp n'envoie rien",
    ),
    "returns": both(
        "{program} is taken to hand it in again by sendmail",
        "on suppose que {program} le redépose par sendmail",
    ),
    "loop": both(
        "it comes here a second time: it goes round in circles",
        "il repasse ici : il tourne en rond",
    ),
    "mailbox": both(
        "{recipient}: into the mailbox{where}",
        "{recipient} : dans la boîte{where}",
    ),
    "file": both("{recipient}: into the file {where}", "{recipient} : dans le fichier {where}"),
    "command": both(
        "{recipient}: to the command {where}",
        "{recipient} : à la commande {where}",
    ),
    "relayed": both(
        "{recipient}: to the next host {where}",
        "{recipient} : à l'hôte suivant {where}",
    ),
    "end_refused": both("{recipient}: refused, {where}", "{recipient} : refusé, {where}"),
    "end_broken": both(
        "{recipient}: nobody takes it, for a program dies: {where}",
        "{recipient} : personne ne le prend, car un programme meurt : {where}",
    ),
    "bounced": both(
        "{recipient}: returned to the sender, {where}", "{recipient} : renvoyé, {where}"
    ),
    "deferred": both(
        "{recipient}: stays in the queue, {where}",
        "{recipient} : reste dans la file, {where}",
    ),
    "discarded": both("{recipient}: thrown away", "{recipient} : jeté sans rien dire"),
    "held": both("{recipient}: held in the queue", "{recipient} : retenu dans la file"),
    "looping": both("{recipient}: goes round in circles", "{recipient} : tourne en rond"),
    "unknown": both("{recipient}: not known, {where}", "{recipient} : pas connu, {where}"),
}
"""In English and in French; braces hold what is put in."""


def sentence(kind: str, words: Mapping[str, object]) -> dict[str, str]:
    """Return the sentence of a step by language."""
    english, french = SENTENCES[kind]
    for sign in ";:!?":
        french = french.replace(f" {sign}", f"{NARROW}{sign}")
    return {"en": english.format_map(words), "fr": french.format_map(words)}
