"""postfix_map run for real: the faults of an index, secrets, and runs that are killed."""

from __future__ import annotations

import json

import pytest

from tests.differential.machines import HERE, Case
from tests.support.amounts import many

MODULE = "ansible_collections.labs.mail.plugins.modules.postfix_map"
SUFFIXES = {"hash": "db", "btree": "db", "lmdb": "lmdb", "cdb": "cdb"}
ROWS = 400
TEXT = "# head\n" + "".join(f"Key{number}  value {number}\n" for number in range(ROWS))
KEYS = "".join(f"key{number}\n" for number in range(ROWS)).encode()
ANSWERS = "".join(f"key{number}\tvalue {number}\n" for number in range(ROWS)).encode()


@pytest.fixture(scope="module")
def module(collection):
    """The command that runs the module, and the files it takes, with each of several arguments."""

    def module(name, check=False, **table):
        arguments = {
            "tables": [{"path": "$FOLDER/t", **table}],
            "_ansible_check_mode": check,
            "_ansible_diff": True,
        }
        command = ["env", f"PYTHONPATH={collection}", "FOLDER={dir}", "python3", "-m", MODULE, name]
        return command, {name: json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()}

    return module


def outcome(result):
    assert result.stdout, result.stderr
    return json.loads(result.stdout)


def shell(script):
    return ["sh", "-c", script]


STATE = shell("stat -c '%n %i %Y %Z %a %U' t t.*; sha256sum t t.*; ls -A | grep -v json")
FAULTS = {
    "missing": ("rm t.$suffix", {"missing"}),
    "stale": ("touch -d '3 hours ago' t.$suffix", {"stale"}),
    "of another type": ("postmap $other:u && mv u.$theirs t.$suffix", {"type"}),
    "no index at all": ("head -c 20000 /dev/zero >t.$suffix", {"corrupt", "contents"}),
    "empty": (": >t.$suffix", {"corrupt"}),
    "cut off": ("truncate -s $(($(stat -c %s t.$suffix) / 2)) t.$suffix", {"corrupt", "contents"}),
    "overwritten": (
        "dd if=/dev/urandom of=t.$suffix bs=1 seek=4096 count=4096 conv=notrunc 2>&1",
        {"corrupt", "contents"},
    ),
    "of another mode": ("chmod 604 t.$suffix", {"mode"}),
    "of another owner": ("chown daemon t.$suffix", {"owner"}),
    "of another text": (
        "sed 's/value 7$/other/; /Key9 /d; $aextra x' t >u; chmod 640 u;"
        " postmap $type:u; mv u.$suffix t.$suffix",
        {"contents"},
    ),
}


WITHIN = {"of another type", "no index at all", "cut off", "overwritten", "of another text"}
"""Faults that only looking into an index shows: they are tried with every type."""


@pytest.mark.parametrize("kind", SUFFIXES)
def test_each_fault_is_noticed_and_mended(machine, module, kind):
    faults = {name: FAULTS[name] for name in FAULTS if name in WITHIN or kind in ("hash", "lmdb")}
    real, files = module("real.json", type=kind)
    check, more = module("check.json", check=True, type=kind)
    files = {"t": TEXT.encode(), "u": b"a b\n", **files, **more}
    other = "btree" if kind == "hash" else "hash"
    names = f"type={kind} suffix={SUFFIXES[kind]} other={other} theirs=db;"
    query = (["postmap", "-q", "-", f"{kind}:t"], KEYS)
    cases = [
        Case(files, [shell("chmod 640 t"), real, shell(f"{names} {fault}"), STATE, check, STATE]
             + [real, query, STATE, real, STATE, shell("stat -c '%a %U' t.*")])
        for fault, _reasons in faults.values()
    ]  # fmt: skip
    for (name, (_fault, reasons)), answer in zip(faults.items(), machine.ask(cases)):
        results = answer.results
        assert results[2].code == 0, (name, results[2])
        assert outcome(results[1])["tables"][0]["compile_reason"] == "missing"
        told, done, again = (outcome(results[place]) for place in (4, 6, 9))
        assert results[3].stdout == results[5].stdout, f"{name}: check mode touched something"
        assert told == done, name
        table = done["tables"][0]
        assert (table["changed"], table["compiled"]) == (True, True), name
        assert table["compile_reason"] in reasons, name
        assert done["diff"][0]["before"].startswith(f"# {table['compile_reason']}\n"), name
        assert results[7].stdout == ANSWERS, name
        assert (again["changed"], again["diff"]) == (False, []), (name, again)
        assert results[8].stdout == results[10].stdout, f"{name}: the second run touched something"
        assert results[11].stdout == b"640 root\n", name
    assert done["tables"][0]["entry_count"] == ROWS
    [diff] = done["diff"]
    assert diff["before"] == "# contents\nextra\tx\nkey7\tother\n"
    assert diff["after"] == "key7\tvalue 7\nkey9\tvalue 9\n"


