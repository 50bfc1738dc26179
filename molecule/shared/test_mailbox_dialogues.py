"""POP3 and IMAP as in the course: the same tests for every mailbox server, in every way to serve.

A state links to this file. It has the accounts tech and prof with PASSWORD, a Postfix that takes
messages of 30 MB for them, and curl, fetchmail, isync and mutt in machine_packages. What is marked
transport depends on who takes the connections, and the rest on server and format alone: a state
whose vars.yml says `dialogues: transport` has only the former, and so has one that says
`dialogues_unless_whole: transport` in `make test`.
"""

import base64
import concurrent.futures
import contextlib
import hashlib
import imaplib
import itertools
import os
import poplib
import re
import socket

import pytest

from tests.support.waiting import until

PASSWORD = "premier-essai"
ACCOUNTS = ("tech", "prof")
SUBJECTS = ("un", "deux", "trois")


def folders(server):
    """The names of all mail folders but INBOX, as the server writes them."""
    lines = [line for line in server.list()[1] if line]
    names = [re.fullmatch(rb'\(.*?\) (?:"(?:\\.|[^"])*"|NIL) (.*)', line)[1] for line in lines]
    return [name for name in (name.decode().strip('"') for name in names) if name != "INBOX"]


def number_of(server, subject):
    """The number of the message with this subject; those of one second come in any order."""
    (number,) = server.search(None, "SUBJECT", subject)[1][0].decode().split()
    return number


def subjects_in(text):
    """The subjects of the messages of an mbox, in alphabetical order."""
    return sorted(re.findall("^Subject: (.*)", text, re.MULTILINE))


def empty(server):
    """Delete all messages of the folder that is selected, and expunge them."""
    if server.search(None, "ALL")[1] != [b""]:
        server.store("1:*", "+FLAGS.SILENT", r"(\Deleted)")
        server.expunge()


@pytest.fixture(autouse=True)
def nothing_but_an_empty_inbox(imap):
    """Begin with no mail."""
    for account in ACCOUNTS:
        server = imap(account, PASSWORD)
        for name in sorted(folders(server), reverse=True):
            server.delete(f'"{name}"')
        server.select()
        empty(server)
        server.logout()


@pytest.fixture
def inbox(imap):
    """Log in by IMAP with INBOX selected."""

    def inbox(user="tech", readonly=False):
        server = imap(user, PASSWORD)
        # imaplib sends a message in pieces, each of which would wait for the one before.
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code, answer = server.select(readonly=readonly)
        assert code == "OK", answer
        return server

    return inbox


@pytest.fixture
def deliver(send, inbox):
    """Have Postfix deliver a message, and wait until it is in the mailbox."""

    def deliver(text, recipient="tech"):
        word = os.urandom(8).hex()
        send("prof", recipient, f"X-Word: {word}\n{text}")

        def look():
            # procmail writes a byte first, and the rest a second later: no mailbox meanwhile.
            with contextlib.suppress(AssertionError):
                server = inbox(recipient, readonly=True)
                found = server.search(None, "HEADER", "X-Word", word)[1][0].split()
                server.logout()
                return found

        return int(until(look)[0])

    return deliver


class Telnet:
    """A dialogue in lines, as the course has it by telnet."""

    def __init__(self, connection):
        self.file = connection.makefile("rwb")

    def line(self):
        return self.file.readline().decode().rstrip("\r\n")

    def say(self, text):
        self.file.write(text.encode() + b"\r\n")
        self.file.flush()

    def pop3(self, text):
        """Send a command and return the first line of the answer."""
        self.say(text)
        return self.line()

    def imap(self, text):
        """Send a command and return the answer, the tagged line last."""
        self.say(text)
        lines = [self.line()]
        while not lines[-1].startswith(text.split()[0] + " "):
            assert lines[-1] or len(lines) < 1000, lines
            lines.append(self.line())
        return lines

    def until_the_dot(self):
        lines = iter(self.line, ".")
        return list(lines)


