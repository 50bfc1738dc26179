"""A mailbox server that took another one's place: all mail is there, and nothing of the other."""

import pytest
import yaml

from tests.support.boxes import BEGINNING, PASSWORD, messages, wanted_of

GREETINGS = {"uw_imap": "Panda IMAP", "courier": "Courier", "dovecot": "Dovecot"}
PACKAGES = {
    "uw_imap": ["uw-imap-from-source"],
    "courier": ["courier-imap", "courier-pop", "courier-base", "courier-authdaemon"],
    "dovecot": ["dovecot-core", "dovecot-imapd", "dovecot-pop3d"],
}
PROGRAMS = {
    "uw_imap": "imapd|ipop3d",
    "courier": "couriertcpd|authdaemond|courierlogger|imaplogin|courierpop3d",
    "dovecot": "dovecot|imap-login|pop3-login",
}
LEFT = {
    "uw_imap": ["/usr/sbin/ipop3d", "/usr/sbin/mlock", "/etc/c-client.cf"],
    "courier": ["/etc/courier", "/etc/skel/Maildir", "/run/courier", "/var/lib/courier"],
    "dovecot": ["/etc/dovecot"],
}
"""What would be left of a server whose removal is not complete."""

SUPER_SERVERS = {"xinetd", "inetd"}


@pytest.fixture
def now(request):
    """What the machine is to be now: server, through and format."""
    variables = yaml.safe_load((request.path.parent / "vars.yml").read_text())
    return {name: variables[f"mailbox_server_{name}"] for name in ("name", "through", "format")}


@pytest.mark.parametrize("account", BEGINNING)
def test_every_message_is_there_once_with_its_flags(host, imap, account):
    server = imap(account, PASSWORD)
    assert messages(server) == wanted_of(account, host)
    server.logout()


@pytest.mark.parametrize("account", BEGINNING)
def test_pop3_has_the_inbox_too(host, pop3, account):
    server = pop3(account, PASSWORD)
    assert server.stat()[0] == len(wanted_of(account, host)["INBOX"])
    server.quit()


def test_new_mail_comes_to_it(host, send, word, mail_log, imap):
    mail_log(send("prof", "marie", f"Message-ID: <{word}@x>\n\nbonjour\n"), "status=sent")
    wanted = wanted_of("marie", host)
    wanted["INBOX"] = sorted([*wanted["INBOX"], [f"{word}@x", []]])
    server = imap("marie", PASSWORD)
    assert messages(server) == wanted
    server.logout()
    wanted_of("marie", host, wanted)


def test_the_new_server_answers_and_no_other_is_there(host, now, imap):
    server = imap("tech", PASSWORD)
    assert GREETINGS[now["name"]].encode() in server.welcome
    server.logout()
    for name in PACKAGES:
        installed = [host.package(package).is_installed for package in PACKAGES[name]]
        assert installed == [name == now["name"]] * len(installed), name
        left = [path for path in LEFT[name] if host.file(path).exists]
        assert name == now["name"] or left == [], name
        if name != now["name"] and {name, now["name"]} != {"uw_imap", "courier"}:
            assert host.run(f"pgrep -x '{PROGRAMS[name]}'").failed, name


def test_the_super_server_runs_that_is_to(host, now):
    wanted = now["through"]
    if wanted == "native":
        wanted = {"uw_imap": "xinetd"}.get(now["name"])
    assert {name for name in SUPER_SERVERS if host.run(f"pgrep -x {name}").succeeded} == {
        name for name in [wanted] if name
    }


def test_no_mail_is_left_in_the_other_format(host, now):
    if now["format"] == "maildir":
        assert host.run("find /var/mail /home/*/mail -type f -size +0").stdout == ""
    else:
        assert host.run("ls -d /home/*/Maildir").failed
