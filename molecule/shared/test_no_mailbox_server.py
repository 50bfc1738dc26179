import re

import pytest

from tests.support.boxes import BEGINNING, wanted_of


def test_nothing_serves_mailboxes(host):
    for port in (110, 143, 1110, 1143):
        assert not host.socket(f"tcp://{port}").is_listening
    for package in ("uw-imap-from-source", "courier-base", "dovecot-core", "xinetd"):
        assert not host.package(package).is_installed


@pytest.mark.parametrize("account", BEGINNING)
def test_all_mail_is_there(host, account):
    lines = host.check_output(f"grep -rhi '^message-id:' /home/{account}/Maildir")
    wanted = wanted_of(account, host).values()
    assert sorted(re.findall("<(.*)>", lines)) == sorted(
        word for messages in wanted for word, _flags in messages
    )