@pytest.mark.transport
def test_a_pop3_dialogue(connect, deliver):
    deliver("Subject: un\n\nbonjour\n.. deux points\nFrom here\n")
    server = Telnet(connect(110))
    assert server.line().startswith("+OK")
    assert server.pop3("USER tech").startswith("+OK")
    assert server.pop3(f"PASS {PASSWORD}").startswith("+OK")
    assert server.pop3("STAT").startswith("+OK 1 ")
    assert server.pop3("LIST").startswith("+OK")
    (listed,) = server.until_the_dot()
    assert re.fullmatch(r"1 \d+", listed)
    assert server.pop3("RETR 1").startswith("+OK")
    lines = server.until_the_dot()
    assert "Subject: un" in lines
    assert lines[lines.index("") + 1 :][:2] == ["bonjour", "... deux points"]
    assert lines[-1] in ("From here", ">From here")
    assert server.pop3("DELE 1").startswith("+OK")
    assert server.pop3("RETR 1").startswith("-ERR")
    assert server.pop3("QUIT").startswith("+OK")

    def status():
        server = Telnet(connect(110))
        server.line()
        server.pop3("USER tech")
        server.pop3(f"PASS {PASSWORD}")
        answer = server.pop3("STAT")
        server.pop3("QUIT")
        return answer

    until(status, lambda answer: answer.startswith("+OK 0 0"))


def test_what_is_deleted_by_pop3_stays_without_a_quit(deliver, pop3):
    deliver("Subject: un\n\n")
    server = pop3("tech", PASSWORD)
    server.dele(1)
    server.rset()
    server.quit()
    server = pop3("tech", PASSWORD)
    assert server.stat()[0] == 1
    server.quit()


@pytest.mark.transport
def test_an_imap_dialogue(connect, deliver):
    deliver("Subject: un\n\nbonjour\n")
    server = Telnet(connect(143))
    assert server.line().startswith("* OK")
    assert server.imap(f"a1 LOGIN tech {PASSWORD}")[-1].startswith("a1 OK")
    selected = server.imap("a2 SELECT INBOX")
    assert "* 1 EXISTS" in selected
    assert selected[-1].startswith("a2 OK [READ-WRITE]")
    assert "bonjour" in server.imap("a3 FETCH 1 BODY[TEXT]")
    assert any("Subject: un" in line for line in server.imap("a4 FETCH 1 BODY[HEADER]"))
    assert server.imap("a5 SEARCH SUBJECT un")[0].strip() == "* SEARCH 1"
    assert server.imap("a6 SEARCH SUBJECT deux")[0].strip() == "* SEARCH"
    assert r"\Flagged" in server.imap(r"a7 STORE 1 +FLAGS (\Flagged \Deleted)")[0]
    assert "* 1 EXPUNGE" in server.imap("a8 EXPUNGE")
    assert server.imap("a9 STATUS INBOX (MESSAGES)")[-1].startswith("a9 OK")
    assert server.imap("b1 LOGOUT")[-1].startswith("b1 OK")


def test_flags_are_kept_and_searched_for(deliver, inbox):
    for subject in SUBJECTS:
        deliver(f"Subject: {subject}\n\ncorps {subject}\n")
    server = inbox()
    un, deux, trois = (number_of(server, subject) for subject in SUBJECTS)
    server.store(deux, "+FLAGS", r"(\Answered \Flagged)")
    server.store(trois, "+FLAGS", r"(\Seen)")
    server.logout()
    server = inbox()
    for criterion, found in {
        "ANSWERED": {deux},
        "FLAGGED": {deux},
        "UNANSWERED": {un, trois},
        "SEEN": {trois},
        "BODY trois": {trois},
        'OR SUBJECT "un" SUBJECT "deux"': {un, deux},
        "LARGER 100000": set(),
    }.items():
        assert set(server.search(None, criterion)[1][0].decode().split()) == found, criterion
    server.store(deux, "-FLAGS", r"(\Flagged)")
    assert server.search(None, "FLAGGED")[1] == [b""]
    server.logout()


@pytest.mark.transport
def test_a_wrong_password_is_refused(pop3, imap):
    wrong = [("tech", "faux"), ("tech", PASSWORD + "x"), ("tech", PASSWORD[:-1])]
    attempts = itertools.product((pop3, imap), [*wrong, ("personne", PASSWORD)])

    def refused(attempt):
        login, (user, password) = attempt
        with pytest.raises((poplib.error_proto, imaplib.IMAP4.error)):
            login(user, password)

    # Servers take their time to refuse, so all are asked at once.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(refused, attempts))


