import email

import pytest

from tests.support.mail_queue import until_no_mail_is_under_way
from tests.support.messages import large, message


@pytest.fixture
def found(host, send, word):
    """Send a message from prof to tech, and return all messages that tech and prof have of it."""

    def found(made):
        send("prof@etab.fr", "tech@etab.fr", bytes(made))
        until_no_mail_is_under_way(host)
        boxes = [host.run(f"cat /var/mail/{account}").stdout for account in ("tech", "prof")]
        return [
            [
                each.partition("\n")[2]
                for each in ("\n" + box).split("\nFrom ")
                if f"<{word}@pv>" in each
            ]
            for box in boxes
        ]

    return found


def test_below_the_required_score_a_message_arrives(found, word):
    (arrived,), sent_back = found(message(word, "Gagnez au loto"))
    status = email.message_from_string(arrived)["X-Spam-Status"]
    assert status.startswith("No, ")
    assert "required=8.0" in status
    assert "GAGNEZ" in status
    assert sent_back == []


def test_spam_is_sent_back(found, word):
    arrived, (notice,) = found(message(word, "Gagnez au loto, vite vite"))
    assert arrived == []
    assert "This message is taken for spam." in notice


def test_what_is_too_large_to_be_looked_at_arrives_as_it_is(found, word):
    (arrived,), sent_back = found(large(word, 400_000))
    assert "X-Spam-Status" not in arrived
    assert sent_back == []
