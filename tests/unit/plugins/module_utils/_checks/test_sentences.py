"""What a step tries and expects is said for people: no pattern, no placeholder, no name of ours."""

from __future__ import annotations

import re

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks.sentences import expected, tried
from ansible_collections.labs.mail.plugins.module_utils._checks.step_schema import KINDS
from ansible_collections.labs.mail.plugins.module_utils._checks.words import NARROW
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from tests.support.check_steps import with_defaults

N = NARROW
SENTENCES = [
    (
        "smtp",
        {"recipients": ["a@b", "c@d"]},
        "SMTP from the machine, port 25: a message from <tech> to a@b, c@d",
        f"SMTP depuis la machine, port 25{N}: un message de <tech> à a@b, c@d",
        "accepted (2xx)",
        "accepté (2xx)",
    ),
    (
        "smtp",
        {"recipients": ["x@y"], "at": "world", "expect": "refused", "reply": "relay"},
        "SMTP from outside, port 25: a message from <tech> to x@y",
        f"SMTP depuis l'extérieur, port 25{N}: un message de <tech> à x@y",
        'refused for good (5xx), with "relay"',
        f"refusé définitivement (5xx), avec «{N}relay{N}»",
    ),
    (
        "smtp",
        {"recipients": ["prof"], "attachments": {"rapport.company.txt": "text"}},
        "SMTP from the machine, port 25: a message from <tech> to prof,"
        " with the file rapport.company.txt",
        f"SMTP depuis la machine, port 25{N}: un message de <tech> à prof,"
        " avec le fichier rapport.company.txt",
        "accepted (2xx)",
        "accepté (2xx)",
    ),
    (
        "smtp",
        {"recipients": ["prof"], "host": "mx.b.fr", "port": 2525, "subject": "bonjour"},
        "SMTP from the machine, to mx.b.fr, port 2525: a message from <tech> to prof,"
        " subject: bonjour",
        f"SMTP depuis la machine, vers mx.b.fr, port 2525{N}: un message de <tech> à prof,"
        f" sujet{N}: bonjour",
        "accepted (2xx)",
        "accepté (2xx)",
    ),
    (
        "arrived",
        {"account": "prof", "protocol": "imap"},
        "Look for the message in prof's mailbox, by IMAP",
        "Chercher le message dans la boîte de prof, par IMAP",
        "the message, once",
        "le message, une fois",
    ),
    (
        "arrived",
        {"path": "/x", "copies": 0},
        "Look for the message in /x",
        "Chercher le message dans /x",
        "the message is not there",
        "le message n'y est pas",
    ),
    (
        "arrived",
        {"account": "prof", "copies": 2, "header": {"To": "^prof$", "X-A": ".", "X-B": ""}},
        "Look for the message in prof's mailbox",
        "Chercher le message dans la boîte de prof",
        "the message, 2 times, with To: prof, with X-A, without X-B",
        "le message, 2 fois, avec To: prof, avec X-A, sans X-B",
    ),
    (
        "received",
        {"recipient": "ami@example.org", "body": "^(?!x)"},
        "Look for the message that ami@example.org got, outside",
        "Chercher le message reçu par ami@example.org, à l'extérieur",
        "the message, once, with the text that is asked for",
        "le message, une fois, avec le texte demandé",
    ),
    (
        "log",
        {"line": "{queue_id}: to=.*status=sent"},
        "Look into the mail log",
        "Lire le journal du courrier",
        'a line with ": to=…status=sent"',
        f"une ligne avec «{N}: to=…status=sent{N}»",
    ),
    (
        "queue",
        {"queue": "hold"},
        "Look for the message in the queues",
        "Chercher le message dans les files",
        "it is in the queue hold",
        "il est dans la file hold",
    ),
    (
        "command",
        {"run": ["postsuper", "-d", "{queue_id}"]},
        "Run: postsuper -d …",
        f"Exécuter{N}: postsuper -d …",
        "exit code 0",
        "code de retour 0",
    ),
    (
        "command",
        {"run": ["id"], "output": "^tech:"},
        "Run: id",
        f"Exécuter{N}: id",
        'it prints "tech:"',
        f"elle affiche «{N}tech:{N}»",
    ),
    (
        "command",
        {"run": ["id"], "exit": 2, "output": "no"},
        "Run: id",
        f"Exécuter{N}: id",
        'exit code 2, it prints "no"',
        f"code de retour 2, elle affiche «{N}no{N}»",
    ),
    (
        "parameter",
        {"name": "mydomain", "value": "^lab$"},
        "Ask postconf for mydomain",
        "Demander mydomain à postconf",
        'the value "lab"',
        f"la valeur «{N}lab{N}»",
    ),
    (
        "file",
        {"path": "/x", "owner": "mail", "mode": "0644", "text": r"^\W*qmgr"},
        "Look at the file /x",
        "Regarder le fichier /x",
        'it is there, owner: mail, mode: 0644, has "qmgr"',
        f"il existe, propriétaire{N}: mail, mode{N}: 0644, contient «{N}qmgr{N}»",
    ),
    (
        "file",
        {"path": "/x", "state": "absent"},
        "Look at the file /x",
        "Regarder le fichier /x",
        "it is not there",
        "il n'existe pas",
    ),
    (
        "connect",
        {"port": 3310, "send": "PING\n", "says": "^PONG"},
        'Connect to port 3310 from the machine, and say "PING"',
        f"Se connecter au port 3310 depuis la machine, et envoyer «{N}PING{N}»",
        'a connection, and "PONG"',
        f"une connexion, et «{N}PONG{N}»",
    ),
    (
        "connect",
        {"port": 25, "dialogue": [{"says": "^220 "}, {"send": "VRFY prof"}, {"says": "^502 "}]},
        'Connect to port 25 from the machine, and say "VRFY prof"',
        f"Se connecter au port 25 depuis la machine, et envoyer «{N}VRFY prof{N}»",
        'a connection, and "220", and "502"',
        f"une connexion, et «{N}220{N}», et «{N}502{N}»",
    ),
    (
        "connect",
        {"port": 110, "at": "world", "expect": "closed"},
        "Connect to port 110 from outside",
        "Se connecter au port 110 depuis l'extérieur",
        "the port is closed",
        "le port est fermé",
    ),
    (
        "http",
        {"url": "http://x/", "text": "<title>a {word}"},
        "Fetch http://x/",
        "Consulter http://x/",
        'a page, with "<title>a …"',
        f"une page, avec «{N}<title>a …{N}»",
    ),
    (
        "feed",
        {"url": "http://x/rss", "title": "^10.0.0.1-http {word}$", "link": r"^http://x/\?"},
        "Open the feed http://x/rss in a reader",
        "Ouvrir le flux http://x/rss dans un lecteur",
        'valid RSS 2.0, with the item "10.0.0.1-http …", with the link "http://x/?"',
        f"du RSS 2.0 valide, avec l'élément «{N}10.0.0.1-http …{N}»,"
        f" avec le lien «{N}http://x/?{N}»",
    ),
    (
        "smtp",
        {"recipients": ["a@b"], "at": "world", "sender": "ami-{word}@c", "expect": "kept_out"},
        "SMTP from outside, port 25: a message from <ami@c> to a@b",
        f"SMTP depuis l'extérieur, port 25{N}: un message de <ami@c> à a@b",
        "refused, or nobody listens there",
        "refusé, ou personne n'y écoute",
    ),
    (
        "answer",
        {"question": {"fr": "Pourquoi", "en": "Why"}, "matches": "x"},
        "Read the answer to: Why",
        f"Lire la réponse à{N}: Pourquoi",
        "a right answer",
        "une réponse juste",
    ),
    (
        "answer",
        {"question": {"fr": "Lesquels", "en": "Which"}, "queue_ids": 4},
        "Read the answer to: Which",
        f"Lire la réponse à{N}: Lesquels",
        "all queue ids of one message, 4 or more",
        "tous les identifiants de file d'un même message, au moins 4",
    ),
    (
        "outage",
        {"domain": "b.fr", "seconds": 60},
        "Cut b.fr off",
        "Couper b.fr du réseau",
        "done",
        "fait",
    ),
    (
        "outage",
        {"domain": "b.fr", "seconds": 0},
        "Connect b.fr again",
        "Rétablir b.fr sur le réseau",
        "done",
        "fait",
    ),
]


