"""The machine asks and the world answers, both for real, on ports that the system chooses."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import world_server
from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.runner import run_checks
from ansible_collections.labs.mail.plugins.module_utils._checks.seals import vouched
from ansible_collections.labs.mail.plugins.module_utils._checks.world_client import ask
from ansible_collections.labs.mail.plugins.module_utils._checks.world_server import (
    Checks,
    Policy,
    Server,
    World,
    handed_in_by,
)
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    Observation,
)
from tests.support.check_steps import said, take_step

HERE = "127.0.0.1"


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "world", {"spammer": "127.0.0.66"})


def served(handler, world):
    server = Server((HERE, 0), handler, world)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server.server_address
    server.shutdown()
    server.server_close()


@pytest.fixture
def lab(world):
    """What a machine knows whose world is served."""
    for address in served(Checks, world):
        yield CheckContext("w0rd", address)


@pytest.fixture
def policy(world):
    yield from served(Policy, world)


def step(lab, kind, **given):
    return take_step(kind, lab, **given)


def test_a_world_with_a_key_seals_what_it_saw(world, lab, smtp):
    given = {"at": "world", "port": smtp.port, "recipients": ["tech"]}
    checks = [{"name": "one", "title": {}, "needs": [], "steps": [{"smtp": given}]}]
    (result,) = run_checks(checks, lab)
    assert result.seals == []
    world.key = "k3y"
    for ok, expect in ((True, "accepted"), (False, "refused")):
        given["expect"] = expect
        (result,) = run_checks(checks, lab)
        assert (result.outcome == "passed") is ok
        assert vouched("k3y", HERE, "w0rd-one-", checks[0]["steps"], result.seals, ok)
        assert not vouched("k3y", HERE, "w0rd-one-", checks[0]["steps"], result.seals, not ok)


def arrive(world, recipient, text, domain=None, client=HERE):
    """Put a message into the world's mail, as smtpd(8) and virtual(8) do."""
    folder = world.mail / (domain or recipient.rpartition("@")[2])
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    number = len(list((folder / "new").iterdir()))
    message = f"Return-Path: <tech@a.test>\nX-Original-To: {recipient}\n"
    message += f"Delivered-To: {recipient}\nReceived: from a.test (unknown [{client}])\n"
    message += f"\tby mail.world.test (Postfix) with ESMTP id 1\nSubject: {text}\n\n{text}\n"
    (folder / "new" / f"{number}.world").write_text(message)


def test_the_world_writes_to_who_asks(lab, smtp):
    seen = step(lab, "smtp", at="world", port=smtp.port, sender="a@b", recipients=["prof"])
    assert seen.ok
    assert lab.queue_ids == ["4F1B2"]
    assert "w0rd" in smtp.messages[0]


def test_the_world_writes_to_nobody_else(lab, smtp, monkeypatch):
    """Another host is not even looked up: it would be someone's whom the machine cannot answer."""
    asked = []
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more: (asked.append(host), look_up(host, *more))[1]
    )
    for kind in ("smtp", "connect"):
        given = {"at": "world", "host": "smtp.other.test", "port": smtp.port}
        assert step(lab, kind, **given, **({"recipients": ["x"]} if kind == "smtp" else {})).ok
    assert set(asked) == {HERE}


def test_the_world_writes_from_its_other_addresses_by_name(lab, smtp, monkeypatch):
    peers = []
    serve = smtp.talk
    monkeypatch.setattr(smtp, "talk", lambda each: (peers.append(each.getpeername()), serve(each)))
    given = {"at": "world", "port": smtp.port, "recipients": ["prof"]}
    assert step(lab, "smtp", **given, source="spammer").ok
    assert peers[0][0] == "127.0.0.66"
    with pytest.raises(CouldNotCheckError, match="the world: no address is called 127.0.0.1"):
        step(lab, "smtp", **given, source="127.0.0.1")


