"""Thunderbird sets itself up from an address and a password, writes, and reads.

The account's password crosses the network in clear here, as the lab means it to; Thunderbird says
"No Encryption" in its settings and asks nothing about it, since it found them at the domain.
"""

from __future__ import annotations

import base64
import uuid

import pytest

from tests.lab.thunderbird.screen import ADDRESS, BACKSPACE, ENTER
from tests.support.lab_secret import password_of

SETTINGS = {
    "incomingHost": "mail.student1.test",
    "incomingPort": "143",
    "incomingUsername": "tech",
    "incomingSocketType": "No Encryption",
    "outgoingHost": "mail.student1.test",
    "outgoingPort": "25",
    "outgoingSocketType": "No Encryption",
    "outgoingAuthenticationType": "None",
}

SHOWN = """
const shown = document.getElementById("tabmail").currentAboutMessage;
return shown?.document.querySelector("#expandedsubjectBox").textContent.includes(arguments[0]);
"""
"""Tell whether the message on the screen is that of a subject."""


@pytest.fixture(scope="module")
def settings(screen):
    """What Thunderbird shows to have found, when it knows a name and an address."""
    screen.click("#email")
    screen.type("tech@student1.test")
    screen.click("#forward:enabled")
    seen = {name: screen.text(f"#{name}") for name in SETTINGS}
    seen["notice"] = screen.text("#emailFormNotificationTitle")
    screen.picture("settings")
    return seen


@pytest.fixture(scope="module")
def refusal(screen, settings):
    """What Thunderbird says of a wrong password."""
    screen.click("#forward:enabled")
    enter(screen, "faux")
    return screen.text(".error #emailFormNotificationTitle")


@pytest.fixture(scope="module")
def account(screen, refusal, password):
    """The account, once the password is the right one."""
    enter(screen, password)
    screen.see("email-added-success")
    screen.click("#forward:enabled")
    return screen.text(folder("INBOX"))


def enter(screen, password):
    """Give Thunderbird a password in the place of what stands there, and go on with it."""
    screen.click("email-password-form #password")
    screen.type(BACKSPACE * 20 + password)
    screen.click("#forward:enabled")


def new_word():
    """A subject that no other message has."""
    return f"Bonjour {uuid.uuid4().hex[:8]}"


def folder(name):
    """The selector of a folder of the account, as Thunderbird names its rows."""
    uri = f"imap://tech@mail.student1.test/{name}"
    return f'[id="all-{base64.b64encode(uri.encode()).decode()}"] > .container'


def write(screen, recipient, subject, text):
    """Write a message and send it."""
    screen.click("#folderPaneWriteMessage")
    screen.window("messengercompose.xhtml")
    screen.wait("return window.composeEditorReady")
    screen.click("#toAddrInput")
    screen.type(recipient + ENTER)
    screen.see("mail-address-pill")
    screen.click("#msgSubject")
    screen.type(subject)
    screen.click("#messageEditor")
    screen.type(text)
    screen.picture("written")
    screen.click("#button-send:not([disabled])")
    screen.window("messenger.xhtml")


def read(screen, subject):
    """Open the message of a subject in the inbox; returns its sender and its text as shown."""
    screen.click("#folderPaneGetMessages")
    screen.click(folder("INBOX"))
    screen.click(f'tr.card-layout[aria-label*="{subject}"]')
    screen.wait(SHOWN, subject)
    return screen.text("#expandedfromBox"), screen.text("#messagepane")


def test_the_settings_are_found_at_the_domain(settings, on):
    assert settings.pop("notice") == "Account settings found automatically."
    assert settings == SETTINGS
    request = r"config-v1.1.xml?emailaddress=tech%40student1\.test HTTP/1.1\" 200 .*Thunderbird/"
    look = f"tail -n +1 -F /var/log/lighttpd/access.log | grep -m1 '{request}'"
    assert ADDRESS in on("world", "timeout", "30", "sh", "-c", look)


def test_a_wrong_password_is_said_and_makes_no_account(refusal):
    assert refusal == "Authentication error."


def test_the_account_is_set_up(account, on):
    assert account == "Inbox"
    look = "until ss -Htn state established sport = :143 | grep -F :143; do sleep 0.1; done"
    assert ADDRESS in on("student1", "timeout", "30", "sh", "-c", look)


def test_a_message_to_another_student_arrives_there(screen, account, client, lab):
    word = new_word()
    write(screen, "prof@student2.test", word, "Ça marche.")
    password = password_of(lab.folder, "student2", "prof")
    client("student2", "read", "prof@student2.test", password, word)


def test_a_message_to_oneself_can_be_read(screen, account):
    word = new_word()
    write(screen, "tech@student1.test", f"À moi-même : {word}", "Été comme hiver.")
    sender, text = read(screen, word)
    assert "tech@student1.test" in sender
    assert "Été comme hiver." in text


def test_a_message_from_another_student_can_be_read(screen, account, client):
    word = new_word()
    client("student2", "send", "prof@student2.test", "tech@student1.test", word)
    sender, text = read(screen, word)
    assert "prof@student2.test" in sender
    assert "Salut" in text
    screen.picture("inbox")