@pytest.mark.transport
def test_the_right_password_is_taken_after_a_wrong_one(imap):
    with pytest.raises(imaplib.IMAP4.error):
        imap("tech", "faux")
    assert imap("tech", PASSWORD).logout()[0] == "BYE"


def test_two_sessions_at_once(deliver, inbox):
    deliver("Subject: un\n\n")
    deliver("Subject: deux\n\n")
    # uw-imap ends a session when another one of the account selects the same mbox to write to it.
    reader, writer = inbox(readonly=True), inbox()
    head = reader.fetch(number_of(reader, "un"), "(BODY[HEADER])")[1][0][1]
    assert b"Subject: un" in head
    writer.store(number_of(writer, "deux"), "+FLAGS", r"(\Flagged)")
    writer.store(number_of(writer, "un"), "+FLAGS", r"(\Deleted)")
    assert writer.expunge()[0] == "OK"
    writer.logout()
    assert reader.noop()[0] == "OK"
    assert reader.select()[1] == [b"1"]
    assert reader.search(None, "FLAGGED", "SUBJECT", "deux")[1] == [b"1"]
    reader.logout()


@pytest.mark.transport
def test_two_accounts_at_once_have_their_own_mail(deliver, inbox):
    deliver("Subject: un\n\n", "tech")
    deliver("Subject: deux\n\n", "prof")
    servers = [inbox(account) for account in ACCOUNTS]
    for server, subject in zip(servers, ("un", "deux")):
        assert server.search(None, "SUBJECT", subject)[1] == [b"1"]
        assert server.search(None, "ALL")[1] == [b"1"]
        server.logout()


def test_an_imap_session_sees_what_postfix_delivers_meanwhile(deliver, inbox):
    server = inbox()
    assert server.search(None, "ALL")[1] == [b""]
    deliver("Subject: un\n\nbonjour\n")
    until(lambda: server.noop() and server.search(None, "SUBJECT", "un")[1] == [b"1"])
    assert server.fetch("1", "(BODY[TEXT])")[1][0][1].strip() == b"bonjour"
    server.logout()


def test_what_postfix_delivers_during_a_pop3_session_is_not_lost(
    send, word, deliver, pop3, inbox, mail_log
):
    deliver("Subject: un\n\n")
    server = pop3("tech", PASSWORD)
    server.dele(1)
    mail_log(send("prof", "tech", f"Subject: {word}\n\n"), "status=sent")
    server.quit()
    server = inbox()
    until(lambda: server.noop() and server.search(None, "SUBJECT", word)[1] == [b"1"])
    server.logout()


A_THOUSAND = """
import os

TEXT = "From: prof@etab.fr\\nMessage-ID: <{0}@etab.fr>\\nSubject: {0}\\n\\nbonjour\\n"
if os.path.isdir("/home/tech/Maildir"):
    for number in range(1000):
        with open(f"/home/tech/Maildir/new/{1700000000 + number}.{number}.lab", "w") as file:
            file.write(TEXT.format(number))
else:
    with open("/var/mail/tech", "w") as file:
        for number in range(1000):
            file.write("From prof Wed Nov 25 09:00:00 2026\\n" + TEXT.format(number) + "\\n")
"""
"""Writes the mailbox of tech as deliveries would; a thousand of them take minutes."""


def test_a_thousand_messages(host, pop3, inbox):
    host.check_output(f"su tech -c python3 <<'END'\n{A_THOUSAND}END")
    wanted = [f"<{number}@etab.fr>" for number in range(1000)]
    server = inbox()
    assert server.select()[1] == [b"1000"]
    heads = server.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
    found = [part[1].split()[-1].decode() for part in heads if isinstance(part, tuple)]
    assert sorted(found) == sorted(wanted)
    assert server.search(None, "SUBJECT", "777")[1] == [b"778"]
    server.logout()
    server = pop3("tech", PASSWORD)
    assert server.stat()[0] == 1000
    assert len({line.split()[1] for line in server.uidl()[1]}) == 1000
    for number in range(2, 1001, 2):
        server.dele(number)
    server.quit()

    def left():
        server = pop3("tech", PASSWORD)
        count = server.stat()[0]
        server.quit()
        return count

    # Courier says goodbye first and deletes then.
    until(left, lambda count: count == 500)


