"""Tables whose index holds what files hold (`postmap -F`), such as tls_server_sni_maps."""

from __future__ import annotations

import base64
import json

import pytest

from tests.differential.machines import Case

PACKAGE = "ansible_collections.labs.mail.plugins.modules"
KEY = b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0IG9mIHRoZSBrZXk=\n-----END PRIVATE KEY-----\n"
CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
SECRET = base64.b64encode(KEY)[:24]
FILES = {"k.pem": KEY, "c.pem": CERTIFICATE}
TYPES = {"hash": "db", "btree": "db", "lmdb": "lmdb", "cdb": "cdb"}


@pytest.fixture(scope="module")
def command(collection):
    """The command that runs a module, and the file with its arguments."""

    def command(module, name, **arguments):
        arguments = {"_ansible_diff": True, **arguments}
        words = ["env", f"PYTHONPATH={collection}", "FOLDER={dir}", "python3", "-m"]
        data = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
        return [*words, f"{PACKAGE}.{module}", name], {name: data}

    return command


@pytest.fixture
def table(command):
    def table(name, check=False, **more):
        tables = [{"path": "$FOLDER/t", **more}]
        return command("postfix_map", name, tables=tables, _ansible_check_mode=check)

    return table


def shell(script):
    return ["sh", "-c", script]


def outcome(result):
    assert result.stdout, result.stderr
    assert SECRET not in result.stdout + result.stderr
    assert b"secret" not in result.stdout + result.stderr
    return json.loads(result.stdout)


WRITE = shell('printf "a.test $PWD/k.pem $PWD/c.pem\\n" >t')


@pytest.mark.parametrize("kind", TYPES)
def test_a_table_of_files_is_made_compared_and_never_shown(machine, table, kind):
    real, files = table("real.json", type=kind, format="postmap_files")
    check, more = table("check.json", check=True, type=kind, format="postmap_files")
    query = ["postmap", "-F", "-q", "a.test", f"{kind}:t"]
    case = Case(
        {**FILES, **files, **more},
        [WRITE, real, query, real, shell("sed -i s/c2Vj/b2xk/ k.pem"), check, real, query, real],
    )
    results = machine.ask([case])[0].results
    made, again, told, done, last = (outcome(results[place]) for place in (1, 3, 5, 6, 8))
    assert made["tables"][0]["compile_reason"] == "missing"
    assert results[2].stdout.rstrip() == (KEY + b"\n" + CERTIFICATE).rstrip()
    assert (again["changed"], again["diff"]) == (False, [])
    assert told == done
    assert done["tables"][0]["compile_reason"] == "contents"
    assert done["diff"][0]["before"] == "# contents\na.test\t********\n"
    assert done["diff"][0]["after"] == "a.test\t********\n"
    assert b"b2xkcmV0" in results[7].stdout
    assert not last["changed"]


def test_plain_postmap_does_not_replace_an_index_of_files(machine, table):
    keep, files = table("keep.json")
    new, more = table("new.json", entries={"b.test": "x"})
    gone, other = table("gone.json", state="absent")
    files = {**FILES, **files, **more, **other}
    state = shell("sha256sum t.db; cat t")
    commands = [WRITE, shell("postmap -F hash:t"), state, keep, new, state, gone, shell("ls t*")]
    results = machine.ask([Case(files, commands)])[0].results
    for place in (3, 4):
        said = outcome(results[place])
        assert said["failed"]
        assert "write format: postmap_files" in said["msg"]
    assert results[2].stdout == results[5].stdout
    assert outcome(results[6])["changed"]
    assert results[7].code != 0


def test_a_file_that_is_not_there_is_named_at_its_line(machine, table):
    real, files = table("real.json", format="postmap_files")
    text = b"a.test /nowhere/k.pem\n"
    results = machine.ask([Case({"t": text, **files}, [real, shell("ls t.db")])])[0].results
    said = outcome(results[0])
    assert said["line"] == 1
    assert "/t:1: open /nowhere/k.pem: No such file" in said["msg"]
    assert results[1].code != 0