def test_an_index_of_aliases_is_held_against_its_text(machine, module):
    text = 'Root: a, b\n"q r": |x,\n  c\n'
    real, files = module("real.json", format="postalias")
    wrong = "sed s/a,/x,/ t >u; postalias hash:u; mv u.db t.db"
    query = (["postmap", "-q", "-", "hash:t"], b"root\nq r\n")
    commands = [real, real, shell(wrong), real, query, real]
    [answer] = machine.ask([Case({"t": text.encode(), **files}, commands)])
    runs = [outcome(answer.results[place])["tables"][0] for place in (0, 1, 3, 5)]
    assert [run["compile_reason"] for run in runs] == ["missing", "", "contents", ""]
    assert [run["entry_count"] for run in runs] == [2] * 4
    assert answer.results[4].stdout == b"root\ta, b\nq r\t|x, c\n"
    assert outcome(answer.results[3])["diff"] == [
        {
            "before_header": outcome(answer.results[0])["tables"][0]["index_path"],
            "after_header": outcome(answer.results[0])["tables"][0]["index_path"],
            "before": "# contents\nroot\tx, b\n",
            "after": "root\ta, b\n",
        }
    ]


VERIFY = {"mtime": ["", ""], "content": ["contents", ""], "always": ["always", "always"]}


@pytest.mark.parametrize("verify", VERIFY)
def test_how_an_index_is_looked_at(machine, module, verify):
    first, files = module("first.json")
    second, more = module("second.json", verify=verify)
    wrong = shell("echo a x >u; postmap hash:u; mv u.db t.db")
    cases = [Case({"t": b"a b\n", **files, **more}, [first, wrong, second, second])]
    results = machine.ask(cases)[0].results
    reasons = [outcome(result)["tables"][0]["compile_reason"] for result in results[2:]]
    assert reasons == VERIFY[verify]


