"""Runs in a machine: has its Postfix write a line of each kind, and prints its log.

It starts an instance of its own in a folder: an smtpd and a postscreen on ports of the loopback, a
milter that does what the HELO name says, and a maillog_file. What the dialogues say decides what
Postfix does: see MAIN and the tables.
"""

import contextlib
import json
import os
import smtplib
import socket
import struct
import subprocess
import sys
import threading
import time

DEADLINE_SECONDS = 20
SMTP, SCREENED, FILTERED, MILTER = 3025, 3026, 3027, 3028

MAIN = """
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
maillog_file = {log}
maillog_file_prefixes = /tmp
multi_instance_enable = no
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 192.0.2.0/24
myhostname = mx.test
mydestination = mx.test
local_recipient_maps = inline:{{ root@mx.test=x }}
alias_maps =
local_transport = discard:
default_transport = retry:5.0.0 nothing leaves
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access pcre:{folder}/recipients
smtpd_data_restrictions = check_sender_access inline:{{ data@x.test=REJECT }}
smtpd_end_of_data_restrictions = check_sender_access inline:{{ end@x.test=REJECT }}
header_checks = pcre:{folder}/headers
body_checks = pcre:{folder}/bodies
disable_vrfy_command = no
postscreen_access_list = cidr:{folder}/screened
postscreen_blacklist_action = enforce
postscreen_greet_wait = 1s
queue_run_delay = 1s
"""

RECIPIENTS = r"""
/^hold@/ HOLD for a look
/^discard@/ DISCARD as told
/^redirect@/ REDIRECT root@mx.test
/^tried@/ WARN only tried
/^filter@/ FILTER discard:y
"""
HEADERS = r"""
/^Subject: hold/ HOLD for a look
/^Subject: refuse/ REJECT go away
/^Subject: discard/ DISCARD
/^Subject: warn/ WARN so it is
"""
MASTER = f"""
{SMTP} inet n - n - - smtpd
{FILTERED} inet n - n - - smtpd
  -o smtpd_milters=inet:127.0.0.1:{MILTER} -o milter_default_action=accept
{SCREENED} inet n - n - 1 postscreen
smtpd pass - - n - - smtpd
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
anvil unix - - n - 1 anvil
showq unix n - n - - showq
dnsblog unix - - n - 0 dnsblog
postlog unix-dgram n - n - 1 postlogd
"""

# Milter protocol 6 (libmilter/mfdef.h): the answer to a command that the HELO name asks for.
ANSWERS = {"reject": b"r", "tempfail": b"t", "discard": b"d"}
STAGES = {"connect": b"C", "helo": b"H", "mail": b"M", "rcpt": b"R", "data": b"T", "end": b"E"}


def milter(connection):
    """Answer one connection of smtpd or cleanup; ``helo-STAGE-ANSWER`` names what to do."""
    wanted = ("", b"c")
    while True:
        head = connection.recv(4, socket.MSG_WAITALL)
        if len(head) < 4:
            return
        data = connection.recv(struct.unpack("!I", head)[0], socket.MSG_WAITALL)
        command = data[:1]
        if command == b"O":
            reply = b"O" + struct.pack("!III", 6, 0, 0)
        elif command in b"DAQ":
            continue
        else:
            if command == b"H":
                words = data[1:].rstrip(b"\0").decode().split("-")
                if words[0] == "milter":
                    wanted = STAGES[words[1]], ANSWERS[words[2].partition(".")[0]]
            reply = wanted[1] if command == wanted[0] else b"c"
        connection.sendall(struct.pack("!I", len(reply)) + reply)


def serve_milter():
    server = socket.create_server(("127.0.0.1", MILTER))
    while True:
        connection, _address = server.accept()
        threading.Thread(target=milter, args=(connection,), daemon=True).start()