@pytest.mark.parametrize(("kind", "given", "try_en", "try_fr", "expect_en", "expect_fr"), SENTENCES)
def test_sentences(kind, given, try_en, try_fr, expect_en, expect_fr):
    given = with_defaults(kind, given)
    assert tried(kind, given) == {"en": try_en, "fr": try_fr}
    assert expected(kind, given) == {"en": expect_en, "fr": expect_fr}


def test_every_kind_of_step_has_sentences():
    assert {kind for kind, *_words in SENTENCES} == set(KINDS)


def test_a_step_may_say_itself_what_it_expects():
    words = {"fr": "le nom de qmgr", "en": "the name of qmgr"}
    given = with_defaults("file", {"path": "/x", "text": "^(?!proc)", "in_words": words})
    assert expected("file", given) == words


STEPS = [
    (f"{name}.{check['name']}.{number}", kind, given)
    for name, exercise in catalogue().items()
    for check in exercise.checks
    for number, step in enumerate(check["steps"])
    for kind, given in step.items()
]


@pytest.mark.parametrize(("_place", "kind", "given"), STEPS, ids=[place for place, *_rest in STEPS])
def test_no_step_of_the_catalogue_shows_a_pattern_or_a_placeholder(_place, kind, given):
    given = with_defaults(kind, given)
    for text in expected(kind, given).values():
        assert text
        assert not re.search(r"\{(word|queue_id)|\\[A-Za-z.]|\.\*|\(\?", text), text
    for text in tried(kind, given).values():
        assert text
        assert not re.search(r"\{(word|queue_id|at|expect|port)\b", text), text
    assert not re.search(r" [;:!?»]", tried(kind, given)["fr"].partition(NARROW)[0])