def test_the_world_says_that_nothing_listens(lab, smtp):
    smtp.close()
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]
    seen = step(lab, "smtp", at="world", port=port, recipients=["prof"])
    assert (seen.ok, said(seen)) == (False, f"nothing listens on {HERE} port {port}")
    assert step(lab, "connect", at="world", port=port, expect="closed").ok
    assert not step(lab, "connect", at="world", port=port).ok


def test_what_has_reached_the_world_is_found_by_its_recipient(lab, world):
    assert not step(lab, "received", recipient="ami@example.org").ok
    assert step(lab, "received", recipient="ami@example.org", copies=0).ok
    arrive(world, "Ami@example.org", "essai w0rd")
    arrive(world, "other@example.org", "essai w0rd")
    arrive(world, "ami@example.org", "essai of another")
    assert step(lab, "received", recipient="ami@example.org").ok
    assert step(lab, "received", recipient="ami@example.org", header={"Return-Path": "tech@"}).ok
    wrong = step(lab, "received", recipient="ami@example.org", header={"Return-Path": "prof@"})
    assert (wrong.ok, said(wrong)) == (False, "Return-Path: <tech@a.test>")
    assert not step(lab, "received", recipient="nobody@example.org").ok


def test_an_answer_is_found_by_an_address_that_bears_the_word(lab, world):
    arrive(world, "ami-w0rd@example.org", "Absent")
    assert step(lab, "received", recipient="ami-{word}@example.org").ok
    assert not step(lab, "received", recipient="voisin-{word}@example.org").ok


def test_what_a_message_from_outside_may_have_is_said(lab, smtp):
    given = {"at": "world", "port": smtp.port, "recipients": ["prof"], "body": "x" * 1_000_000}
    with pytest.raises(CouldNotCheckError, match="may have up to 1,000,000 bytes"):
        step(lab, "smtp", **given)


WORD = "0123456789abcdef"


def test_the_world_forgets_the_messages_that_bear_a_word_and_no_others(lab, world):
    arrive(world, "ami@example.org", f"essai {WORD}-a-")
    arrive(world, "velo@beauvtt.fr", f"Re: essai {WORD}-b-")
    arrive(world, "ami@example.org", "essai fedcba9876543210-a-")
    lab.word = WORD
    assert ask(lab, "forget", {}).ok
    left = [path.read_text() for path in world.mail.glob("*/new/*")]
    assert len(left) == 1
    assert "fedcba9876543210" in left[0]


@pytest.mark.parametrize("word", ["", "essai", "Delivered-To: am", "Subject: essai 0", WORD[:-1]])
def test_nothing_else_than_a_word_of_checks_makes_the_world_forget(lab, world, word):
    arrive(world, "ami@example.org", f"essai {WORD}")
    lab.word = word
    with pytest.raises(CouldNotCheckError, match="is no word of a check"):
        ask(lab, "forget", {})
    assert list(world.mail.glob("*/new/*"))


def test_no_other_folder_of_the_world_is_looked_into(lab, world):
    arrive(world, "x@../../secret", "essai w0rd", domain="../secret")
    assert (world.mail.parent / "secret" / "new").is_dir()
    assert not step(lab, "received", recipient="x@../../secret").ok


def ask_policy(address, *questions):
    """Ask as Postfix does, on one connection; returns the answers."""
    with socket.create_connection(address, 5) as connection:
        answers = connection.makefile("rb")
        found = []
        for client, recipient in questions:
            text = f"request=smtpd_access_policy\nclient_address={client}\nrecipient={recipient}\n"
            connection.sendall(text.encode() + b"\n")
            found.append(answers.readline().decode().strip())
            assert answers.readline() == b"\n"
        return found


WELL, DOWN = "action=DUNNO", "action=DEFER the line is down"


