"""Mail that the changes must not lose: what is put there first, and what is there later."""

import base64
import json
import os
import re
from pathlib import Path

FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
PASSWORD = "premier-essai"
FLAGS = (r"\Seen", r"\Answered", r"\Flagged", r"\Deleted", r"\Draft")

# Flags of messages by account and folder, whose names are without the server's own marks.
BEGINNING: dict[str, dict[tuple[str, ...], list[str]]] = {
    "marie": {
        ("INBOX",): ["", r"\Seen", r"\Seen \Answered", r"\Flagged", r"\Seen \Flagged \Draft"],
        ("cours",): [r"\Seen", "", r"\Deleted"],
        ("Été",): [r"\Seen \Flagged"],
        ("Année", "Envoyés & reçus"): ["", r"\Answered"],
    },
    "paul": {("INBOX",): [r"\Seen"] * 20, ("日本語",): [""]},
}


def in_imap(name):
    """A folder's name in modified UTF-7 (RFC 3501, 5.1.3)."""

    def encode(match):
        digits = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=")
        return f"&{digits.replace('/', ',')}-"

    return re.sub(r"[^\x20-\x7e]+", encode, name.replace("&", "&-"))


def namespace(server):
    """What the names of one's own folders begin with, and what parts their levels (RFC 2342)."""
    personal = server.namespace()[1][0].decode()
    start, level = re.findall(r'^\(\("(.*?)" "(.)"\)', personal)[0]
    return start, level


def full_name(server, folder):
    """What this server calls a folder."""
    start, level = namespace(server)
    return "INBOX" if folder == ("INBOX",) else start + level.join(map(in_imap, folder))


def put(server, account):
    """Put the mail of the beginning there; returns what messages() is to say."""
    number = 0
    for folder, flags_of_messages in BEGINNING[account].items():
        name = full_name(server, folder)
        if folder != ("INBOX",):
            assert server.create(f'"{name}"')[0] == "OK"
        for flags in flags_of_messages:
            number += 1
            text = f"Message-ID: <{account}-{number}@x>\r\n\r\nÉté {number}\r\nFrom x\r\n"
            code, answer = server.append(f'"{name}"', f"({flags})", None, text.encode())
            assert code == "OK", answer
    return messages(server)


def messages(server):
    """The flags of every message by folder and Message-ID, and how often it is there."""
    start, level = namespace(server)
    found = {}
    for line in server.list()[1]:
        marks, name = re.findall(rb'^\((.*?)\) (?:"."|NIL) (.*)$', line)[0]
        if b"noselect" in marks.lower():
            continue
        name = name.decode().strip('"')
        code, count = server.select(f'"{name}"', readonly=True)
        assert code == "OK", (name, count)
        parts = name.removeprefix(start if name != "INBOX" else "").split(level)
        found["/".join(parts)] = of_folder(server) if count != [b"0"] else []
    return found


def of_folder(server):
    """The messages of the folder that is selected."""
    query = "(FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
    parts = [part for part in server.fetch("1:*", query)[1] if isinstance(part, tuple)]
    found = []
    for start, header in parts:
        flags = [flag for flag in FLAGS if flag.encode() in start]
        found.append([header.split(b"<")[1].split(b">")[0].decode(), flags])
    return sorted(found)


def wanted_of(account, host, value=None):
    """What an account of a machine is to have; with a value, that from now on."""
    path = FOLDER / f"wanted-{host.backend.get_hostname()}-{account}.json"
    if value is not None:
        path.write_text(json.dumps(value))
    return json.loads(path.read_text())
