# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step tries and what it expects, in sentences for students and teachers.

No pattern, no name of ours and no placeholder is among them: where a pattern cannot be said in
words, the step's own ``in_words`` can, or it is only said that something is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.words import (
    LANGUAGES,
    Words,
    both,
    colon,
    quoted,
    readable,
)

Given = dict[str, Any]

PLACES = {"machine": both("the machine", "la machine"), "world": both("outside", "l'extérieur")}

REPLIES = {
    "accepted": both("accepted (2xx)", "accepté (2xx)"),
    "refused": both("refused for good (5xx)", "refusé définitivement (5xx)"),
    "deferred": both("refused for now (4xx)", "différé (4xx)"),
    "rejected": both("refused (4xx or 5xx)", "refusé (4xx ou 5xx)"),
    "kept_out": both("refused, or nobody listens there", "refusé, ou personne n'y écoute"),
    "any": both("a reply", "une réponse"),
}

TIMES = {
    0: both("the message is not there", "le message n'y est pas"),
    1: both("the message, once", "le message, une fois"),
}


def tried(kind: str, given: Given) -> Words:
    """Say what a step does."""
    return {language: _without_braces(_TRIED[kind](given, language)) for language in LANGUAGES}


def expected(kind: str, given: Given) -> Words:
    """Say what a step expects to see; its own words come first."""
    if "in_words" in given:
        return {language: given["in_words"][language] for language in LANGUAGES}
    return {language: _EXPECTED[kind](given, language) for language in LANGUAGES}


def _without_braces(text: str) -> str:
    """Return a sentence with an ellipsis for what stands for the check's own message."""
    return text.replace("-{word}", "").replace("{word}", "…").replace("{queue_id}", "…")


def _say(language: str, en: str, fr: str) -> str:
    return both(en, fr)[language]


def _listed(parts: list[str]) -> str:
    return ", ".join(part for part in parts if part)


def _like(pattern: str | None, language: str, en: str, fr: str, otherwise: Words) -> str:
    """Say that something is like a pattern; nothing where any text is."""
    text = readable(pattern or "")
    if text is None:
        return otherwise[language]
    return f"{_say(language, en, fr)} {quoted(text, language)}" if text else ""


def _smtp(given: Given, language: str) -> str:
    if given["at"] == "machine":
        place = _say(language, "from the machine", "depuis la machine")
    else:
        place = _say(language, "from outside", "depuis l'extérieur")
    if given.get("source"):
        place += f" ({given['source']})"
    server = given["host"] if given["host"] not in ("127.0.0.1", "localhost") else ""
    server = _say(language, f", to {server}", f", vers {server}") if server else ""
    start = f"SMTP {place}{server}, port {given['port']}"
    to = ", ".join(given["recipients"])
    message = _say(
        language,
        f"a message from <{given['sender']}> to {to}",
        f"un message de <{given['sender']}> à {to}",
    )
    more = [
        _say(language, f"HELO {given['helo']}", f"HELO {given['helo']}")
        if given["helo"] != "pv"
        else "",
        colon(_say(language, "subject", "sujet"), given["subject"], language)
        if given.get("subject")
        else "",
        *(f"{name}: {text}" for name, text in (given.get("header") or {}).items()),
        _say(language, "as if it came back", "comme s'il revenait") if given.get("replay") else "",
        {"eicar": "EICAR", "gtube": "GTUBE"}.get(given.get("content", ""), ""),
    ]
    files = ", ".join(given.get("attachments") or {})
    if files:
        more.append(_say(language, f"with the file {files}", f"avec le fichier {files}"))
    return colon(start, _listed([message, *more]), language)


def _smtp_expected(given: Given, language: str) -> str:
    reply = REPLIES[given["expect"]][language]
    odd = both("with the reply that is asked for", "avec la réponse demandée")
    return _listed([reply, _like(given.get("reply"), language, "with", "avec", odd)])


