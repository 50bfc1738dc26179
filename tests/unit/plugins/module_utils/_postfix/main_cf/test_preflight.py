from __future__ import annotations

import os
import stat
import time

from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.preflight import Preflight

MAIN_CF = b"a = 1\ninet_protocols = x\n"


def refusal(answer, data=MAIN_CF):
    """Let a Postfix that gives this answer to a command read a file."""
    return Preflight("/usr/sbin/postmap", answer).refuses(data, "/etc/postfix/main.cf")


def test_postfix_reads_a_copy_that_seems_old(tmp_path):
    found = {}

    def answer(command):
        copy = command[2] + "/main.cf"
        with open(copy, "rb") as file:
            found["text"] = file.read()
        found["age"] = time.time() - os.stat(copy).st_mtime
        found["mode"] = stat.S_IMODE(os.stat(command[2]).st_mode)
        found["folder"] = command[2]
        return 0, "", ""

    assert refusal(answer) is None
    assert found["text"] == MAIN_CF
    assert found["age"] > 3
    assert found["mode"] == 0o700
    assert not os.path.exists(found["folder"])


def test_what_postfix_says_is_passed_on_with_the_place():
    def answer(command):
        said = f"postmap: warning: x\npostmap: fatal: {command[2]}/main.cf: inet_protocols is bad\n"
        return 1, "", said

    error = refusal(answer)
    assert (error.path, error.line) == ("/etc/postfix/main.cf", 2)
    assert error.message.endswith(
        "would start with this: /etc/postfix/main.cf: inet_protocols is bad"
    )


def test_a_message_that_names_no_parameter_has_no_place():
    assert refusal(lambda command: (1, "", "postmap: fatal: /etc/mailname: no file\n")).line is None


def test_a_postfix_that_dies_without_a_word():
    assert "ended with -11" in refusal(lambda command: (-11, "", "")).message
