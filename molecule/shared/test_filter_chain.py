"""Mail through a chain of filters: the same tests for every chain, on a machine of its own.

A scenario links to this file. Its vars.yml names filter_chain; the inventory's group filters has
the rest.
"""

import base64
import collections
import contextlib
import email
import email.policy
import gzip
import io
import smtplib
import tarfile

import pytest
import yaml

from tests.support.mail_queue import until_no_mail_is_under_way
from tests.support.messages import (
    EICAR,
    GTUBE,
    VIRUSES,
    attached,
    handed_back,
    large,
    message,
    zipped,
)
from tests.support.waiting import until

STAGES = {
    "none": [],
    "clamsmtp_front": ["X-Virus-Scanned"],
    "clamsmtp_filter": ["X-Virus-Scanned"],
    "antispam": ["X-Virus-Scanned", "X-Spam-Status"],
}
INNER_PORTS = {
    "none": [],
    "clamsmtp_front": [2525, 3310],
    "clamsmtp_filter": [2525, 2626, 3310],
    "antispam": [783, 2525, 2626, 2727, 3310],
}
DAEMONS = {
    "none": {},
    "clamsmtp_front": {"clamav-daemon": 3310},
    "clamsmtp_filter": {"clamav-daemon": 3310, "clamsmtp": 2525},
    "antispam": {"clamav-daemon": 3310, "clamsmtp": 2525, "spamd": 783},
}
ALL_PORTS = {783, 2525, 2626, 2727, 3310}


@pytest.fixture
def chain(request):
    """The chain that the machine's mail passes."""
    variables = yaml.safe_load((request.path.parent / "vars.yml").read_text())
    return variables["filter_chain"]


@pytest.fixture
def network(smtp):
    """Send a message from outside the machine; returns its queue id. Raises what smtplib raises."""

    def network(made, sender="prof@etab.fr", recipient="tech@etab.fr"):
        with smtp() as server:
            server.ehlo("pv")
            server.mail(sender)
            server.rcpt(recipient)
            code, reply = server.data(bytes(made))
            if code != 250:
                raise smtplib.SMTPDataError(code, reply)
            return reply.decode().split()[-1]

    return network


@pytest.fixture
def local(host):
    """Send a message from the machine itself, as programs do."""

    def local(made, sender="prof@etab.fr", recipient="tech@etab.fr"):
        # Compressed, since a command line takes 128 kB.
        packed = base64.b64encode(gzip.compress(bytes(made))).decode()
        hand_in = "echo %s | base64 -d | gunzip | sendmail -i -f %s %s"
        host.check_output(hand_in, packed, sender, recipient)

    return local