def _arrived(given: Given, language: str) -> str:
    if "path" in given:
        return _say(
            language,
            f"Look for the message in {given['path']}",
            f"Chercher le message dans {given['path']}",
        )
    by = {"pop3": "POP3", "imap": "IMAP"}.get(given.get("protocol", ""))
    name = given.get("account", "")
    where = _say(
        language,
        f"Look for the message in {name}'s mailbox",
        f"Chercher le message dans la boîte de {name}",
    )
    return where + (_say(language, f", by {by}", f", par {by}") if by else "")


def _received(given: Given, language: str) -> str:
    return _say(
        language,
        f"Look for the message that {given['recipient']} got, outside",
        f"Chercher le message reçu par {given['recipient']}, à l'extérieur",
    )


def _copies(given: Given, language: str) -> str:
    copies = given["copies"]
    times = TIMES.get(copies) or both(f"the message, {copies} times", f"le message, {copies} fois")
    parts = [times[language]]
    for name, pattern in (given.get("header") or {}).items():
        text = readable(pattern)
        if not pattern:
            parts.append(_say(language, f"without {name}", f"sans {name}"))
        elif text:
            parts.append(_say(language, f"with {name}: {text}", f"avec {name}: {text}"))
        else:
            parts.append(_say(language, f"with {name}", f"avec {name}"))
    odd = both("with the text that is asked for", "avec le texte demandé")
    parts.append(_like(given.get("body"), language, "with the text", "avec le texte", odd))
    return _listed(parts)


def _log(_given: Given, language: str) -> str:
    return _say(language, "Look into the mail log", "Lire le journal du courrier")


def _log_expected(given: Given, language: str) -> str:
    odd = both("the line that is asked for", "la ligne demandée")
    if given.get("state") == "absent":
        odd = both("no line that must not be there", "aucune ligne de trop")
        return _like(given["line"], language, "no line with", "aucune ligne avec", odd)
    line = _like(given["line"], language, "a line with", "une ligne avec", odd)
    return line or _say(language, "a line", "une ligne")


def _queue(_given: Given, language: str) -> str:
    return _say(
        language, "Look for the message in the queues", "Chercher le message dans les files"
    )


def _queue_expected(given: Given, language: str) -> str:
    queue = given["queue"]
    return _say(language, f"it is in the queue {queue}", f"il est dans la file {queue}")


def _command(given: Given, language: str) -> str:
    run = " ".join(given["run"])
    return colon(_say(language, "Run", "Exécuter"), run, language)


def _command_expected(given: Given, language: str) -> str:
    code = given["exit"]
    ends = (
        both("exit code 0", "code de retour 0")
        if not code
        else both(f"exit code {code}", f"code de retour {code}")
    )
    odd = both("the output that is asked for", "la sortie demandée")
    output = _like(given.get("output"), language, "it prints", "elle affiche", odd)
    return _listed([output if output and not code else ends[language], output if code else ""])


def _parameter(given: Given, language: str) -> str:
    return _say(
        language, f"Ask postconf for {given['name']}", f"Demander {given['name']} à postconf"
    )


def _parameter_expected(given: Given, language: str) -> str:
    odd = both("the value that is asked for", "la valeur demandée")
    return _like(given["value"], language, "the value", "la valeur", odd) or _say(
        language, "a value", "une valeur"
    )


def _file(given: Given, language: str) -> str:
    return _say(
        language, f"Look at the file {given['path']}", f"Regarder le fichier {given['path']}"
    )


def _file_expected(given: Given, language: str) -> str:
    if given["state"] == "absent":
        return _say(language, "it is not there", "il n'existe pas")
    odd = both("has the text that is asked for", "contient le texte demandé")
    parts = [
        _say(language, "it is there", "il existe"),
        colon(_say(language, "owner", "propriétaire"), given["owner"], language)
        if given.get("owner")
        else "",
        colon(_say(language, "group", "groupe"), given["group"], language)
        if given.get("group")
        else "",
        colon(_say(language, "mode", "mode"), given["mode"], language) if given.get("mode") else "",
        _like(given.get("text"), language, "has", "contient", odd),
    ]
    return _listed(parts)


