"""Tables that hold secrets go by a task of their own, which nobody logs."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.support.role_variables import evaluate

TASKS = Path(__file__).resolve().parents[3] / "roles/postfix/tasks/configuration.yml"
MAPS = {
    "aliases": {"path": "/etc/aliases", "entries": {"a": "b"}},
    "passwords": {"entries": {"a.test": "user:secret"}, "sensitive": True},
    "more": {"content": "b.test user:secret", "sensitive": "yes"},
    "plain": {"entries": {"c": "d"}, "sensitive": False},
}


def tables(name):
    """Return the names of the tables that a variable of the role holds."""
    given = {"postfix_maps": MAPS, "postfix_chain": {}, "postfix_base": "stock"}
    return [table["path"] for table in evaluate("postfix", name, **given)]


def test_each_table_goes_by_one_of_the_two():
    assert tables("__postfix_open_tables") == ["/etc/aliases", "plain"]
    assert tables("__postfix_secret_tables") == ["passwords", "more"]


def test_the_task_of_secrets_is_not_logged():
    tasks = yaml.safe_load(TASKS.read_text())
    logged = {
        task["labs.mail.postfix_map"]["tables"]: not task.get("no_log", False)
        for task in tasks
        if "labs.mail.postfix_map" in task
    }
    assert logged == {
        "{{ __postfix_open_tables }}": True,
        "{{ __postfix_secret_tables }}": False,
    }
