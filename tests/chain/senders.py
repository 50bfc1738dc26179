"""Runs in the world: senders that write to a machine at once, until so many messages were taken.

Usage: senders.py ADDRESS RECIPIENT COUNT SENDERS. Prints the Message-IDs that were answered by 250,
one on each line as soon as it was, so that what this process does not live to tell was not taken.
"""

import contextlib
import smtplib
import sys
import threading
import time
import uuid

address, recipient, count, senders = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
left = count
deadline = time.monotonic() + 1800
lock = threading.Lock()


def write():
    """Write one message after the other; what was not taken is written anew, as a new one."""
    global left
    while True:
        with lock:
            if left <= 0:
                return
            left -= 1
        while time.monotonic() < deadline:
            word = f"{uuid.uuid4().hex}@chain.example.org"
            with (
                contextlib.suppress(OSError, smtplib.SMTPException),
                smtplib.SMTP(address, 25, "mail.example.org", timeout=120) as server,
            ):
                server.helo()
                server.mail("ami@example.org")
                server.rcpt(recipient)
                text = f"From: ami@example.org\nTo: {recipient}\nSubject: {word}\n"
                code, _reply = server.data(f"{text}Message-ID: <{word}>\n\nBonjour.\n")
                if code == 250:
                    with lock:
                        print(word, flush=True)
                    break
            time.sleep(0.5)


threads = [threading.Thread(target=write) for _number in range(senders)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
