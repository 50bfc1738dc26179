from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import parser as master
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.request import (
    ServiceRequest,
    requested_service,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.spec import (
    lay_over,
    spec_of,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import ParameterValue

ASKED = {
    "null is absent": (None, ServiceRequest("a/unix", "absent")),
    "nothing": ({}, ServiceRequest("a/unix")),
    "null keys": ({"options": None, "args": None, "state": None}, ServiceRequest("a/unix")),
    "booleans in columns": (
        {"private": True, "unpriv": False, "chroot": "-"},
        ServiceRequest("a/unix", columns={"private": "y", "unpriv": "n", "chroot": "-"}),
    ),
    "numbers": (
        {"maxproc": 0, "wakeup": "60?"},
        ServiceRequest("a/unix", columns={"wakeup": "60?", "maxproc": "0"}),
    ),
    "options": (
        {"options": {"a": True, "b": 1, "c": None, "d": "x\n  y\n", "e": ""}},
        ServiceRequest(
            "a/unix",
            options={
                "a": ParameterValue((b"yes",)),
                "b": ParameterValue((b"1",)),
                "c": None,
                "d": ParameterValue((b"x y",)),
                "e": ParameterValue(()),
            },
        ),
    ),
    "a list": (
        {"options": {"a": ["x", "y z", ""]}},
        ServiceRequest("a/unix", options={"a": ParameterValue((b"x", b"y z"), is_list=True)}),
    ),
    "args as text": ({"args": "-v  {a b} c"}, ServiceRequest("a/unix", words=["-v", "a b", "c"])),
    "args as list": (
        {"args": ["-v", "a b", 1]},
        ServiceRequest("a/unix", words=["-v", "a b", "1"]),
    ),
    "no args": ({"args": []}, ServiceRequest("a/unix", words=[])),
    "attributes": (
        {"attributes": {"USER": "x", "flags": None, "size": 1, "argv": "/a {b c}"}},
        ServiceRequest(
            "a/unix",
            attributes={
                "user": ["user=x"],
                "flags": None,
                "size": ["size=1"],
                "argv": ["argv=/a", "b c"],
            },
        ),
    ),
    "argv as list": (
        {"attributes": {"argv": ["/a", "b c"]}},
        ServiceRequest("a/unix", attributes={"argv": ["argv=/a", "b c"]}),
    ),
}


@pytest.mark.parametrize(("asked", "service"), ASKED.values(), ids=ASKED)
def test_what_is_asked(asked, service):
    assert requested_service("a/unix", asked) == service


@pytest.mark.parametrize("key", ["smtp", "/unix", "", "a b/unix", "#a/unix", "a\0/unix"])
def test_keys_that_are_none(key):
    with pytest.raises(ConfigError, match="smtp/inet"):
        requested_service(key, {})


@pytest.mark.parametrize(
    ("key", "asked", "words"),
    [
        ("a/UNIX", {}, "no type 'UNIX'.*inet, unix"),
        ("a/b/unix", {}, "without a directory"),
        ("2001:db8::1/inet", {}, "2001:db8::1.*for IPv6"),
        ("0/inet", {}, "1 to 65535"),
        ("smtp/inet", {"private": True}, "write n"),
        ("smtp/inet", {"private": "-"}, "write n"),
        ("a/unix", [], "mapping, or null"),
        ("a/unix", {"maxprocs": 1}, "maxprocs.*did you mean maxproc"),
        ("a/unix", {"xyz": 1}, "xyz.*write one of state"),
        ("a/unix", {"state": "present "}, "did you mean present"),
        ("a/unix", {"options_mode": "all"}, "merge, exact"),
        ("a/unix", {"maxproc": True}, "number of processes"),
        ("a/unix", {"maxproc": -1}, "number of processes"),
        ("a/unix", {"wakeup": "?"}, "number of seconds"),
        ("a/unix", {"wakeup": [1]}, "list"),
        ("a/unix", {"chroot": "maybe"}, "y, n or -"),
        ("a/unix", {"command": "smtp -v"}, "under args"),
        ("a/unix", {"command": ""}, "name of a program"),
        ("a/unix", {"options": ["a=b"]}, "list.*mapping"),
        ("a/unix", {"options": {"a b": 1}}, "no name"),
        ("a/unix", {"options": {"a=b": 1}}, "no name"),
        ("a/unix", {"options": {"a": {"b": 1}}}, "dict"),
        ("a/unix", {"options": {"a": "{ b"}}, "brace"),
        ("a/unix", {"options": {"a": "x\0"}}, "NUL"),
        ("a/unix", {"args": ["-o", "a=b"]}, "under options"),
        ("a/unix", {"args": "-v -oa=b"}, "under options"),
        ("a/unix", {"args": ["a {"]}, "brace"),
        ("a/unix", {"args": {}}, "dict"),
        ("a/unix", {"args": "x", "attributes": {"user": "x"}}, "write one"),
        ("a/unix", {"attributes": "user=x"}, "str.*mapping"),
        ("a/unix", {"attributes": {"user": ["a", "b"]}}, "only argv"),
        ("a/unix", {"attributes": {"us er": "a"}}, "no name"),
        ("a/unix", {"attributes": {"argv": ""}}, "argv is empty"),
        ("a/unix", {"attributes": {"argv": []}}, "argv is empty"),
    ],
)
def test_what_cannot_be_asked(key, asked, words):
    with pytest.raises(ConfigError, match=words) as caught:
        requested_service(key, asked)
    assert key in caught.value.message


@pytest.mark.parametrize(
    ("words", "attributes", "result"),
    [
        ("user=a argv=/b c", {"user": "z"}, "user=z argv=/b c"),
        ("User=a argv=/b c", {"user": "z"}, "user=z argv=/b c"),
        ("user=a argv=/b user=c", {"size": 1}, "user=a size=1 argv=/b user=c"),
        ("user=a argv=/b c", {"argv": "/d"}, "user=a argv=/d"),
        ("flags=R user=a argv=/b", {"flags": None}, "user=a argv=/b"),
        ("", {"argv": "/d", "user": "a"}, "user=a argv=/d"),
        ("user=a argv=/b c", {}, "user=a argv=/b c"),
    ],
)
def test_attributes_are_laid_over_those_there_are(words, attributes, result):
    entry = master.parse(b"a unix - - n - - pipe " + words.encode())[1][0]
    service = requested_service("a/unix", {"attributes": attributes})
    assert lay_over(spec_of(entry), service).operands == result.split()
