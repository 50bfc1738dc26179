import pytest

from tests.support.boxes import BEGINNING, PASSWORD, in_imap, put, wanted_of


@pytest.mark.parametrize("account", BEGINNING)
def test_mail_is_put_where_later_servers_must_find_it(host, imap, account):
    server = imap(account, PASSWORD)
    found = put(server, account)
    server.logout()
    assert {name: len(messages) for name, messages in found.items()} == {
        "/".join(map(in_imap, folder)): len(flags) for folder, flags in BEGINNING[account].items()
    }
    wanted_of(account, host, found)