def test_a_message_of_20_megabytes(deliver, pop3, inbox):
    body = base64.encodebytes(os.urandom(15_000_000))
    assert len(body) > 20_000_000
    deliver(f"Subject: grand\n\n{body.decode()}")
    wanted = hashlib.sha256(body.rstrip()).hexdigest()
    server = pop3("tech", PASSWORD)
    lines = server.retr(1)[1]
    server.quit()
    received = b"\n".join(lines[lines.index(b"") + 1 :]).rstrip()
    assert hashlib.sha256(received).hexdigest() == wanted
    server = inbox()
    received = server.fetch("1", "(BODY[TEXT])")[1][0][1].replace(b"\r\n", b"\n").rstrip()
    assert hashlib.sha256(received).hexdigest() == wanted
    server.logout()


def in_imap(name):
    """A folder's name in modified UTF-7 (RFC 3501, 5.1.3)."""

    def encode(match):
        digits = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=")
        return f"&{digits.replace('/', ',')}-"

    return re.sub(r"[^\x20-\x7e]+", encode, name.replace("&", "&-"))


def prefix(server):
    """What the names of one's own folders begin with, and what parts their levels (RFC 2342)."""
    personal = server.namespace()[1][0].decode()
    return re.match(r'\(\("(.*?)" "(.)"\)', personal).groups()


@pytest.mark.parametrize("name", ["Envoyés", "Été", "Школа", "日本語", "A & B", "deux mots"])
def test_folders_of_any_name(inbox, name):
    server = inbox()
    folder = f'"{prefix(server)[0]}{in_imap(name)}"'
    assert server.create(folder)[0] == "OK"
    assert folder.strip('"') in folders(server)
    assert server.append(folder, None, None, b"Subject: rang\xc3\xa9\r\n\r\nbonjour\r\n")[0] == "OK"
    assert server.select(folder)[1] == [b"1"]
    assert server.fetch("1", "(BODY[TEXT])")[1][0][1].strip() == b"bonjour"
    server.select()
    server.logout()
    server = inbox()
    renamed = f'"{prefix(server)[0]}{in_imap(name)}2"'
    assert server.rename(folder, renamed)[0] == "OK"
    assert server.select(renamed)[1] == [b"1"]
    server.select()
    assert server.delete(renamed)[0] == "OK"
    assert folders(server) == []
    server.logout()


def test_messages_go_from_folder_to_folder(deliver, inbox):
    deliver("Subject: un\n\n")
    server = inbox()
    start, level = prefix(server)
    folder = f'"{start}{in_imap("Année")}{level}{in_imap("Été")}"'
    assert server.create(folder)[0] == "OK"
    assert server.copy("1", folder)[0] == "OK"
    empty(server)
    assert server.select(folder)[1] == [b"1"]
    assert server.search(None, "SUBJECT", "un")[1] == [b"1"]
    server.logout()


@pytest.mark.transport
@pytest.mark.parametrize("port", [110, 143])
def test_fifty_connections_are_greeted_at_once(connect, port):
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        connections = list(pool.map(connect, [port] * 50))
        greetings = list(pool.map(lambda connection: Telnet(connection).line(), connections))
    assert {greeting[:3] for greeting in greetings} <= {"+OK", "* O"}


@pytest.mark.transport
def test_fifty_sessions_at_once(deliver, inbox):
    for account in ACCOUNTS:
        deliver(f"Subject: {account}\n\n", account)
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        servers = list(pool.map(lambda account: inbox(account, readonly=True), ACCOUNTS * 25))
        found = list(pool.map(lambda server: server.search(None, "ALL")[1], servers))
        assert found == [[b"1"]] * 50
        list(pool.map(lambda server: server.logout(), servers))


@pytest.mark.transport
@pytest.mark.parametrize("url", ["imap://{}/INBOX;MAILINDEX=1", "pop3://{}/1"])
def test_curl_fetches(host, deliver, url):
    deliver("Subject: un\n\nbonjour\n")
    place = url.format("127.0.0.1")
    text = host.check_output(f"curl -sS --max-time 30 -u 'tech:{PASSWORD}' '{place}'")
    assert "Subject: un" in text
    assert "bonjour" in text
    assert host.run(f"curl -sS --max-time 30 -u 'tech:faux' '{place}'").rc == 67


