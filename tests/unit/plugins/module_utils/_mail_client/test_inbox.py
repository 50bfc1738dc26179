"""Which words of a server about a login will not change, and that nobody waits for them to."""

import imaplib
import poplib

import pytest

from ansible_collections.labs.mail.plugins.module_utils._mail_client.inbox import is_refused_login
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    Observation,
    until,
)


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        # uw-imap, Courier and Dovecot, by POP3 and by IMAP.
        (poplib.error_proto(b"-ERR Bad login"), True),
        (poplib.error_proto(b"-ERR Login failed."), True),
        (poplib.error_proto(b"-ERR [AUTH] Authentication failed."), True),
        (imaplib.IMAP4.error(b"LOGIN failed"), True),
        (imaplib.IMAP4.error(b"[AUTHENTICATIONFAILED] Authentication failed."), True),
        (imaplib.IMAP4.error("NO [PRIVACYREQUIRED] Plaintext authentication disallowed"), True),
        (poplib.error_proto(b"-ERR [SYS/TEMP] Temporary authentication failure."), False),
        (imaplib.IMAP4.error(b"[UNAVAILABLE] Temporary authentication failure."), False),
        (poplib.error_proto(b"-ERR [IN-USE] Unable to lock maildrop: login refused"), False),
        (poplib.error_proto(b"-ERR Temporary problem, please try again later"), False),
        (poplib.error_proto(b"-ERR Unknown command."), False),
        (imaplib.IMAP4.abort("command: LOGIN => socket error: EOF"), False),
        (ConnectionResetError("login"), False),
    ],
)
def test_a_refused_login_will_be_refused_again(error, refused):
    assert is_refused_login(error) is refused


def test_nobody_waits_where_another_look_would_see_the_same():
    looks = []

    def look():
        looks.append(1)
        return Observation(False, "Bad login", lasting=len(looks) == 2)

    assert until(look, 60).text == "Bad login"
    assert len(looks) == 2
