"""What became of the messages of state.yml."""

import email
import email.policy
import os
from pathlib import Path

import pytest
import yaml

from tests.support.mail_queue import until_no_mail_is_under_way

PLAY = yaml.safe_load((Path(__file__).parent / "state.yml").read_text())[0]
CHAINS = PLAY["vars"]["chains"]
SWITCHES = list(enumerate(zip(CHAINS, CHAINS[1:]), start=1))
STAGES = {
    "none": [],
    "clamsmtp_front": ["X-Virus-Scanned"],
    "clamsmtp_filter": ["X-Virus-Scanned"],
    "antispam": ["X-Virus-Scanned", "X-Spam-Status"],
}


def share(release):
    """The switches that a release makes: some of them, or all."""
    if os.environ.get("MOLECULE_WHOLE"):
        return SWITCHES
    first, last = PLAY["vars"]["some"][release]
    return SWITCHES[first - 1 : last]


@pytest.fixture
def switches(variables):
    """The switches that this machine made, by number."""
    return share(variables["debian"])


@pytest.fixture
def arrived(host):
    """The messages in the mailbox, once no other is under way, whose subjects end in a word."""

    def arrived(word):
        until_no_mail_is_under_way(host)
        box = "\n" + host.file("/var/mail/tech").content_string
        found = [
            email.message_from_string(each.partition("\n")[2], policy=email.policy.default)
            for each in box.split("\nFrom ")
        ]
        return [each for each in found if (each["Subject"] or "").split()[-1:] == [word]]

    return arrived


def test_every_switch_was_made():
    assert len({pair for _number, pair in SWITCHES}) == len(SWITCHES) == 4 * 3
    for release, some in PLAY["vars"]["some"].items():
        made = [number for number, _pair in share(release)]
        wanted = range(1, 4 * 3 + 1) if os.environ.get("MOLECULE_WHOLE") else some
        assert made == list(wanted), release


def test_mail_passes_the_chain_that_was_switched_to(arrived, switches):
    for number, pair in switches:
        (made,) = arrived(f"passes-{number}")
        stages = [name for name in ("X-Virus-Scanned", "X-Spam-Status") if made[name]]
        assert stages == STAGES[pair[1]], (number, pair)


def test_a_virus_does_not_pass_it(arrived, switches):
    for number, pair in switches:
        assert len(arrived(f"virus-{number}")) == (pair[1] == "none"), (number, pair)


def test_spam_passes_it_marked(arrived, switches):
    for number, pair in switches:
        (made,) = arrived(f"spam-{number}")
        assert (made["X-Spam-Flag"] == "YES") is (pair[1] == "antispam"), (number, pair)


def test_mail_that_waited_in_the_old_chain_arrives_once(arrived, switches):
    for number, pair in switches:
        assert len(arrived(f"waits-{number}")) == 1, (number, pair)


def test_every_chain_had_clamsmtp_from_source_or_from_its_package_or_both():
    origins = {(chain, number % 2) for number, chain in enumerate(CHAINS[1:], start=1)}
    assert {("clamsmtp_front", 0), ("clamsmtp_front", 1)} <= origins
    assert {("clamsmtp_filter", 0), ("clamsmtp_filter", 1)} <= origins
    assert {("antispam", 0), ("antispam", 1)} <= origins