def say(port, sender, *recipients, subject="x", helo="pc.test", data=True):
    """Speak SMTP as far as Postfix lets one."""
    with smtplib.SMTP("127.0.0.1", port, helo, timeout=DEADLINE_SECONDS) as server:
        if server.ehlo()[0] != 250 or server.mail(sender)[0] != 250:
            return
        taken = [server.rcpt(recipient)[0] == 250 for recipient in recipients]
        if data and any(taken):
            with contextlib.suppress(smtplib.SMTPException):
                server.data(f"Subject: {subject}\r\n\r\n{subject}\r\n")


def until(look):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (seen := look()):
        if time.monotonic() > deadline:
            sys.exit("it did not come")
        time.sleep(0.05)
    return seen


def main(folder):
    places = {name: os.path.join(folder, name) for name in ("queue", "data", "log")}
    os.makedirs(places["queue"])
    os.makedirs(places["data"])
    subprocess.run(["chown", "postfix", places["data"]], check=True)
    files = {
        "main.cf": MAIN.format(folder=folder, **places),
        "master.cf": MASTER,
        "recipients": RECIPIENTS,
        "headers": HEADERS,
        "bodies": "/^spam/ REJECT no spam\n",
        "screened": "127.0.0.2 reject\n",
    }
    for name, text in files.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    threading.Thread(target=serve_milter, daemon=True).start()
    postfix = ["postfix", "-c", folder]
    subprocess.run([*postfix, "start"], capture_output=True, check=False)
    try:

        def log():
            try:
                with open(places["log"]) as file:
                    return file.read()
            except OSError:
                return ""

        def answers():
            try:
                return socket.create_connection(("127.0.0.1", SMTP), 1).close() or True
            except OSError:
                return False

        until(answers)
        say(SMTP, "a@x.test", "far@away.test")
        say(SMTP, "two@x.test", "root@mx.test", "nobody@mx.test")
        for name in ("hold", "discard", "redirect", "tried", "filter"):
            say(SMTP, f"{name}@x.test", f"{name}@mx.test", "root@mx.test")
        say(SMTP, "data@x.test", "root@mx.test")
        say(SMTP, "end@x.test", "root@mx.test")
        for subject in ("hold", "refuse", "discard", "warn", "spam"):
            say(SMTP, f"s-{subject}@x.test", "root@mx.test", subject=subject)
        for stage in STAGES:
            for answer in ANSWERS:
                if stage == "connect":  # before HELO there is nothing that could ask for it
                    continue
                helo = f"milter-{stage}-{answer}.test"
                say(FILTERED, f"{stage}-{answer}@x.test", "root@mx.test", helo=helo)
        with socket.create_connection(
            ("127.0.0.1", SCREENED), DEADLINE_SECONDS, source_address=("127.0.0.2", 0)
        ) as screened:
            reader = screened.makefile("rb")
            lines = ["EHLO pc.test", "MAIL FROM:<p@x.test>", "RCPT TO:<root@mx.test>", "QUIT"]
            reader.readline()
            while reader.readline().startswith(b"220-"):
                pass
            for line in lines:
                screened.sendall(line.encode() + b"\r\n")
                while reader.readline()[3:4] == b"-":
                    pass

        def lines_of(*words):
            return [row for row in log().splitlines() if all(word in row for word in words)]

        def queue_id(sender):
            listing = subprocess.run(
                ["postqueue", "-c", folder, "-j"], capture_output=True, text=True, check=True
            )
            rows = map(json.loads, listing.stdout.splitlines())
            return next((row["queue_id"] for row in rows if row["sender"] == sender), "")

        for flags, sender in (("-d", "hold@x.test"), ("-H", "s-hold@x.test")):
            held = until(lambda sender=sender: queue_id(sender))
            subprocess.run(["postsuper", "-c", folder, flags, held], check=True)
        say(SMTP, "later@x.test", "root@mx.test", subject="hold")
        later = until(lambda: queue_id("later@x.test"))
        subprocess.run(["postsuper", "-c", folder, "-r", later], check=True)
        until(lambda: lines_of("status=sent", held))
        until(lambda: lines_of("cleanup", "from=<later@x.test>")[1:])
    finally:
        subprocess.run([*postfix, "stop"], capture_output=True, check=False)
    print(log())


main(sys.argv[1])