MAIN = b"tls_server_sni_maps = hash:${config_directory}/t\n"
LINTED = {
    "of files": ("postmap -F hash:t", []),
    "of files, without its text": ("postmap -F hash:t; rm t", []),
    "of files, of which one is another now": (
        "postmap -F hash:t; echo x >>c.pem",
        ["says something else than its index"],
    ),
    "of names": ("postmap hash:t", ["says something else than its index"]),
    "missing": (":", ["has no index"]),
    "missing, without its text": ("rm t", ["there is no table"]),
}


def test_what_lint_says_of_tables_of_files(machine, command):
    lint, files = command("postfix_lint_info", "lint.json", config_directory="$FOLDER")
    config = {"main.cf": MAIN, "master.cf": b"", **FILES, **files}
    cases = [Case(config, [WRITE, shell(script), lint]) for script, _messages in LINTED.values()]
    for (name, (_script, words)), answer in zip(LINTED.items(), machine.ask(cases)):
        found = [f["message"] for f in outcome(answer.results[2])["findings"]]
        assert len(found) == len(words), (name, found)
        for message, expected in zip(found, words):
            assert expected in message, name


def test_an_index_of_files_is_known_under_any_parameter(machine, command):
    lint, files = command("postfix_lint_info", "lint.json", config_directory="$FOLDER")
    main = b"transport_maps =\nindexed = hash:${config_directory}/t\nmynetworks = $indexed\n"
    config = {"main.cf": main, "master.cf": b"", **FILES, **files}
    case = Case(config, [WRITE, shell("postmap -F hash:t"), lint])
    assert outcome(machine.ask([case])[0].results[2])["findings"] == []


TWICE = b"relayhost = a\nrelayhost = b\n"


@pytest.mark.parametrize("kind", ["hash", "regexp"])
def test_a_warning_of_main_cf_is_not_one_of_the_table(machine, command, kind):
    row = "/x/ smtp:" if kind == "regexp" else "x.example smtp:"
    tables = [{"path": "t", "type": kind, "content": f"{row}\n"}]
    real, files = command("postfix_map", "r.json", tables=tables, config_directory="$FOLDER")
    [answer] = machine.ask([Case({"main.cf": TWICE, **files}, [real])])
    said = outcome(answer.results[0])
    assert not said.get("failed"), said
    assert said["changed"]
    [warning] = said["warnings"]
    assert "/main.cf:2: overriding earlier entry: relayhost=a" in str(warning)


def test_lint_gives_a_warning_of_main_cf_once_and_there(machine, command):
    lint, files = command("postfix_lint_info", "lint.json", config_directory="$FOLDER")
    main = TWICE + b"transport_maps = hash:${config_directory}/t\n"
    config = {"main.cf": main, "master.cf": b"", "t": b"x.example smtp:\n", **files}
    [answer] = machine.ask([Case(config, [shell("postmap hash:t"), lint])])
    found = outcome(answer.results[1])["findings"]
    assert [(f["path"].rpartition("/")[2], f["line"]) for f in found] == [("main.cf", 2)], found


def test_an_error_of_main_cf_names_main_cf_and_no_copy(machine, command):
    tables = [{"path": "t", "content": "a b\n"}]
    real, files = command("postfix_map", "r.json", tables=tables, config_directory="$FOLDER")
    [answer] = machine.ask([Case({"main.cf": b"smtputf8_enable\n", **files}, [real])])
    said = outcome(answer.results[0])
    assert said["failed"]
    assert "/tmp/tmp" not in said["msg"], said["msg"]
    assert "main.cf" in said["msg"]


def test_an_index_without_its_text_is_not_emptied(machine, table):
    keep, files = table("keep.json")
    commands = [shell("echo a b >t; postmap hash:t; rm t; sha256sum t.db"), keep]
    commands += [shell("sha256sum t.db; ls t")]
    results = machine.ask([Case(files, commands)])[0].results
    assert "there is an index and no text" in outcome(results[1])["msg"]
    assert results[2].stdout == results[0].stdout
