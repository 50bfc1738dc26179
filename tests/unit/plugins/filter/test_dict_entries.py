from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.labs.mail.plugins.filter.dict_entries import FilterModule

dict_entries = FilterModule().filters()["dict_entries"]

TYPES = {
    "key": {"singular": "name", "plural": "things by name", "pattern": "[a-z]+", "instead": "az"},
    "port": {"type": "int", "min": 1, "max": 9, "default": 5},
    "kind": {"choices": ["a", "b"]},
    "many": {"type": "list", "elements": {"pattern": "x+", "instead": "x"}, "instead": "a list"},
    "pair": {"type": "list", "elements": {"type": "int", "min": 0}, "length": 2, "instead": "two"},
    "few": {"type": "list", "elements": {}, "max": 1, "too_many": "one alone", "instead": "list"},
    "texts": {"type": "dict", "keys": {"pattern": "k", "instead": "k"}, "elements": {}},
    "limit": {"type": "int", "min": 1, "or": "none", "instead": "a number, or none"},
    "old": {"refused": "use port"},
    "on": {"type": "bool"},
}


def test_without_types_the_key_is_one_more_attribute():
    given = {"a": {"x": 1}, "b": None}
    assert dict_entries(given) == [{"name": "a", "x": 1}]
    assert dict_entries(given, "path", absent={"state": "absent"}) == [
        {"path": "a", "x": 1},
        {"path": "b", "state": "absent"},
    ]
    assert dict_entries(given, defaults={"x": 2, "y": 3}) == [{"name": "a", "x": 1, "y": 3}]


def test_a_path_is_below_its_root():
    given = {"virtual": {}, "/etc/b": {}, "aliases": {"path": "/etc/aliases"}}
    found = dict_entries(given, "path", root="/copy")
    assert [each["path"] for each in found] == ["virtual", "/copy/etc/b", "/copy/etc/aliases"]
    assert [each["path"] for each in dict_entries(given, "path")][1:] == ["/etc/b", "/etc/aliases"]
    assert given["aliases"] == {"path": "/etc/aliases"}


TAKEN = {
    "nothing": ({}, {}),
    "null": ({"port": None}, {}),
    "number in words": ({"port": "7"}, {"port": 7}),
    "choice": ({"kind": "b"}, {"kind": "b"}),
    "lists": ({"many": ["x", "xx"], "pair": [0, 1]}, {"many": ["x", "xx"], "pair": [0, 1]}),
    "empty list": ({"many": []}, {"many": []}),
    "mapping": ({"texts": {"k": "v"}}, {"texts": {"k": "v"}}),
    "mapping with null": ({"texts": {"k": None}}, {"texts": {}}),
    "the other word": ({"limit": "none"}, {"limit": "none"}),
    "false": ({"on": False}, {"on": False}),
}


@pytest.mark.parametrize(("given", "read"), TAKEN.values(), ids=TAKEN)
def test_what_is_taken(given, read):
    assert dict_entries({"a": given, "gone": None}, types=TYPES, place="v") == [
        {"name": "a", "port": 5, **read}
    ]


REFUSED = {
    "no mapping": ([], "v: found []; write a mapping of things by name"),
    "a key": ({"A": {}}, "v.A: is no name; az"),
    "no attributes": ({"a": 1}, "v.a: found 1; write a mapping of attributes"),
    "misspelt": ({"a": {"prot": 1}}, "v.a: prot is no attribute here; did you mean port?"),
    "too high": ({"a": {"port": 10}}, "v.a.port: found 10; write a number from 1 to 9"),
    "no choice": ({"a": {"kind": "c"}}, "v.a.kind: found 'c'; write one of a, b"),
    "no list": ({"a": {"many": "x"}}, "v.a.many: found 'x'; a list"),
    "an element": ({"a": {"many": ["y"]}}, "v.a.many: found ['y']; x"),
    "three": ({"a": {"pair": [1, 2, 3]}}, "v.a.pair: found [1, 2, 3]; two"),
    "too many": ({"a": {"few": ["a", "b"]}}, "v.a.few: found ['a', 'b']; one alone"),
    "a key within": ({"a": {"texts": {"z": ""}}}, "v.a.texts: found {'z': ''}; k"),
    "another word": ({"a": {"limit": "all"}}, "v.a.limit: found 'all'; a number, or none"),
    "refused": ({"a": {"old": 1}}, "v.a.old: found 1; use port"),
    "yes": ({"a": {"on": "yes"}}, "v.a.on: found 'yes'; write true or false"),
}


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(given, message):
    with pytest.raises(AnsibleFilterError) as caught:
        dict_entries(given, types=TYPES, place="v")
    assert message in str(caught.value)


def test_without_types_it_is_a_mapping_all_the_same():
    with pytest.raises(AnsibleFilterError, match="write a mapping of entries by their names"):
        dict_entries(["a"], place="v")
