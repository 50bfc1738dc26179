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


class Instance:
    """A Postfix of its own in a folder, while the context lasts."""

    def __init__(self, folder):
        self.folder = folder
        self.places = {name: os.path.join(folder, name) for name in ("queue", "data", "log")}

    def __enter__(self):
        self._lay_out()
        self._postfix("start")
        return self

    def __exit__(self, *_error):
        self._postfix("stop")

    def _postfix(self, verb):
        subprocess.run(["postfix", "-c", self.folder, verb], capture_output=True, check=False)

    def _lay_out(self):
        os.makedirs(self.places["queue"])
        os.makedirs(self.places["data"])
        subprocess.run(["chown", "postfix", self.places["data"]], check=True)
        files = {
            "main.cf": MAIN.format(folder=self.folder, **self.places),
            "master.cf": MASTER,
            "recipients": RECIPIENTS,
            "headers": HEADERS,
            "bodies": "/^spam/ REJECT no spam\n",
            "screened": "127.0.0.2 reject\n",
        }
        for name, text in files.items():
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text)

    def log(self):
        """Return all that is in the log."""
        try:
            with open(self.places["log"]) as file:
                return file.read()
        except OSError:
            return ""

    def lines_of(self, *words):
        """Return the lines of the log that have all of these words."""
        return [row for row in self.log().splitlines() if all(word in row for word in words)]

    def queue_id(self, sender):
        """Return the queue id of a sender's message, nothing where none waits."""
        listing = subprocess.run(
            ["postqueue", "-c", self.folder, "-j"], capture_output=True, text=True, check=True
        )
        rows = map(json.loads, listing.stdout.splitlines())
        return next((row["queue_id"] for row in rows if row["sender"] == sender), "")

    def postsuper(self, option, sender):
        """Do something to a sender's message once it waits; return its queue id."""
        queue_id = until(lambda: self.queue_id(sender))
        subprocess.run(["postsuper", "-c", self.folder, option, queue_id], check=True)
        return queue_id


def answers():
    """Tell whether smtpd takes connections."""
    try:
        return socket.create_connection(("127.0.0.1", SMTP), 1).close() or True
    except OSError:
        return False


def say_everything():
    """Have smtpd, cleanup and the milter do all that they do to messages."""
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


def be_screened():
    """Speak to postscreen from the address that it refuses."""
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


def work_on_the_queue(postfix):
    """Delete, release and requeue what waits, and wait until what was released is delivered."""
    postfix.postsuper("-d", "hold@x.test")
    released = postfix.postsuper("-H", "s-hold@x.test")
    say(SMTP, "later@x.test", "root@mx.test", subject="hold")
    postfix.postsuper("-r", "later@x.test")
    until(lambda: postfix.lines_of("status=sent", released))
    until(lambda: postfix.lines_of("cleanup", "from=<later@x.test>")[1:])


def main(folder):
    threading.Thread(target=serve_milter, daemon=True).start()
    with Instance(folder) as postfix:
        until(answers)
        say_everything()
        be_screened()
        work_on_the_queue(postfix)
    print(postfix.log())


main(sys.argv[1])
