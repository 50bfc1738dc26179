from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix import lines

FILE = st.lists(
    st.sampled_from([b"a = b", b" c", b"\t", b"# d", b"\n", b"\r\n", b"", b"  # e"])
).map(b"".join)


@given(FILE | st.binary())
def test_join_gives_the_same_bytes(data):
    assert lines.join(lines.split(data)) == data


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b"", []),
        (b"a\n", [b"a"]),
        (b"a\n b\n", [b"a b"]),
        (b"a\n#x\n b\n", [b"a b"]),
        (b"a\n\n b\n", [b"a b"]),
        (b"a\n  # x\n b\n", [b"a b"]),
        (b" stray\na\n", [b"a"]),
        (b"a\r\n b", [b"a\r b"]),
        (b"a\n#x\nb\n", [b"a", b"b"]),
        (b"a\x0b\n\x0cb\n", [b"a\x0b\x0cb"]),
    ],
)
def test_what_postfix_reads(data, texts):
    assert [source.text for source in lines.split(data) if source.text] == texts


def test_place_of_an_offset_skips_comments():
    source = lines.split(b"x\nab\n# c\n de\n")[1]
    assert source.text == b"ab de"
    assert [source.place(offset) for offset in range(5)] == [
        (2, 1),
        (2, 2),
        (4, 1),
        (4, 2),
        (4, 3),
    ]
    assert source.place(5) == (4, 4)


def test_nul_is_refused_with_its_place():
    with pytest.raises(ConfigError) as caught:
        lines.refuse_nul(b"a\nbc\0d\n", "f")
    assert (caught.value.path, caught.value.line, caught.value.column) == ("f", 2, 3)
