"""Where a message comes by a second time, and where something has changed since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._explain.smtp_session import Client
from ansible_collections.labs.mail.plugins.module_utils._explain.walk import (
    Arrival,
    Walk,
    lane_of,
    state_of,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import parse

MASTER = b"""\
smtp inet n - n - - smtpd
26 inet n - n - - smtpd
back unix - n n - - pipe
smtp unix - - n - - smtp
"""
FROM = Client("127.0.0.1", "localhost", "mail.test")
RECEIVED = (
    b"Received: from mail.test (localhost [127.0.0.1])\n\tby mail.test (Postfix) with ESMTP"
    b" id 4F1AB2\n\tfor <a@b.test>; Mon, 30 Nov 2026 18:41:57 +0000 (UTC)\n"
)
AGAIN = RECEIVED.replace(b"4F1AB2", b"93A0C1").replace(b"18:41:57", b"18:41:58")
HEADER = b"Subject: x\n"
ARRIVAL = Arrival(1, 25, FROM, "x@y.test", ("a@b.test",), RECEIVED + HEADER + b"\nbody\n")


class Postfix:
    denied = ""


class Settings:
    def __init__(self, **values):
        self.values = values
        self.services = parse(MASTER)[1]

    def effective(self, name, _service=None):
        return self.values.get(name, "")

    def service_place(self, _service):
        return None


@pytest.mark.parametrize(
    "changed",
    [
        {"turn": 9},
        {"doubt": "somebody else decides"},
        {"content": AGAIN + HEADER + b"\nbody\n"},
        {"content": AGAIN + RECEIVED + HEADER + b"\nbody\n"},
    ],
)
def test_what_goes_round_in_circles(changed):
    assert state_of(replace(ARRIVAL, **changed)) == state_of(ARRIVAL)


@pytest.mark.parametrize(
    "changed",
    [
        {"port": 26},
        {"uid": 0},
        {"forwarded": True},
        {"client": replace(FROM, address="203.0.113.9")},
        {"client": replace(FROM, helo="pc")},
        {"sender": ""},
        {"recipients": ("a@b.test", "c@d.test")},
        {"content": RECEIVED + b"X-Spam-Flag: YES\n" + HEADER + b"\nbody\n"},
        {"content": RECEIVED + b"Subject: [spam] x\n\nbody\n"},
        {"content": RECEIVED + HEADER + b"\nanother body\n"},
    ],
)
def test_what_may_go_another_way_the_second_time(changed):
    assert state_of(replace(ARRIVAL, **changed)) != state_of(ARRIVAL)


@pytest.mark.parametrize("came", [{"uid": 8}, {"forwarded": True}, {}])
def test_what_goes_on_by_smtp_comes_to_an_smtpd(came):
    walk = Walk(Settings(), Postfix())
    walk.to_port(replace(ARRIVAL, **came), "[127.0.0.1]:26", "smtp")
    (waiting,) = walk.waiting
    assert (waiting.uid, waiting.forwarded, lane_of(waiting)) == (-1, False, "smtpd:26")


@pytest.mark.parametrize(
    ("soft_bounce", "verdict", "becomes"),
    [
        ("no", "bounced", "bounced"),
        ("yes", "bounced", "deferred"),
        ("yes", "looping", "looping"),
        ("yes", "mailbox", "mailbox"),
    ],
)
def test_what_would_be_returned_is_kept_by_soft_bounce(soft_bounce, verdict, becomes):
    walk = Walk(Settings(soft_bounce=soft_bounce), Postfix())
    walk.end(ARRIVAL, "a@b.test", verdict, "", "back")
    assert [end.verdict for end in walk.told.ends] == [becomes]


@pytest.mark.parametrize(
    ("nexthop", "doubt", "waits"),
    [
        ("[127.0.0.1]:26", "", True),
        ("localhost:26", "DNS is asked for localhost", True),
        ("[localhost]:26", "DNS is asked for localhost", True),
        ("[127.0.0.1]", "", False),
        ("127.0.0.1:smtp", "", False),
    ],
)
def test_this_machine_as_the_next_host(nexthop, doubt, waits):
    walk = Walk(Settings(smtp_host_lookup="dns"), Postfix())
    walk.to_port(ARRIVAL, nexthop, "smtp")
    assert [each.doubt for each in walk.waiting] == ([doubt] if waits else [])
    assert [end.verdict for end in walk.told.ends] == ([] if waits else ["bounced"])


def test_a_port_at_which_nothing_listens(monkeypatch):
    monkeypatch.setattr(f"{Walk.__module__}.listens", lambda _host, _port: False)
    walk = Walk(Settings(), Postfix())
    walk.to_port(ARRIVAL, "[127.0.0.1]:27", "smtp")
    assert [end.verdict for end in walk.told.ends] == ["deferred"]


def test_what_root_alone_may_read_is_not_known():
    postfix = Postfix()
    postfix.denied = "only root may read /x"
    walk = Walk(Settings(), postfix)
    walk.end(ARRIVAL, "a@b.test", "mailbox")
    (end,) = walk.told.ends
    assert (end.verdict, end.where) == ("unknown", "only root may read /x; otherwise mailbox")


@pytest.mark.parametrize(
    ("nexthop", "verdict"),
    [
        ("unix:{folder}/there", "relayed"),
        ("unix:private/there", "relayed"),
        ("unix:private/missing", "deferred"),
        ("unix:{folder}/missing", "deferred"),
        ("far.test", "relayed"),
    ],
)
def test_sockets_as_the_next_host(tmp_path, nexthop, verdict):
    (tmp_path / "there").touch()
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "there").touch()
    walk = Walk(Settings(queue_directory=str(tmp_path)), Postfix())
    walk.to_port(ARRIVAL, nexthop.format(folder=tmp_path), "smtp")
    assert [end.verdict for end in walk.told.ends] == [verdict]