@pytest.fixture(params=["network", "local"])
def hand_in(request):
    """Send a message from outside or from the machine."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def mailbox(host):
    """Wait until no message is under way, and return those in a mailbox."""

    def mailbox(account="tech", seconds=180):
        until_no_mail_is_under_way(host, seconds)
        box = host.run(f"cat /var/mail/{account}").stdout_bytes
        return [
            email.message_from_bytes(each.partition(b"\n")[2], policy=email.policy.default)
            for each in (b"\n" + box).split(b"\nFrom ")[1:]
        ]

    return mailbox


@pytest.fixture
def arrived(mailbox):
    """Wait until no message is under way; return those in a mailbox that bear a word as ID."""

    def arrived(word, account="tech"):
        return [each for each in mailbox(account) if each["Message-ID"] == f"<{word}@pv>"]

    return arrived


def test_a_clean_message_arrives_once_with_the_marks_of_every_stage(chain, hand_in, arrived, word):
    hand_in(message(word, X_Spam_Level="****"))
    (made,) = arrived(word)
    assert made.get_content().strip() == "bonjour"
    assert made["Return-Path"] == "<prof@etab.fr>"
    assert made["X-Original-To"] == "tech@etab.fr"
    assert made["Delivered-To"] == "tech@etab.fr"
    assert made["Subject"] == word
    assert [name for name in ("X-Virus-Scanned", "X-Spam-Status") if made[name]] == STAGES[chain]
    if chain == "antispam":
        assert made["X-Spam-Status"].startswith("No, ")
        assert made["X-Spam-Level"] != "****"


def test_the_client_is_in_the_log_of_every_stage(host, chain, network, arrived, word, mail_log):
    queue_id = network(message(word))
    mail_log("clamsmtpd", "status=CLEAN") if chain != "none" else None
    (made,) = arrived(word)
    client = host.check_output("ip route show default").split()[2]
    lines = host.file("/var/log/mail.log").content_string.splitlines()
    assert any(f"{queue_id}: client=" in line and f"[{client}]" in line for line in lines)
    if chain in ("clamsmtp_filter", "antispam"):
        (sent,) = [line for line in lines if f"{queue_id}: to=" in line]
        second = sent.partition("queued as ")[2].rstrip(")")
        assert f"orig_client=unknown[{client}]" in mail_log(f"{second}: client=")
    if chain == "clamsmtp_front":
        assert f"[{client}])" in made["Received"]


def test_several_recipients_get_one_each(arrived, word, smtp):
    with smtp() as server:
        server.sendmail("prof@etab.fr", ["tech@etab.fr", "prof@etab.fr"], bytes(message(word)))
    assert [len(arrived(word, account)) for account in ("tech", "prof")] == [1, 1]


def test_an_alias_is_followed_once(network, arrived, word):
    network(message(word), recipient="postmaster@etab.fr")
    (made,) = arrived(word)
    assert made["X-Original-To"] == "postmaster@etab.fr"


def test_an_empty_sender_stays_empty(network, arrived, word):
    network(message(word), sender="")
    (made,) = arrived(word)
    assert made["Return-Path"] == "<>"


def test_eight_bits_pass(smtp, arrived, word):
    text = "Où est passé l'été ? €"
    made = message(word, text, subject=f"été {word}")
    made.replace_header("Content-Transfer-Encoding", "8bit")
    raw = made.as_bytes(policy=made.policy.clone(utf8=True, cte_type="8bit"))
    with smtp() as server:
        server.sendmail("prof@etab.fr", ["tech@etab.fr"], raw, mail_options=["BODY=8BITMIME"])
    (made,) = arrived(word)
    assert made.get_content().strip() == text


def test_addresses_in_any_script_pass(smtp, arrived, word):
    with smtp() as server:
        server.ehlo("pv")
        options = ["SMTPUTF8", "BODY=8BITMIME"]
        server.sendmail("zoé@étab.test", ["rené@etab.fr"], bytes(message(word)), options)
    (made,) = arrived(word)
    assert str(made["Return-Path"]) == "<zoé@étab.test>"
    assert str(made["X-Original-To"]) == "rené@etab.fr"


@pytest.mark.parametrize("size", [600_000, 20_000_000])
def test_a_large_message_arrives_once(host, hand_in, arrived, word, size):
    made = large(word, size)
    hand_in(made)
    (found,) = arrived(word)
    # The other tests read this mailbox too.
    host.check_output("truncate -s 0 /var/mail/tech")
    assert found.get_content().strip() == made.get_content().strip()


@pytest.mark.parametrize("kind", VIRUSES)
def test_a_virus_never_arrives(chain, hand_in, arrived, word, mail_log, kind):
    hand_in(VIRUSES[kind](word))
    assert len(arrived(word)) == (chain == "none")
    if chain != "none":
        mail_log("status=VIRUS:Eicar-Test-Signature")


def test_nobody_outside_passes_for_who_hands_back(chain, network, arrived, word):
    network(handed_back(word, EICAR))
    assert len(arrived(word)) == (chain == "none")
    network(handed_back(word + "2", GTUBE))
    (made,) = arrived(word + "2")
    assert (made["X-Spam-Flag"] == "YES") is (chain == "antispam")


def test_what_only_looks_like_a_virus_arrives(hand_in, arrived, word):
    hand_in(attached(word, zipped(EICAR[:-1]), "rapport.zip"))
    assert len(arrived(word)) == 1


def test_spam_arrives_marked(chain, hand_in, arrived, word):
    hand_in(message(word, GTUBE))
    (made,) = arrived(word)
    if chain == "antispam":
        assert made["X-Spam-Flag"] == "YES"
        assert made["X-Spam-Status"].startswith("Yes, ")
        assert made["Subject"] == f"*****SPAM***** {word}"
    else:
        assert made["Subject"] == word


def test_mail_waits_while_a_filter_is_down(host, chain, network, local, arrived, word):
    hand_in = local if chain == "clamsmtp_front" else network
    for number, (daemon, port) in enumerate(DAEMONS[chain].items()):
        made = message(f"{word}{number}")
        host.check_output(f"systemctl stop {daemon}")
        try:
            hand_in(made)
            waits = until(
                lambda: host.check_output("postqueue -j"),
                lambda queue: not queue or "deferred" in queue,
            )
            assert waits
            if chain == "clamsmtp_front":
                with pytest.raises(smtplib.SMTPDataError, match="451"):
                    network(made)
        finally:
            host.check_output(f"systemctl start {daemon}")
        until(lambda port=port: host.socket(f"tcp://127.0.0.1:{port}").is_listening)
        host.check_output("postqueue -f")
        assert len(arrived(f"{word}{number}")) == 1


KINDS = {
    "clean": message,
    "clean, with a mark": lambda word: message(word, X_Spam_Level="*****"),
    "spam": lambda word: message(word, GTUBE),
    "as if handed back": lambda word: handed_back(word, "bonjour"),
    "virus": VIRUSES["attached"],
}


def test_of_many_messages_each_arrives_once(chain, host, smtp, mailbox, word):
    many = {f"{word}-{number}": kind for number, kind in zip(range(200), list(KINDS) * 40)}
    made = [bytes(KINDS[kind](name)) for name, kind in many.items()]
    with smtp() as server:
        for each in made[::2]:
            server.sendmail("prof@etab.fr", ["tech@etab.fr"], each)
    host.check_output(
        f"mkdir /tmp/{word} && cd /tmp/{word} && echo %s | base64 -d | tar xz && "
        "for file in *; do sendmail -i -f prof@etab.fr tech@etab.fr < $file; done",
        base64.b64encode(packed(made[1::2])).decode(),
    )
    counts = collections.Counter(str(each["Message-ID"]) for each in mailbox(seconds=300))
    lost_or_doubled = {
        kind: counts[f"<{name}@pv>"]
        for name, kind in many.items()
        if counts[f"<{name}@pv>"] != (chain == "none" or kind != "virus")
    }
    assert lost_or_doubled == {}


def packed(texts):
    """Return a compressed archive of files with these texts, named by their numbers."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for number, text in enumerate(texts):
            entry = tarfile.TarInfo(str(number))
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    return held.getvalue()


