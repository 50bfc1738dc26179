"""An account's mail in a folder of its own, in either format, and what messages it holds."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._mailboxes import folders, mbox
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.folder_names import in_maildir

WHEN = time.mktime((2021, 3, 26, 10, 59, 14, 0, 0, -1))


def message(number, flags="", recent=False, text=b"bonjour\n"):
    header = b"Return-Path: <tech@x>\nMessage-Id: <%d@x>\nSubject: \xc3\xa9t\xc3\xa9\n\n" % number
    return mbox.Message(header + text, flags, recent, WHEN + number, b"tech@x")


class Home(folders.Account):
    """An account with a home and a spool below a folder."""

    @classmethod
    def below(cls, folder: Path) -> Home:
        spool, home = folder / "spool", folder / "home"
        spool.mkdir()
        home.mkdir()
        return cls("tech", os.geteuid(), str(home), str(spool / "tech"))

    def put_mbox(self, names, messages):
        path = Path(self.folders, *names) if names else Path(self.inbox)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(b"".join(map(mbox.entry, messages)))
        return path

    def put_maildir(self, folder, messages):
        directory = Path(self.maildir, in_maildir(folder))
        Path(self.maildir).mkdir(exist_ok=True)
        folders.make_maildir(self.maildir)
        folders.make_maildir(str(directory))
        for number, one in enumerate(messages):
            kind, info = ("new", "") if one.recent else ("cur", f":2,{one.flags}")
            path = directory / kind / f"{one.date:.0f}.{number}_{len(one.text)}.x{info}"
            path.write_bytes(one.text)
            os.utime(path, (one.date, one.date))
        return directory

    def mail(self):
        """All messages of both formats by folder: how often each text is there with its flags."""
        found: dict[tuple[str, ...], Counter[tuple[bytes, str, bool]]] = {}
        mboxes, _others = folders.mbox_files(self)
        for folder, path in mboxes.items():
            with open(path, "rb") as file:
                for one in mbox.messages(file):
                    found.setdefault(folder, Counter())[one.text, one.flags, one.recent] += 1
        for folder, directory in folders.maildirs(self).items():
            for kind, name in folders.mail_in(directory):
                text = Path(directory, kind, name).read_bytes()
                flags = name.partition(":2,")[2]
                found.setdefault(folder, Counter())[text, flags, kind == "new"] += 1
        return found
