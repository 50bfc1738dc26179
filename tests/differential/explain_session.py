"""Runs in a machine: sends messages through a real Postfix, and asks what would become of them.

The job is JSON: configurations, each with its files and messages. Each configuration has a Postfix
of its own, on ports of the loopback; what lies outside is a sink of the port, or a domain that no
DNS knows, so that the log still tells where a message was to go. The answer is, for each message,
what was seen and what was explained, each as a list of (recipient, what, where).
"""

import concurrent.futures
import json
import os
import pwd
import re
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import (
    Configuration,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.follow import (
    Follower,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.private_postfix import (
    QUEUES,
    PrivatePostfix,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    Question,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.smtp_session import (
    Client,
)

DEADLINE_SECONDS = 30
AN_HOUR_AGO = time.time() - 3600
TO = re.compile(
    r": (\w+): to=<(.*?)>(?:, orig_to=<(.*?)>)?, relay=(.*?),.*? status=([\w-]+) \((.*)\)$"
)
MESSAGE_ID = re.compile(r"cleanup\[\d+\]: (\w+): message-id=<(.*?)>")
DONE = re.compile(r"(?:cleanup|smtpd)\[\d+\]: (\w+): (discard|hold): ")
BROKEN = "broken"
SAME = {"held": "hold", "discarded": "discard", "looping": "bounced"}
"""Verdicts by what the log says; of a loop it says in the end that there are too many hops."""

RUN = re.compile(r'Command died with status \d+: "|temporary failure$|temporary failure\. Command')
WHOLE = ""
"""In the place of a recipient where the log names none."""


class Sink(socketserver.StreamRequestHandler):
    """A mail server that takes everything."""

    def handle(self):
        self.wfile.write(b"220 sink\r\n")
        data = False
        for line in self.rfile:
            if data:
                data = line != b".\r\n"
                if not data:
                    self.wfile.write(b"250 taken\r\n")
            elif line[:4].upper() == b"DATA":
                data = True
                self.wfile.write(b"354 go on\r\n")
            elif line[:4].upper() == b"QUIT":
                return
            else:
                self.wfile.write(b"250 sink\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def lay_out(folder, case):
    os.makedirs(folder)
    os.chmod(folder, 0o755)
    owner = pwd.getpwnam("postfix")
    queue = os.path.join(folder, "queue")
    for name in ("", *QUEUES, "pid", "private", "public", "data", "virtual"):
        os.makedirs(os.path.join(queue, name), exist_ok=True)
        if name:
            os.chown(os.path.join(queue, name), owner.pw_uid, owner.pw_gid)
    os.chown(os.path.join(queue, "pid"), 0, 0)
    os.chown(os.path.join(queue, "virtual"), 65534, 65534)
    for name, text in case["files"].items():
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.write(text.replace("{folder}", folder))
    for kind, name in case["indexed"]:
        program = "postalias" if kind == "aliases" else "postmap"
        subprocess.run([program, "-c", folder, f"hash:{folder}/{name}"], check=True)
    for name in os.listdir(folder):
        if name != "queue":
            os.utime(os.path.join(folder, name), (AN_HOUR_AGO, AN_HOUR_AGO))
            if case.get("secret") and not name.endswith(".cf"):
                os.chmod(os.path.join(folder, name), 0o600)


def say(port, message):
    """Hand a message in; return what was replied to whom, BROKEN where smtpd died instead."""
    try:
        return converse(port, message)
    except OSError:
        return dict.fromkeys(message["recipients"], BROKEN)


class Dialogue:
    """An SMTP session with a port, from an address of the loopback."""

    def __init__(self, port, client):
        self.socket = socket.create_connection(("127.0.0.1", port), 4, (client, 0))
        self.stream = self.socket.makefile("rb")

    def reply(self, command=None):
        """Send a command, if there is one, and return the last line of the reply."""
        if command is not None:
            self.socket.sendall(command.encode() + b"\r\n")
        while True:
            line = self.stream.readline().decode().rstrip()
            if not line:
                raise ConnectionError
            if line[3:4] != "-":
                return line

    def greet(self, helo):
        """Say EHLO, and HELO where that is refused; return the last reply."""
        said = self.reply()
        if said[:1] == "2":
            said = self.reply(f"EHLO {helo}")
            if said[:1] != "2":
                said = self.reply(f"HELO {helo}")
        return said

    def send(self, content):
        """Send a message's content; return the last reply."""
        said = self.reply("DATA")
        if said[:1] == "3":
            self.socket.sendall(content.replace("\n", "\r\n").encode())
            said = self.reply(".")
        return said


def converse(port, message):
    everybody = message["recipients"]
    dialogue = Dialogue(port, message["client"])
    with dialogue.socket:
        said = dialogue.greet(message["helo"])
        if said[:1] == "2":
            said = dialogue.reply(f"MAIL FROM:<{message['sender']}>")
        if said[:1] != "2":
            return dict.fromkeys(everybody, said)
        replies = {each: dialogue.reply(f"RCPT TO:<{each}>") for each in everybody}
        refused = {each: said for each, said in replies.items() if said[:1] != "2"}
        if len(refused) == len(replies):
            return refused
        said = dialogue.send(message["content"])
        if said[:1] != "2":
            return dict.fromkeys(everybody, said)
        dialogue.reply("QUIT")
        return refused


def idle(folder, log):
    """Tell whether Postfix has nothing to do, and has said so."""
    queue = os.path.join(folder, "queue")
    if any(os.listdir(os.path.join(queue, name)) for name in ("incoming", "active")):
        return False
    if not os.path.exists(log):
        return False
    with open(log) as file:
        text = file.read()
    ids = set(re.findall(r"cleanup\[\d+\]: (\w+): message-id=", text))
    gone = set(
        re.findall(r": (\w+): (?:removed|to=<.* status=deferred|hold: |discard: |reject: )", text)
    )
    # Of a message that smtpd threw away nothing more is said.
    return ids <= gone or time.time() - os.stat(log).st_mtime > 1


def kept(queue):
    """Return the ids of what is not over: deferred, or with a delivery agent."""
    places = (os.walk(os.path.join(queue, name)) for name in ("active", "deferred"))
    return {name for place in places for _path, _folders, names in place for name in names}


def seen(log):
    """Return what the log tells of each Message-ID: (recipient, what, where)."""
    lines = []
    if os.path.exists(log):
        with open(log) as file:
            lines = file.read().splitlines()
    ids, found = {}, {}
    for line in lines:
        match = MESSAGE_ID.search(line)
        if match:
            ids[match[1]] = match[2]
    held = set(os.listdir(os.path.join(os.path.dirname(log), "queue", "hold")))
    for line in lines:
        done = DONE.search(line)
        # What was to be held may have been thrown away after that.
        if done and (done[2] != "hold" or done[1] in held):
            found.setdefault(ids.get(done[1], done[1]), set()).add((WHOLE, done[2], ""))
    said = set(
        re.findall(r": (\w+): (?:removed|to=<|hold: |reject: (?!RCPT|MAIL))", "\n".join(lines))
    )
    waiting = kept(os.path.join(os.path.dirname(log), "queue"))
    for queue_id, message_id in ids.items():
        if queue_id in waiting - said:
            # Its delivery agent dies, and nobody says what becomes of it.
            found.setdefault(message_id, set()).add((WHOLE, "deferred", ""))
        elif queue_id not in said:
            # smtpd decided before it knew the queue id.
            what = "hold" if queue_id in held else "discard"
            found.setdefault(message_id, set()).add((WHOLE, what, ""))
    notices = set(
        re.findall(r"bounce\[\d+\]: \w+: sender [\w -]*notification: (\w+)", "\n".join(lines))
    )
    for line in lines:
        match = TO.search(line)
        if match and match[1] in ids and match[1] not in notices:
            what = outcome(match)
            if what:
                found.setdefault(ids[match[1]], set()).add(what)
    return found


def unquoted(address):
    """Return an address as Postfix has it inside: only the log quotes it."""
    return re.sub(r"\\(.)", r"\1", address.replace('"', "")) if '"' in address else address


def outcome(match):
    recipient, relay, status, reply = unquoted(match[2]), match[4], match[5], match[6]
    port = re.search(r"\]:(\d+)$", relay)
    if reply.startswith("forwarded as"):
        return None
    if "sent to" in reply or (status == "sent" and port):
        # Back to a smtpd of this Postfix is no end.
        return (recipient, "relay", port[1]) if int(port[1]) >= 4000 else None
    if re.search(r"mail for \[?\d+\.\d+\.\d+\.\d+\]? loops back", reply):
        return (recipient, "bounced", "")
    name = re.search(r"Name service error for name=(\S+)|mail for (\S+) loops back", reply)
    if name:
        return (recipient, "relay", name[1] or name[2])
    if status == "sent" and "delivered to" in reply:
        what = re.search(r"delivered to (mailbox|maildir|command|file)", reply)[1]
        return (recipient, "mailbox" if what == "maildir" else what, "")
    if status in ("bounced", "deferred") and RUN.match(reply) and "execvp" not in reply:
        # What a program makes of a message, only the program knows.
        return (recipient, "command", "")
    if reply == "discarded":
        return (WHOLE, "discard", "")
    if status == "sent" and "delivered via" in reply and re.fullmatch(r"[\w-]+", relay):
        return (recipient, "discard" if relay == "discard" else "command", "")
    if status == "sent" and relay == "none":
        return (WHOLE, "discard", "")
    return (recipient, {"SOFTBOUNCE": "deferred"}.get(status, status), "")


def told(explanation):
    """Return the ends of an explanation in the same words."""
    found = set()
    for end in explanation.ends:
        verdict, where = end.verdict, ""
        if verdict == "refused":
            found.add((end.recipient, "refused", end.where))
            continue
        if verdict == "broken":
            found.add((end.recipient, "refused", BROKEN))
            continue
        if verdict == "relayed":
            port = re.search(r"\]?:(\d+)$", end.where)
            where = port[1] if port else end.where.strip("[]")
            verdict = "relay"
        verdict = SAME.get(verdict, verdict)
        whole = verdict in ("hold", "discard")
        recipient = WHOLE if whole else unquoted(end.recipient)
        found.add((recipient, verdict, where))
    return found


def run(folder, case):
    lay_out(folder, case)
    refused, truth = delivered(folder, case)
    if not os.path.exists(os.path.join(folder, "log")):
        # Beside others a port may be taken for a moment.
        refused, truth = delivered(folder, case)
    if not os.path.exists(os.path.join(folder, "log")):
        # Whether master(8) starts is not what is asked.
        return [{"seen": [], "told": [], "unknown": ["no start"], "seconds": 0}] * len(refused)
    with open(os.path.join(folder, "log")) as file:
        thrown_away = ": discard: " in file.read()
    configuration = Configuration(folder)
    values = {n: configuration.values[n] for n in ("daemon_directory", "mail_owner")}
    with PrivatePostfix(folder, configuration.services, values) as postfix:
        follower = Follower(configuration, postfix)
        return [
            compared(
                became(message, refusals, truth.get(message["id"], set()), thrown_away),
                explained(follower, message, case["port"]),
            )
            for message, refusals in zip(case["messages"], refused)
        ]


def compared(what, answer):
    """Return what became of a message beside the answer: a reply that is in doubt is none."""
    doubtful = {to for to, verdict, where in answer["told"] if ", or what " in where}
    for found in (what, answer["told"]):
        found[:] = [(to, v, "" if to in doubtful else where) for to, v, where in found]
    return {"seen": what, **answer}


def delivered(folder, case):
    """Have a Postfix deliver; return what was replied to each message, and what the log tells."""
    log = os.path.join(folder, "log")
    master = subprocess.Popen(
        ["/usr/lib/postfix/sbin/master", "-c", folder],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", case["port"])).close()
                break
            except OSError:
                time.sleep(0.02)
        refused = []
        for message in case["messages"]:
            # One that died is started again after a minute.
            refused.append(say(case["port"], message))
        while time.monotonic() < deadline and not idle(folder, log):
            time.sleep(0.05)
        return refused, seen(log)
    finally:
        master.send_signal(signal.SIGTERM)
        master.wait()


def became(message, refusals, logged, thrown_away):
    """Return what became of a message, by the replies to it and by the log."""
    if not logged and thrown_away and len(refusals) < len(message["recipients"]):
        # What smtpd discards has neither a queue id nor a Message-ID in the log.
        logged = {(WHOLE, "discard", "")}
    if (WHOLE, "deferred", "") in logged:
        logged = {(to, "deferred", "") for to in message["recipients"] if to not in refusals}
    if len(refusals) == len(message["recipients"]):
        # A check may say what it would do before another one refuses.
        logged = set()
    return sorted(logged | {(to, "refused", reply) for to, reply in refusals.items()})


def explained(follower, message, port):
    """Return what is explained of a message, and how long that took."""
    began = time.monotonic()
    explanation = follower.follow(
        Question(
            message["sender"],
            tuple(message["recipients"]),
            Client(message["client"], "", message["helo"]),
            port,
            message["content"].encode(),
        )
    )
    return {
        "told": sorted(told(explanation)),
        "unknown": [end.where for end in explanation.ends if end.verdict == "unknown"],
        "seconds": time.monotonic() - began,
    }


def main(path):
    with open(path) as file:
        job = json.load(file)
    for account in job["accounts"]:
        subprocess.run(["useradd", "-m", account], capture_output=True, check=False)
    for port in job["sinks"]:
        server = Server(("127.0.0.1", port), Sink)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    base = tempfile.mkdtemp(prefix="explained-")
    os.chmod(base, 0o755)
    with concurrent.futures.ThreadPoolExecutor(job["at_once"]) as pool:
        done = pool.map(
            lambda each: run(os.path.join(base, str(each[0])), each[1]), enumerate(job["cases"])
        )
        json.dump(list(done), sys.stdout)
    subprocess.run(["rm", "-rf", base], check=False)


main(sys.argv[1])