def _connect(given: Given, language: str) -> str:
    if given["at"] == "machine":
        place = _say(language, "from the machine", "depuis la machine")
    else:
        place = _say(language, "from outside", "depuis l'extérieur")
    port = given["port"]
    start = _say(
        language, f"Connect to port {port} {place}", f"Se connecter au port {port} {place}"
    )
    lines = [given["send"]] if given.get("send") else []
    lines += [turn["send"] for turn in given.get("dialogue", ()) if "send" in turn]
    if not lines:
        return start
    said = ", ".join(quoted(" ".join(line.split()), language) for line in lines)
    return start + _say(language, f", and say {said}", f", et envoyer {said}")


def _connect_expected(given: Given, language: str) -> str:
    if given["expect"] == "closed":
        return _say(language, "the port is closed", "le port est fermé")
    odd = both("and the answer that is asked for", "et la réponse demandée")
    patterns = [given.get("says"), *(turn.get("says") for turn in given.get("dialogue", ()))]
    says = [_like(pattern, language, "and", "et", odd) for pattern in patterns if pattern]
    return _listed([_say(language, "a connection", "une connexion"), *says])


def _http(given: Given, language: str) -> str:
    return _say(language, f"Fetch {given['url']}", f"Consulter {given['url']}")


def _http_expected(given: Given, language: str) -> str:
    odd = both("with the text that is asked for", "avec le texte demandé")
    page = _say(language, "a page", "une page")
    texts = [_like(given.get(name), language, "with", "avec", odd) for name in ("text", "shown")]
    return _listed([page, *texts])


def _feed(given: Given, language: str) -> str:
    return _say(
        language,
        f"Open the feed {given['url']} in a reader",
        f"Ouvrir le flux {given['url']} dans un lecteur",
    )


def _feed_expected(given: Given, language: str) -> str:
    odd = both("with the item that is asked for", "avec l'élément demandé")
    link = both("with the link that is asked for", "avec le lien demandé")
    return _listed(
        [
            _say(language, "valid RSS 2.0", "du RSS 2.0 valide"),
            _like(given["title"], language, "with the item", "avec l'élément", odd),
            _like(given.get("link"), language, "with the link", "avec le lien", link),
        ]
    )


def _answer(given: Given, language: str) -> str:
    read = _say(language, "Read the answer to", "Lire la réponse à")
    return colon(read, given["question"][language], language)


def _answer_expected(given: Given, language: str) -> str:
    number = given.get("queue_ids")
    if number:
        return _say(
            language,
            f"all queue ids of one message, {number} or more",
            f"tous les identifiants de file d'un même message, au moins {number}",
        )
    return _say(language, "a right answer", "une réponse juste")


def _outage(given: Given, language: str) -> str:
    domain = given["domain"]
    if not given["seconds"]:
        return _say(language, f"Connect {domain} again", f"Rétablir {domain} sur le réseau")
    return _say(language, f"Cut {domain} off", f"Couper {domain} du réseau")


def _done(_given: Given, language: str) -> str:
    return _say(language, "done", "fait")


_TRIED: dict[str, Callable[[Given, str], str]] = {
    "smtp": _smtp,
    "arrived": _arrived,
    "received": _received,
    "log": _log,
    "queue": _queue,
    "command": _command,
    "parameter": _parameter,
    "file": _file,
    "connect": _connect,
    "http": _http,
    "feed": _feed,
    "answer": _answer,
    "outage": _outage,
}

_EXPECTED: dict[str, Callable[[Given, str], str]] = {
    "smtp": _smtp_expected,
    "arrived": _copies,
    "received": _copies,
    "log": _log_expected,
    "queue": _queue_expected,
    "command": _command_expected,
    "parameter": _parameter_expected,
    "file": _file_expected,
    "connect": _connect_expected,
    "http": _http_expected,
    "feed": _feed_expected,
    "answer": _answer_expected,
    "outage": _done,
}