def test_a_domain_that_is_out_takes_nothing_from_who_asked(lab, policy):
    assert ask_policy(policy, (HERE, "a@beauvtt.fr")) == [WELL]
    assert step(lab, "outage", domain="beauvtt.fr", seconds=60).ok
    questions = [
        (HERE, "a@beauvtt.fr"),
        (HERE, "A@BEAUVTT.FR"),
        (HERE, "a@example.org"),
        ("10.0.0.9", "a@beauvtt.fr"),
        (HERE, ""),
    ]
    assert ask_policy(policy, *questions) == [DOWN, DOWN, WELL, WELL, WELL]
    assert step(lab, "outage", domain="beauvtt.fr", seconds=0).ok
    assert ask_policy(policy, questions[0]) == [WELL]


def test_an_outage_ends_with_its_check_that_fails(lab, world):
    attributes = {"client_address": HERE, "recipient": "a@beauvtt.fr"}
    seen = []

    def look(kind, given, own):
        if kind == "outage":
            return step(own, kind, **given)
        seen.append(world.policy(attributes))
        return Observation(False, "")

    outage = {"outage": {"domain": "beauvtt.fr", "seconds": 60}}
    check = {
        "name": "waits",
        "title": {},
        "needs": [],
        "steps": [outage, {"queue": {"queue": "hold"}}],
    }
    (result,) = run_checks([check], lab, look)
    assert result.outcome == "failed"
    assert [*seen, world.policy(attributes)] == ["DEFER the line is down", "DUNNO"]


def test_an_outage_ends_by_itself(world):
    attributes = {"client_address": HERE, "recipient": "a@beauvtt.fr"}
    world.answer(
        HERE, {"what": "outage", "word": "w", "given": {"domain": "beauvtt.fr", "seconds": 0.05}}
    )
    assert world.policy(attributes).startswith("DEFER")
    deadline = time.monotonic() + 5
    while world.policy(attributes) != "DUNNO":
        assert time.monotonic() < deadline


REQUESTS = {
    "unknown": (b'{"what": "fly", "word": "w", "given": {}}', "fly"),
    "not for all": (b'{"what": "_init__", "word": "w", "given": {}}', "_init__"),
    "no request": (b'{"what": "smtp"}', "word"),
    "no mapping": (b"[1]", "TypeError"),
    "wrong type": (
        b'{"what": "outage", "word": "w", "given": {"domain": "a", "seconds": "x"}}',
        "",
    ),
    "a pattern": (
        b'{"what": "arrived", "word": "", "given": {"recipient": "a@a", "copies": 1, "body": "["}}',
        "unterminated",
    ),
    "no JSON": (b"EHLO a", "JSONDecodeError"),
    "empty": (b"", "JSONDecodeError"),
    "long": (b'"' + b"x" * 1_000_001, "JSONDecodeError"),
}


@pytest.mark.parametrize(("request_", "words"), REQUESTS.values(), ids=REQUESTS)
def test_what_is_not_understood_is_answered_so(lab, world, request_, words):
    arrive(world, "a@a", "w")
    with socket.create_connection(lab.world, 5) as connection:
        connection.sendall(request_ + b"\n")
        reply = json.loads(connection.makefile("rb").readline())
    assert reply["problem"].startswith("request not understood: ")
    assert words in reply["problem"]


def test_without_a_world_nothing_can_be_checked():
    with pytest.raises(CouldNotCheckError, match="no world: this check needs one"):
        ask(CheckContext("w"), "smtp", {})


def test_a_world_that_does_not_answer_is_named():
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(
        CouldNotCheckError, match=f"the world, {HERE} port {port}, does not answer: .*refused"
    ):
        ask(CheckContext("w", (HERE, port)), "smtp", {})


@pytest.mark.parametrize("reply", [b"", b"what?\n"])
def test_a_world_that_talks_nonsense_is_named(reply):
    with socket.create_server((HERE, 0)) as server:

        def talk():
            connection, _address = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(reply)

        thread = threading.Thread(target=talk)
        thread.start()
        with pytest.raises(CouldNotCheckError, match=f"the world, {HERE} port"):
            ask(CheckContext("w", server.getsockname()), "smtp", {})
        thread.join(5)


