"""postfix_map with stand-ins for Postfix; tests/differential runs it with real ones."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.modules import postfix_map

COPY = 'case $3 in *:*) cp "${3#*:}" "${3#*:}.db";; esac\n'
"""A postmap whose index is a copy of the table."""


@pytest.fixture
def main(run, tmp_path, monkeypatch):
    """Run the module on one table, with a script in the place of Postfix's programs."""

    def main(script=COPY, check=False, **table):
        program = tmp_path / "program"
        program.write_text("#!/bin/sh\n" + script)
        program.chmod(0o755)
        monkeypatch.setattr(
            "ansible.module_utils.basic.AnsibleModule.get_bin_path",
            lambda *_arguments, **_more: str(program),
        )
        tables = [{"path": "t", "type": "hash", "verify": "mtime", **table}]
        return run(postfix_map.main, check, config_directory=str(tmp_path), tables=tables)

    return main


def test_an_index_of_a_text_that_has_changed_since_is_not_installed(main, tmp_path):
    """It would be one of another text, and look newer."""
    text = tmp_path / "t"
    text.write_text("a b\n")
    result = main(f"{COPY}echo c d >>{text}\n")
    assert "t: changed while its index was made; run this again" in result["msg"]
    assert not (tmp_path / "t.db").exists()
    assert main()["changed"]
    assert (tmp_path / "t.db").read_text() == text.read_text()


SECRET = "user:sesame"
OF_SECRETS = {
    "right": {"entries": {"a": SECRET}},
    "blank in a key": {"entries": {"a b": SECRET}},
    "no mapping": {"entries": [SECRET]},
    "two keys": {"entries": [{"a": SECRET, "b": SECRET}]},
    "no text": {"entries": {"a": {"b": SECRET}}},
    "row of two lines": {"content": f"a user:\n{SECRET}\n"},
    "rule without an end": {"content": f"/a {SECRET}\n", "type": "regexp"},
    "twice": {"content": f"a {SECRET}\na {SECRET}2\n", "on_warning": "warn"},
}


@pytest.mark.parametrize("table", OF_SECRETS.values(), ids=OF_SECRETS)
@pytest.mark.parametrize("sensitive", [True, False])
def test_nothing_that_is_said_quotes_a_secret(main, monkeypatch, table, sensitive):
    logged = []
    log = "ansible.module_utils.basic.AnsibleModule.log"
    monkeypatch.setattr(log, lambda _self, text, log_args=None: logged.append(f"{text} {log_args}"))
    # What Ansible adds to a result is cut down elsewhere.
    result = main(sensitive=sensitive, **table)
    assert ("sesame" in str([result, logged])) is not sensitive
    assert "Invoked with" in str(logged) or sensitive


def test_a_message_about_secrets_still_says_where(main):
    result = main(sensitive=True, content=f"a user:\n{SECRET}\n")
    assert (result["line"], result["failed"]) == (2, True)
    assert "t:2:1: ******** has no value" in result["msg"]
    assert "the value of 'a' is a dict" in main(sensitive=True, entries={"a": {"b": "c"}})["msg"]