def test_a_stranger_gets_no_relay(send, word):
    with pytest.raises(smtplib.SMTPResponseException, match="Relay access denied"):
        send("prof@etab.fr", f"{word}@example.invalid", b"")


STRANGERS = {
    "without a greeting": b"MAIL FROM:<>\r\nRCPT TO:<x@example.invalid>\r\n",
    "all at once": b"EHLO pv\r\nMAIL FROM:<>\r\nRCPT TO:<x@example.invalid>\r\n",
    "all at once, old": b"HELO pv\r\nMAIL FROM:<>\r\nRCPT TO:<x@example.invalid>\r\n",
    "as the machine itself": b"EHLO pv\r\nXCLIENT ADDR=127.0.0.1\r\nMAIL FROM:<>\r\n"
    b"RCPT TO:<x@example.invalid>\r\n",
    "forwarded": b"EHLO pv\r\nXFORWARD ADDR=127.0.0.1\r\nMAIL FROM:<>\r\n"
    b"RCPT TO:<x@example.invalid>\r\n",
}


@pytest.mark.parametrize("way", STRANGERS)
@pytest.mark.parametrize("attempt", range(3))
def test_a_stranger_gets_no_relay_by_a_trick(connect, way, attempt):
    connection = connect(25)
    said = STRANGERS[way] + b"QUIT\r\n"
    replies = b""
    # A server may hang up on who does not wait for its answers.
    with contextlib.suppress(ConnectionError):
        for line in said.splitlines(keepends=True) if attempt else [said]:
            connection.sendall(line)
        while some := connection.recv(4096):
            replies += some
    assert b"2.1.5" not in replies, replies


def test_only_the_first_stage_serves_the_network(host, chain, address):
    listening = set(host.socket.get_listening_sockets())
    for port in ALL_PORTS:
        wanted = {f"tcp://127.0.0.1:{port}"} if port in INNER_PORTS[chain] else set()
        assert {each for each in listening if each.endswith(f":{port}")} == wanted
    assert [each for each in listening if each.endswith(":25") and "127.0.0.1" not in each]