def test_a_pattern_that_searches_without_end_keeps_nobody_waiting(lab, world, monkeypatch):
    monkeypatch.setattr(world_server, "SEARCH_SECONDS", 1)
    arrive(world, "ami@example.org", f"essai w0rd {'a' * 60}b")
    with pytest.raises(CouldNotCheckError, match="that takes more than 1 s"):
        step(lab, "received", recipient="ami@example.org", header={"Subject": "(a+)+$"}, within=0)
    assert step(lab, "received", recipient="ami@example.org").ok


def test_what_another_machine_has_sent_is_not_told(lab, world):
    arrive(world, "x@pub.fr", "w0rd", client="172.30.177.12")
    seen = step(lab, "received", recipient="x@pub.fr")
    assert not seen.ok
    assert "w0rd" not in seen.text


TOPS = {
    # the lines of a message, and who handed it in
    "a client": ("Received: from a.test (unknown [10.0.0.1])\n\tby b", "10.0.0.1"),
    "IPv6": ("Received: from a.test (a.test [fe80::1])\n\tby b", "fe80::1"),
    "a name like an address": ("Received: from [10.9.9.9] (x [10.0.0.1])\n by b", "10.0.0.1"),
    "made up below": (
        "Received: from a (b [10.0.0.1])\n by c\nReceived: from d (e [10.0.0.2])\n by f",
        "10.0.0.1",
    ),
    "made up where the machine itself wrote": (
        "Received: by b (Postfix, from userid 0)\n id 1\nReceived: from d (e [10.0.0.2])\n by f",
        "",
    ),
    "nobody": ("Subject: x", ""),
}


@pytest.mark.parametrize(("lines", "client"), TOPS.values(), ids=TOPS)
def test_who_handed_a_message_in(lines, client):
    assert handed_in_by(f"Return-Path: <a@b>\n{lines}\nSubject: y\n\nz\n".encode()) == client


def test_an_outage_ends(world):
    world.answer(HERE, {"what": "outage", "word": "w", "given": {"domain": "a", "seconds": 1e308}})
    assert world.outages[HERE, "a"] <= time.monotonic() + 600


def test_a_machine_cannot_have_any_number_of_outages(world):
    for number in range(10):
        given = {"domain": str(number), "seconds": 60}
        world.answer(HERE, {"what": "outage", "word": "w", "given": given})
    with pytest.raises(CouldNotCheckError, match="10 domains are out of reach already"):
        world.answer(HERE, {"what": "outage", "word": "w", "given": given})


@pytest.mark.parametrize("what", ["__class__", "_smtp", "seal", "policy", "mail", "", [], None])
def test_nothing_but_its_verbs_is_reached_by_a_name(lab, what):
    request = json.dumps({"what": what, "word": "w", "given": {}}).encode()
    with socket.create_connection(lab.world, 5) as connection:
        connection.sendall(request + b"\n")
        reply = json.loads(connection.makefile("rb").readline())
    assert reply["problem"].startswith("request not understood: ")


def test_brackets_without_end_are_refused(lab):
    with socket.create_connection(lab.world) as connection:
        connection.sendall(b"[" * 100_000 + b"\n")
        answer = connection.makefile().readline()
    assert "request not understood" in answer


def test_a_machine_asks_for_a_few_things_at_once(lab, world, monkeypatch):
    hold, held = threading.Event(), threading.Semaphore(0)

    def wait(*_given):
        held.release()
        hold.wait(30)
        return Observation(True, "")

    monkeypatch.setitem(world.verbs, "connect", wait)
    request = json.dumps({"what": "connect", "word": "w", "given": {}}).encode() + b"\n"
    with contextlib.ExitStack() as open_ones:

        def ask():
            # Who connects is counted, so one connects only once the one before is being answered.
            connection = open_ones.enter_context(socket.create_connection(lab.world))
            connection.sendall(request)
            return connection

        first = []
        for _number in range(8):
            first.append(ask())
            assert held.acquire(timeout=30)
        assert "8 requests are being answered already" in ask().makefile().readline()
        hold.set()
        for connection in first:
            assert '"ok": true' in connection.makefile().readline()
