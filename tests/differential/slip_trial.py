"""Runs in a machine: has the real Postfix work by a folder's configuration, and our lint read it.

    unshare -n -m python3 slip_trial.py FOLDER

``trial.json`` in the folder has the tables that need an index, and the mail to bring to Postfix.
Prints JSON: what Postfix complains of, and what lint finds, with the folder named /etc/postfix.
"""

import base64
import contextlib
import json
import os
import pwd
import re
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.modules import postfix_lint_info

SBIN = "/usr/lib/postfix/sbin/"
OWN = """
queue_directory = {0}/queue
data_directory = {0}/data
alternate_config_directories = {0}
"""
QUEUE = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop"),
    *("pid", "private", "public", "saved", "trace"),
)
AN_HOUR = 3600
ANSWER_SECONDS = 4
"""How long a server may take: a program of Postfix that dies sleeps for 1 s first."""
DELIVERY_SECONDS = 3


class Log(threading.Thread):
    """What programs say to syslog: /dev/log of this mount namespace is ours."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.said = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"{folder}/devlog")
        os.chmod(f"{folder}/devlog", 0o666)
        subprocess.run(["mount", "--bind", f"{folder}/devlog", "/dev/log"], check=True)

    def run(self):
        while True:
            self.said.append(self.socket.recv(65536).decode("utf-8", "replace"))

    def wait(self, wanted, seconds):
        """Wait until each of these patterns is in the log, or Postfix gives a program up."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            text = "\n".join(self.said)
            if all(re.search(pattern, text) for pattern in wanted) or "throttling" in text:
                return
            time.sleep(0.02)


class Dovecot(threading.Thread):
    """An authentication server as dovecot's, which believes everybody."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        os.chmod(path, 0o666)
        self.socket.listen()

    def run(self):
        while True:
            threading.Thread(target=self.serve, args=[self.socket.accept()[0]], daemon=True).start()

    @staticmethod
    def serve(connection):
        connection.sendall(b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\n"
                           b"COOKIE\t00\nDONE\n")  # fmt: skip
        for line in connection.makefile("rb"):
            if line.startswith(b"AUTH"):
                connection.sendall(b"OK\t%s\tuser=a\n" % line.split(b"\t")[1])


class Module:
    """What lint needs of an AnsibleModule."""

    def __init__(self, folder):
        self.params = {"config_directory": folder}
        self.tmpdir = "/tmp"

    @staticmethod
    def get_bin_path(name, **_options):
        return f"/usr/sbin/{name}"

    @staticmethod
    def run_command(argv, encoding="utf-8", **_options):
        done = subprocess.run(argv, capture_output=True, check=False)
        texts = (done.stdout, done.stderr)
        return (done.returncode, *(t.decode(encoding, "surrogateescape") if encoding else t
                                   for t in texts))  # fmt: skip


def prepare(folder, trial):
    """Give the files the folder's path, make what Postfix needs, and return what it says."""
    for path in Path(folder).iterdir():
        text = path.read_bytes().replace(b"/etc/postfix/", folder.encode() + b"/")
        if path.name == "main.cf":
            text += OWN.format(folder).encode()
        path.write_bytes(text)
    for name in ("data", *(f"queue/{name}" for name in QUEUE)):
        os.makedirs(f"{folder}/{name}")
        os.chown(f"{folder}/{name}", pwd.getpwnam("postfix").pw_uid, 0)
    if os.path.exists("/opt/mx.pem"):
        os.symlink("/opt/mx.pem", f"{folder}/mx.pem")
        os.symlink("/opt/mx.key", f"{folder}/mx.key")
    said = []
    for program in ("postmap", "postalias"):
        tables = [f"hash:{folder}/{name}" for name in trial[program]]
        said += complaints([program, *tables]) if tables else []
    an_hour_ago = (time.time() - AN_HOUR,) * 2
    for path in Path(folder).iterdir():
        os.utime(path, an_hour_ago, follow_symlinks=False)
    return said


def complaints(argv):
    done = subprocess.run(argv, capture_output=True, check=False)
    return done.stderr.decode("utf-8", "replace").splitlines()


def talk(message, log):
    """Bring one message to Postfix; return the patterns that tell of its delivery."""
    client = smtplib.SMTP("127.0.0.1", message["port"], "localhost", ANSWER_SECONDS)
    client.ehlo()
    if message.get("tls"):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        client.starttls(context=context)
        client.ehlo()
    if message.get("user"):
        client.docmd("AUTH", "PLAIN " + base64.b64encode(b"\0a\0a").decode())
    client.mail(message["from"])
    for recipient in message["to"]:
        client.rcpt(recipient)
    _code, reply = client.data(message.get("text", "Subject: x\r\n\r\nx\r\n"))
    client.quit()
    queued = re.search(rb"queued as (\w+)", reply)
    return [f"{queued[1].decode()}: .*status="] if queued else []


def work(folder, trial, log):
    """Have Postfix start, take mail and deliver it."""
    Dovecot(f"{folder}/queue/private/auth").start()
    # A master ends its whole session, and what it leaves behind must not hold our output.
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    sink = subprocess.Popen(["smtp-sink", "-u", "nobody", "127.0.0.1:2600", "10"], **quiet)
    master = subprocess.Popen([f"{SBIN}master", "-d", "-c", folder], **quiet)
    try:
        log.wait([r"daemon started|fatal: "], ANSWER_SECONDS)
        wanted = []
        for message in trial["mail"]:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                wanted += talk(message, log)
        log.wait(wanted, DELIVERY_SECONDS)
    finally:
        for process in (master, sink):
            process.terminate()
            process.wait()


def findings(folder):
    """Return the path, line, severity, message and advice of each thing that lint finds."""
    os.mkdir(f"{folder}/own")
    try:
        found = postfix_lint_info.look(Module(folder), f"{folder}/own")
    except ConfigError as error:
        return [[error.path, error.line, "failed", error.message, ""]]
    return [[f.path, f.line, f.severity, f.message, f.instead] for f in found]


def main(folder, *only):
    with open(f"{folder}/trial.json") as file:
        trial = json.load(file)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    said = prepare(folder, trial)
    if "lint" not in only:
        for options in (["postconf", "-n"], ["postconf", "-M"]):
            said += complaints([options[0], "-c", folder, *options[1:]])
        log = Log(folder)
        log.start()
        work(folder, trial, log)
        said += log.said
    found = findings(folder)
    text = json.dumps([[s for s in said if re.search("warning|error|fatal|panic", s)], found])
    print(text.replace(folder, "/etc/postfix"))


main(*sys.argv[1:])