@pytest.mark.parametrize("protocol", ["POP3", "IMAP"])
def test_fetchmail_takes_all_away(host, deliver, inbox, word, protocol):
    for subject in SUBJECTS:
        deliver(f"Subject: {subject}\n\nbonjour\n")
    rc, mailbox = f"/root/{word}.rc", f"/root/{word}.mbox"
    account = f'user "tech" password "{PASSWORD}"'
    rules = (
        f'poll 127.0.0.1 protocol {protocol} {account} sslproto "" fetchall mda "cat >> {mailbox}"'
    )
    host.check_output(f"umask 077; printf '%s\\n' '{rules}' > {rc}")
    host.check_output(f"timeout 60 fetchmail --nosyslog -f {rc} --pidfile {rc}.pid")
    text = host.file(mailbox).content_string
    assert subjects_in(text) == sorted(SUBJECTS)
    host.check_output(f"rm {rc} {mailbox}")
    server = inbox()
    assert server.search(None, "ALL")[1] == [b""]
    server.logout()


MBSYNC = """
IMAPAccount there
Host 127.0.0.1
User tech
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account there

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
SyncState *
"""


def test_mbsync_has_the_same_on_both_sides(host, deliver, inbox, word):
    deliver("Subject: un\n\nbonjour\n")
    server = inbox()
    start, _level = prefix(server)
    name = in_imap("Été")
    folder = f'"{start}{name}"'
    server.create(folder)
    server.append(folder, None, None, b"Subject: deux\r\n\r\nbonjour\r\n")
    server.logout()
    near = f"/root/{word}"
    rules = MBSYNC.format(password=PASSWORD, folder=near)
    host.check_output(f"mkdir {near}; umask 077; cat > {near}.rc <<'END'\n{rules}END")
    sync = f"timeout 60 mbsync -q -c {near}.rc all"
    host.check_output(sync)
    assert host.check_output(f"grep -rhx 'Subject: un' {near}/INBOX") == "Subject: un"
    # isync 1.5 and later write names of folders as they are read.
    (place,) = host.check_output(f"grep -rlx 'Subject: deux' {near}").splitlines()
    assert place.split("/")[3] in (name, "Été")
    host.check_output(f"cd {near}/INBOX; for f in */*,U=*; do mv $f cur/${{f#*/}}:2,FS; done")
    host.check_output(sync)
    server = inbox()
    assert server.search(None, "FLAGGED SEEN SUBJECT un")[1] == [b"1"]
    server.logout()
    host.check_output(f"rm -r {near} {near}.rc")


MUTT = """
set imap_user=tech imap_pass={password} pop_user=tech pop_pass={password}
set imap_authenticators=login pop_authenticators=user
set ssl_starttls=no ssl_force_tls=no
set folder=/root quit=yes delete=yes move=no confirmappend=no confirmcreate=no
push "<tag-pattern>~A<enter><tag-prefix><save-message>{mailbox}<enter><quit>"
"""


@pytest.mark.parametrize("url", ["imap://127.0.0.1/INBOX", "pop://127.0.0.1/"])
def test_mutt_moves_all_into_a_mailbox_of_its_own(host, deliver, inbox, word, url):
    for subject in SUBJECTS:
        deliver(f"Subject: {subject}\n\nbonjour\n")
    rc, mailbox = f"/root/{word}.rc", f"/root/{word}.mbox"
    rules = MUTT.format(password=PASSWORD, mailbox=mailbox)
    host.check_output(f"umask 077; cat > {rc} <<'END'\n{rules}END")
    # It wants a terminal, though what is typed there is pushed.
    mutt = f"stty rows 24 columns 80; TERM=xterm timeout 60 mutt -n -F {rc} -f {url}"
    host.check_output(f"script -qec '{mutt}' /dev/null </dev/null")
    assert subjects_in(host.file(mailbox).content_string) == sorted(SUBJECTS)
    host.check_output(f"rm {rc} {mailbox}")
    server = inbox()
    assert server.search(None, "ALL")[1] == [b""]
    server.logout()
