"""Indexes: what is wrong with one, and how one takes its place; the programs are stand-ins."""

from __future__ import annotations

import base64
import builtins
import os
import stat
import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix import commands as tools
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables import index
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.content import TableContent
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.installer import install
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.listing import (
    CorruptError,
    Listing,
    cdb_records,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import syntax
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import TYPES
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.verifier import (
    TableSpec,
    TableVerifier,
)

HASH = b"\0" * 12 + b"\x61\x15\x06\x00" + b"\0" * 8
BTREE = b"\0" * 12 + b"\x00\x05\x31\x62" + b"\0" * 8
LMDB = b"\0" * 16 + b"\xde\xc0\xef\xbe"
KIND = index.IndexFormat(".db", "hash")


@pytest.fixture
def paths(tmp_path):
    """A table and its index, which is right as far as can be seen."""
    source, made = tmp_path / "t", tmp_path / "t.db"
    source.write_bytes(b"a b\n")
    made.write_bytes(HASH)
    source.chmod(0o640)
    made.chmod(0o640)
    os.utime(source, ns=(10**18, 10**18))
    os.utime(made, ns=(10**18, 10**18))
    return source, made


@pytest.fixture
def postfix(tmp_path):
    """Give postmap and its companions the script of a test; yields what makes a Postfix."""

    def run(command, **_given):
        result = subprocess.run(command, capture_output=True, check=False)
        return result.returncode, result.stdout, result.stderr

    def make(script):
        program = tmp_path / "postmap"
        program.write_text("#!/bin/sh\n" + script)
        program.chmod(0o755)
        folder = tmp_path / "programs"
        folder.mkdir()
        names = dict.fromkeys(("postmap", "postalias", "postconf"), str(program))
        return tools.Postfix(names, run, str(tmp_path / "none"), str(folder))

    return make


@pytest.mark.parametrize(
    "data, kind",
    [(HASH, "hash"), (BTREE, "btree"), (LMDB, "lmdb"), (b"", None), (b"x" * 99, None)],
)
def test_the_sign_of_an_index(tmp_path, data, kind):
    path = tmp_path / "x"
    path.write_bytes(data)
    assert index.magic(str(path)) == kind


FAULTS = {
    "missing": lambda source, made: made.unlink(),
    "type": lambda source, made: rewrite(made, BTREE),
    "corrupt": lambda source, made: rewrite(made, b"x" * 99),
    "corrupt, since empty": lambda source, made: rewrite(made, b""),
    "mode": lambda source, made: made.chmod(0o644),
    "stale": lambda source, made: os.utime(made, ns=(10**18, 10**18 - 1)),
}


def rewrite(path, data):
    path.write_bytes(data)
    os.utime(path, ns=(10**18, 10**18))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_can_be_seen(paths, fault):
    source, made = paths
    assert index.visible_fault(str(made), KIND, source.stat()) is None
    FAULTS[fault](source, made)
    assert index.visible_fault(str(made), KIND, source.stat()) == fault.partition(",")[0]


KEY = b"-----BEGIN PRIVATE KEY-----\n"


@pytest.mark.parametrize("before", range(3))
@pytest.mark.parametrize("at", [0, index.BLOCK - 9, index.BLOCK, 2 * index.BLOCK - 1])
def test_a_key_is_found_wherever_it_stands(tmp_path, before, at):
    path = tmp_path / "index"
    path.write_bytes(b"x" * at + base64.b64encode(b"y" * before + KEY))
    assert index.holds_files(str(path))
    path.write_bytes(b"x" * at + b"-----BEGIN" + KEY)
    assert not index.holds_files(str(path))


def test_an_index_that_postmap_empties_meanwhile_is_looked_at_no_further(tmp_path, monkeypatch):
    """Where it was mapped into memory, the kernel ended the module with SIGBUS."""
    path = tmp_path / "index"
    path.write_bytes(b"x" * 2 * index.BLOCK + base64.b64encode(KEY))
    opened = builtins.open

    def and_empty(*words, **more):
        file = opened(*words, **more)
        os.truncate(path, 0)
        return file

    monkeypatch.setattr(builtins, "open", and_empty)
    assert not index.holds_files(str(path))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_another_owner_is_a_fault(paths):
    source, made = paths
    os.chown(made, 12, 34)
    assert index.visible_fault(str(made), KIND, source.stat()) == "owner"


def test_a_folder_in_the_indexs_place_is_refused(paths):
    source, made = paths
    made.unlink()
    made.mkdir()
    with pytest.raises(ConfigError, match="no file, where an index must be"):
        index.visible_fault(str(made), KIND, source.stat())


def test_an_index_that_is_executable_would_be_odd(paths):
    source, _made = paths
    source.chmod(0o750)
    assert index.index_mode(source.stat()) == 0o640


def test_an_index_takes_its_place_as_secret_as_its_table(paths, tmp_path):
    source, made = paths
    source.chmod(0o600)
    os.utime(source, ns=(3 * 10**18, 3 * 10**18))
    built = tmp_path / "built"
    built.write_bytes(HASH + b"new")
    os.symlink(made, tmp_path / "link")
    install(str(built), str(tmp_path / "link"), source.stat(), str(source))
    assert os.path.islink(tmp_path / "link")
    assert made.read_bytes() == HASH + b"new"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert index.visible_fault(str(made), KIND, source.stat()) is None
    assert not built.exists()


def build(postfix, tmp_path, name="hash"):
    staged = tmp_path / "staged"
    staged.mkdir()
    return index.start_build(postfix, TYPES[name], "postmap", b"a b\n", str(staged / "t"))


def test_an_index_is_found_whatever_its_suffix(postfix, tmp_path):
    made = postfix('cp "${3#*:}" "${3#*:}.odd"; echo "postmap: warning: x" >&2')
    path, said = build(made, tmp_path).finish()
    assert os.path.basename(path) == "t.odd"
    assert said.lines == ["postmap: warning: x"]


FAILURES = {
    "fatal": ("echo 'postmap: fatal: no space' >&2; exit 1", "no space"),
    "code": ("exit 3", "ended with 3, and made nothing"),
    "nothing": ("exit 0", "made nothing"),
    "signal": ('cp "${3#*:}" "${3#*:}.db"; kill -BUS $$', "died of signal 7"),
    "type": (
        "echo 'postmap: fatal: unsupported dictionary type: lmdb' >&2; exit 1",
        "install the Debian package postfix-lmdb",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_build_that_fails_says_why(postfix, tmp_path, name):
    script, words = FAILURES[name]
    with pytest.raises(ConfigError) as raised:
        build(postfix(script), tmp_path, "lmdb").finish()
    assert words in str(raised.value)
    assert str(tmp_path) not in str(raised.value)


def test_the_kind_is_asked_for_once(postfix, tmp_path):
    made = postfix(f'echo >>{tmp_path}/runs; printf "%012dxxxx" 0 >"${{3#*:}}.lmdb"')
    assert index.find_index_format(made, TYPES["lmdb"]) == index.IndexFormat(".lmdb", None)
    assert index.find_index_format(made, TYPES["lmdb"]).suffix == ".lmdb"
    assert (tmp_path / "runs").read_text() == "\n"


def test_the_settings(postfix):
    made = postfix("echo 'smtputf8_enable = no'; echo 'default_database_type ='")
    assert made.settings == {"smtputf8_enable": "no", "default_database_type": ""}


def test_a_main_cf_that_cannot_be_read(postfix):
    with pytest.raises(ConfigError, match="cannot read main.cf: postconf: fatal: x"):
        assert postfix("echo 'postconf: fatal: x' >&2; exit 1").settings


def listing(postfix, script, limit=1000):
    return Listing(postfix(script), "hash", "/t.db", limit)


RECORDS = r"printf 'a\tb\nc\td\n'"
COMPARED = [
    ({b"a\tb", b"c\td"}, [], []),
    ({b"a\tb"}, [b"c\td"], []),
    ({b"a\tx", b"c\td", b"e\tf"}, [b"a\tb"], [b"a\tx", b"e\tf"]),
    (set(), [b"a\tb", b"c\td"], []),
]


@pytest.mark.parametrize("records, extra, lacking", COMPARED)
def test_an_index_is_held_against_its_table(postfix, records, extra, lacking):
    found = listing(postfix, RECORDS).against(records)
    assert (found.extra, found.lacking, bool(found)) == (extra, lacking, bool(extra or lacking))


def test_what_postalias_adds_does_not_count(postfix):
    script = r"printf 'a\tb\n@\t@\nYP_LAST_MODIFIED\t1\nYP_MASTER_NAME\tx\n'"
    found = listing(postfix, script)
    assert found.entries() == {b"a\tb"}
    assert not found.against({b"a\tb"}, aliases=True)
    assert found.against({b"a\tb"})


def test_records_are_read_while_they_are_written(postfix, tmp_path):
    os.mkfifo(tmp_path / "go")
    found = listing(postfix, rf"printf 'a\tb\nc'; cat {tmp_path}/go")
    blocks = found.records()
    records = []
    while not records:
        records = next(blocks)
    assert records == [b"a\tb"]
    (tmp_path / "go").write_bytes(b"\td\n")
    assert [record for block in blocks for record in block] == [b"c\td"]


BROKEN = {
    "code": "echo 'a'; echo 'postmap: fatal: x' >&2; exit 1",
    "signal": "kill -BUS $$",
    "too much": "exec yes",
    "round in circles": "while :; do :; done",
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_index_that_cannot_be_listed_is_corrupt(postfix, name):
    with pytest.raises(CorruptError):
        list(listing(postfix, BROKEN[name]).records())


def cdb(pairs):
    """Return a cdb file whose 256 hash tables are empty: it can only be read in order."""
    records = b"".join(struct.pack("<2I", len(k), len(v)) + k + v for k, v in pairs)
    return struct.pack("<512I", *[2048 + len(records), 0] * 256) + records


CELLS = st.binary(min_size=1, max_size=5).map(lambda cell: cell.strip(b"\0\t\n") or b"x")


@given(st.lists(st.tuples(CELLS, CELLS), max_size=4), st.booleans())
def test_the_records_of_a_cdb(tmp_path_factory, pairs, with_nul):
    path = tmp_path_factory.getbasetemp() / "t.cdb"
    end = b"\0" if with_nul else b""
    path.write_bytes(cdb([(key + end, value + end) for key, value in pairs]))
    assert list(cdb_records(str(path))) == [key + b"\t" + value for key, value in pairs]


@pytest.mark.parametrize("size", [0, 1, 2047, 2048, 2055, 2057, 2060])
def test_a_cdb_that_was_cut_off(tmp_path, size):
    path = tmp_path / "t.cdb"
    path.write_bytes(cdb([(b"ab", b"cd"), (b"ef", b"gh")])[:size])
    with pytest.raises(CorruptError):
        list(cdb_records(str(path)))


def test_a_postfix_before_3_8_does_not_list_a_cdb(postfix, tmp_path):
    (tmp_path / "t.cdb").write_bytes(cdb([(b"a", b"b")]))
    script = "echo 'postmap: fatal: table x: sequence operation is not supported' >&2; exit 1"
    found = Listing(postfix(script), "cdb", str(tmp_path / "t.cdb"), 1000)
    assert not found.against({b"a\tb"})


def look(postfix, folder, name, data, source=None):
    used = syntax(name, "postmap")
    spec = TableSpec(str(folder / "t"), TYPES[name], "postmap", used)
    content = TableContent(spec.path, data, used, spec.type)
    report = TableVerifier(spec, postfix, str(folder)).verify(content, None, source)
    if report.refusal:
        raise report.refusal
    return report, report.warnings


def test_what_postfix_says_of_a_pattern_has_its_line(postfix, tmp_path):
    said = "postmap: warning: pcre map ${5#*:}, line 2: unmatched, line 7: parentheses"
    made = postfix(f'echo "{said}" >&2; exit 1')
    found, [problem] = look(made, tmp_path, "pcre", b"/a/ b\n/(/ c\n")
    assert str(problem) == f"{tmp_path}/t:2: unmatched, line 7: parentheses"
    assert found.entry_count == 2


def test_what_is_known_already_is_not_said_twice(postfix, tmp_path):
    said = "postmap: warning: ${5#*:}, line 2: expected format: key whitespace value"
    made = postfix(f'echo "{said}" >&2; exit 1')
    _found, problems = look(made, tmp_path, "texthash", b"a b\nc\n")
    assert [problem.line for problem in problems] == [2]
    assert "has no value" in problems[0].message


def test_a_table_that_postfix_cannot_read(postfix, tmp_path):
    made = postfix("echo 'postmap: fatal: out of patterns' >&2; exit 1")
    with pytest.raises(ConfigError, match="/t: Postfix cannot read this table: .*patterns"):
        look(made, tmp_path, "pcre", b"/a/ b\n")


def test_without_postfix_a_table_is_read_all_the_same(tmp_path):
    found, problems = look(None, tmp_path, "hash", b"a b\na c\nd e\n")
    assert (found.entry_count, found.duplicates, found.reason) == (2, [b"a"], None)
    assert [problem.line for problem in problems] == [2]
