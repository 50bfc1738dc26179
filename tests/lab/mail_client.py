"""A mail client that knows an address and a password alone; it is run on a machine of the lab.

servers ADDRESS                 print as JSON what the autoconfiguration file says
send ADDRESS RECIPIENT WORD     send a message whose subject is the word
read ADDRESS PASSWORD WORD      wait until the message can be read by IMAP and by POP3
"""

import imaplib
import json
import poplib
import smtplib
import sys
import time
import urllib.parse
import urllib.request
from xml.etree import ElementTree

DEADLINE_SECONDS = 30


def servers(address):
    """Return what the file of the address's domain says, by the type of each server."""
    query = urllib.parse.urlencode({"emailaddress": address})
    domain = address.partition("@")[2]
    url = f"http://autoconfig.{domain}/mail/config-v1.1.xml?{query}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=DEADLINE_SECONDS) as reply:
        provider = ElementTree.parse(reply).find("emailProvider")
    assert [element.text for element in provider.findall("domain")] == [domain]
    return {
        element.get("type"): {child.tag: child.text for child in element}
        for element in provider
        if element.tag.endswith("Server")
    }


def place(server):
    return server["hostname"], int(server["port"]), DEADLINE_SECONDS


def send(address, recipient, word):
    host, port, timeout = place(servers(address)["smtp"])
    with smtplib.SMTP(host, port, timeout=timeout) as server:
        head = f"From: {address}\r\nTo: {recipient}\r\nSubject: {word}\r\n"
        server.sendmail(address, recipient, f"{head}\r\nSalut\r\n")


def subjects(kind, server, user, password):
    """Return what the headers of every message say, in one text."""
    host, port, timeout = place(server)
    if kind == "imap":
        box = imaplib.IMAP4(host, port, timeout)
        box.login(user, password)
        box.select()
        texts = box.fetch("1:*", "(BODY.PEEK[HEADER])")[1]
        box.logout()
        return repr(texts)
    box = poplib.POP3(host, port, timeout)
    box.user(user)
    box.pass_(password)
    texts = [box.top(number, 0)[1] for number in range(1, box.stat()[0] + 1)]
    box.quit()
    return repr(texts)


def read(address, password, word):
    deadline = time.monotonic() + DEADLINE_SECONDS
    for kind, server in servers(address).items():
        if kind in ("imap", "pop3"):
            user = server["username"].replace("%EMAILLOCALPART%", address.partition("@")[0])
            while word not in subjects(kind, server, user, password):
                assert time.monotonic() < deadline, f"{word} cannot be read by {kind}"
                time.sleep(0.1)


def main(verb, *words):
    done = {"servers": servers, "send": send, "read": read}[verb](*words)
    print(json.dumps(done or "done"))


if __name__ == "__main__":
    main(*sys.argv[1:])
