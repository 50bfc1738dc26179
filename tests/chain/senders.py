"""Runs in the world: senders that write to a machine at once, until standard input ends.

Usage: senders.py ADDRESS RECIPIENT COUNT SENDERS. At least COUNT messages are written. Prints the
Message-IDs that were answered by 250, one on each line as soon as it was, so that what this process
does not live to tell was not taken.
"""

import contextlib
import smtplib
import sys
import threading
import time
import uuid

PAUSE_SECONDS = 2
"""In the middle of each message, so that every sender is in a session at any moment."""

address, recipient, count, senders = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
deadline = time.monotonic() + 1800
enough = threading.Event()
lock = threading.Lock()
written = 0


def write():
    """Write one message after the other; what was not taken is sent again, as it was."""
    global written
    while not enough.is_set() or written < count:
        with lock:
            written += 1
        word = f"{uuid.uuid4().hex}@chain.example.org"
        while not taken(word):
            if time.monotonic() > deadline:
                return
            time.sleep(0.5)


def taken(word):
    """Send a message; tells whether it was taken."""
    head = (
        f"From: ami@example.org\r\nTo: {recipient}\r\nSubject: {word}\r\nMessage-ID: <{word}>\r\n"
    )
    code = 0
    with (
        contextlib.suppress(OSError, smtplib.SMTPException),
        smtplib.SMTP(address, 25, "mail.example.org", timeout=120) as server,
    ):
        server.helo()
        server.mail("ami@example.org")
        server.rcpt(recipient)
        if server.docmd("DATA")[0] == 354:
            server.send(head)
            time.sleep(PAUSE_SECONDS)
            server.send("\r\nBonjour.\r\n.\r\n")
            code, _reply = server.getreply()
    if code == 250:
        with lock:
            print(word, flush=True)
    return code == 250


threads = [threading.Thread(target=write) for _number in range(senders)]
for thread in threads:
    thread.start()
sys.stdin.read()
enough.set()
for thread in threads:
    thread.join()