PLAIN = {
    # type: entries, keys to ask for, answers
    "texthash": ({"A": "b"}, b"a\nc\n", b"a\tb\n"),
    "regexp": ([{"/^A/": "b"}, {"/c/i": "d"}], b"ax\nC\nc\n", b"ax\tb\nc\td\n"),
    "pcre": ([{"/^(a)\\b/": "$1 x"}], b"a\nab\n", b"a\ta x\n"),
    "cidr": ({"10.0.0.0/8": "OK", "::1": "x"}, b"10.1.2.3\n::1\n::2\n", b"10.1.2.3\tOK\n::1\tx\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", PLAIN)
def test_a_table_without_index(machine, module, kind):
    entries, keys, answers = PLAIN[kind]
    real, files = module("real.json", type=kind, entries=entries, purge=True)
    check, more = module("check.json", check=True, type=kind, entries=entries, purge=True)
    query = (["postmap", "-q", "-", f"{kind}:t"], keys)
    commands = [check, real, shell("touch -d '1 hour ago' t"), STATE, real, query, STATE]
    results = machine.ask([Case({**files, **more}, commands)])[0].results
    told, done, again = (outcome(results[place]) for place in (0, 1, 4))
    assert told == done
    assert (done["changed"], done["reload_needed"], again["changed"]) == (True, True, False)
    assert done["tables"][0]["index_path"] == ""
    assert results[3].stdout == results[6].stdout
    assert (results[5].stdout, results[5].stderr) == (answers, b"")


WRONG = {
    # what is wrong: (type, text), line, words
    "parenthesis": ("pcre", b"/a/ b\n# c\n/(/ d\n", 3, "parenthesis"),
    "below": ("regexp", b"/a/ b\n/c[/\n  d\n", 2, "Invalid regular"),
    "block": ("pcre", b"if /a/\n/b/ c\n", 1, "no matching ENDIF"),
    "end": ("regexp", b"/a/ b\nendif\n", 2, "ENDIF"),
    "flag": ("pcre", b"/a/q b\n", 1, "unknown"),
    "network": ("cidr", b"10.0.0.0/8 a\n10.0.0.1/8 b\n", 2, "10.0.0.0/8"),
    "address": ("cidr", b"a b\n", 1, "address"),
    "text": ("texthash", b"a b\n\nc\n", 3, "no value"),
    "twice": ("cdb", b"a b\nA c\n", 2, "line 1 already"),
    "quote": ("lmdb", b'a b\n"c d\n', 2, "double quote"),
    "stray": ("btree", b" a b\n", 1, "continues none"),
    "UTF-8": ("hash", b"a b\nc \xff\n", 2, "not UTF-8"),
    "key": ("lmdb", b"a b\n" + b"k" * 511 + b" v\n", 2, "lmdb takes 510"),
}


def test_what_postfix_passes_over_is_refused_with_its_line(machine, module):
    cases = []
    for kind, text, _line, _words in WRONG.values():
        real, files = module("real.json", type=kind)
        warned, more = module("warned.json", type=kind, on_warning="warn")
        cases.append(Case({"t": text, **files, **more}, [STATE, real, STATE, warned, warned]))
    for (name, wrong), answer in zip(WRONG.items(), machine.ask(cases)):
        _kind, _text, line, words = wrong
        before, refused, after, warned, again = answer.results
        said = outcome(refused)
        assert said["failed"], name
        assert said["line"] == line, (name, said)
        assert f"/t:{line}:" in said["msg"], name
        assert words in said["msg"], (name, said)
        assert before.stdout == after.stdout, f"{name}: something was touched all the same"
        if name != "key":
            assert words in json.dumps(outcome(warned)["warnings"]), name
            assert not outcome(again)["changed"], name


def test_the_longest_key_of_each_type(machine, module):
    real, files = module("real.json", type="lmdb")
    query = (["postmap", "-q", "-", "lmdb:t"], b"k" * 510 + b"\n")
    [answer] = machine.ask([Case({"t": b"k" * 510 + b" v\n", **files}, [real, query])])
    assert outcome(answer.results[0])["changed"]
    assert answer.results[1].stdout.endswith(b"\tv\n")


def test_passwords_are_nobody_elses(machine, module):
    """New or made secret: text, index and backup have the mode, and the diff has no value."""
    first = {"entries": {"[h]:587": "u:geheim1"}, "sensitive": True}
    second = {"entries": {"[h]:587": "u:geheim2"}, "sensitive": True, "backup": True}
    open_first = {"entries": {"[h]:587": "u:geheim1"}}
    closing = {"entries": {"[h]:587": "u:geheim1"}, "sensitive": True, "mode": "0600"}
    modes = shell("umask 0; stat -c '%n %a' t t.*")
    wrong = shell("echo [h]:587 u:geheim3 >u; postmap hash:u; mv u.db t.db; chmod 600 t.db")
    runs, files = {}, {}
    for name, table in (("a", first), ("b", second), ("c", open_first), ("d", closing)):
        for check in (True, False):
            runs[name, check], more = module(f"{name}{check}.json", check=check, **table)
            files.update(more)
    new = [runs["a", True], runs["a", False], modes, wrong, runs["a", True], runs["a", False]]
    new += [runs["b", True], runs["b", False], shell("stat -c %a t t.*")]
    closed = [runs["c", False], modes, runs["d", True], runs["d", False], modes]
    made, shut = machine.ask([Case(files, new), Case(files, closed)])
    assert made.results[2].stdout == b"t 600\nt.db 600\n"
    assert set(made.results[8].stdout.split()) == {b"600"}
    for check, real in ((0, 1), (4, 5), (6, 7)):
        told, done = outcome(made.results[check]), outcome(made.results[real])
        assert told["diff"] == done["diff"] != []
        assert "geheim" not in json.dumps(done["diff"])
        assert "[h]:587" in json.dumps(done["diff"]) or "a value differs" in json.dumps(
            done["diff"]
        )
    assert shut.results[1].stdout == b"t 644\nt.db 644\n"
    assert outcome(shut.results[2]) == outcome(shut.results[3])
    assert outcome(shut.results[3])["tables"][0]["compile_reason"] == "mode"
    assert shut.results[4].stdout == b"t 600\nt.db 600\n"


def test_of_a_second_instance(machine, module):
    """Its main.cf says what type a table is, and how keys are folded."""
    arguments = {
        "config_directory": "$FOLDER/other",
        "tables": [{"path": "t", "entries": {"É": "b"}, "owner": "daemon", "mode": "0640"}],
    }
    command, _files = module("real.json")
    given = {"real.json": json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()}
    files = {
        "other/main.cf": b"default_database_type = lmdb\nsmtputf8_enable = no\n",
        "t": b"not this one\n",
        **given,
    }
    look = shell("cat t; stat -c '%n %U %a' other/t*; postmap -c other -s lmdb:other/t")
    [answer] = machine.ask([Case(files, [command, look, command])])
    done, seen, again = answer.results
    [table] = outcome(done)["tables"]
    assert table["index_path"].endswith("/other/t.lmdb")
    assert table["compile_reason"] == "missing"
    assert seen.stdout.decode() == (
        "not this one\nother/t daemon 640\nother/t.lmdb daemon 640\nÉ\tb\n"
    )
    assert not outcome(again)["changed"]


BACKUPS = {
    # what is asked, and whether there is a copy of the text
    "entries": ({"entries": {"a": "new"}}, True),
    "text": ({"content": "c d\n"}, True),
    "absent": ({"state": "absent"}, True),
    "the same": ({"entries": {"a": "b"}}, False),
    "mode": ({"mode": "0640"}, False),
}


@pytest.mark.parametrize("name", BACKUPS)
def test_a_backup(machine, module, name):
    asked, copied = BACKUPS[name]
    real, files = module("real.json", backup=True, **asked)
    check, more = module("check.json", check=True, backup=True, **asked)
    first, most = module("first.json")
    copies = shell("stat -c %a t.*~; cat t.*~")
    files = {"t": b"a b\n", **files, **more, **most}
    commands = [shell("chmod 600 t"), first, check, copies, real, copies]
    [answer] = machine.ask([Case(files, commands)])
    told, done = outcome(answer.results[2]), outcome(answer.results[4])
    assert answer.results[3].stdout == b"", "check mode made a copy"
    assert answer.results[5].stdout == (b"600\na b\n" if copied else b"")
    assert ("backup_file" in done["tables"][0]) == copied
    done["tables"][0].pop("backup_file", None)
    assert told == done


def test_a_folder_where_a_table_must_be(machine, module):
    commands, files = [], {"t/inside": b"kept"}
    for name, asked in {"a": {"entries": {"a": "b"}}, "b": {"state": "absent"}}.items():
        for check in (True, False):
            command, more = module(f"{name}{check}.json", check=check, **asked)
            commands.append(command)
            files.update(more)
    [answer] = machine.ask([Case(files, commands, keep=["t/inside"])])
    for result in answer.results:
        assert "/t: is a directory, where a file must be" in outcome(result)["msg"]
    assert answer.files == {"t/inside": b"kept"}


def test_behind_a_symlink(machine, module):
    """Postfix looks for the index beside the name that it is given."""
    real, files = module("real.json", entries={"c": "d"}, mode="0640")
    gone, more = module("gone.json", state="absent")
    files = {"elsewhere/text": b"a b\n", **files, **more}
    link = shell("ln -s elsewhere/text t")
    query = (["postmap", "-q", "-", "hash:t"], b"a\nc\n")
    look = shell("stat -c '%n %F' t t.db elsewhere/*")
    [answer] = machine.ask(
        [Case(files, [link, real, query, look, real, gone, shell("ls -d t*; ls elsewhere")])]
    )
    results = answer.results
    assert outcome(results[1])["changed"]
    assert results[2].stdout == b"a\tb\nc\td\n"
    assert results[3].stdout == (
        b"t symbolic link\nt.db regular file\nelsewhere/text regular file\n"
    )
    assert not outcome(results[4])["changed"]
    assert outcome(results[5])["changed"]
    assert results[6].stdout == b"text\n"


def test_absent(machine, module):
    first, files = module("first.json", entries={"a": "b"})
    check, more = module("check.json", check=True, state="absent")
    gone, most = module("gone.json", state="absent")
    commands = [first, check, shell("ls t*"), gone, shell("ls | grep -v json"), gone]
    [answer] = machine.ask([Case({**files, **more, **most}, commands)])
    results = answer.results
    assert results[2].stdout == b"t\nt.db\n"
    assert outcome(results[1]) == outcome(results[3])
    assert results[4].stdout == b""
    assert (outcome(results[3])["changed"], outcome(results[5])["changed"]) == (True, False)


def test_runs_at_once_lose_nothing(machine, module):
    """Beside them postmap makes the index of whatever text it finds, in place."""
    command, _files = module("$n.json")
    last, files = module("last.json")
    for number in range(6):
        files.update(module(f"{number}.json", entries={f"key{number}": "v"})[1])
    words = " ".join(word for word in command if not word.startswith("FOLDER"))
    script = (
        "(while [ ! -e done ]; do postmap hash:t; done) & export FOLDER=$PWD;"
        f' for n in 0 1 2 3 4 5; do {words} & runs="$runs $!"; done;'
        " for run in $runs; do wait $run || echo failed; done; touch done; wait; cat t"
    )
    commands = [shell(script), last, shell("postmap -s hash:t | sort; ls -A | grep -v json")]
    [answer] = machine.ask([Case({"t": b"first v\n", **files}, commands)])
    keys = sorted([b"first", *(b"key%d" % number for number in range(6))])
    assert b"failed" not in answer.results[0].stdout, answer.results[0]
    outputs = [json.loads(line) for line in answer.results[0].stdout.splitlines() if b"{" in line]
    assert all(output["changed"] for output in outputs)
    assert len(outputs) == 6, answer.results[0]
    lines = [line for line in answer.results[0].stdout.splitlines() if line.endswith(b" v")]
    assert sorted(lines) == [key + b" v" for key in keys]
    assert answer.results[1].code == 0
    assert answer.results[2].stdout.splitlines() == [
        *(key + b"\tv" for key in keys), b"done", b"t", b"t.db"
    ]  # fmt: skip


KILLS = {"hash": 3, "btree": 1, "lmdb": 1, "cdb": 1}


@pytest.mark.parametrize("kind", KILLS)
def test_a_killed_run_leaves_the_old_or_the_new(machine, collection, seed, kind):
    machine.push({"/opt/killed.py": (HERE / "killed.py").read_bytes()})
    words = [kind, "100000", str(many(KILLS[kind])), str(seed)]
    command = ["env", f"PYTHONPATH={collection}", "python3", "/opt/killed.py", *words]
    result = machine.run(command, timeout=many(500))
    assert result.code == 0, result.stderr.decode()
    found = json.loads(result.stdout)
    assert found["killed"] == many(KILLS[kind])
    assert found["looks"] > 100
    assert found["files"] == ["t", f"t.{SUFFIXES[kind]}"], "what a killed run left is gone"
