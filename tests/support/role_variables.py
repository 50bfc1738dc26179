"""The variables of a role, evaluated as a task of it would: templates, look-ups and filters.

Ansible finds a collection's plugins only where Python has not imported it by itself before, so that
this is a process of its own, which answers by lines of JSON.
"""

from __future__ import annotations

import ast
import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def evaluate(role: str, name: str, **given: Any) -> Any:
    """Return a variable of a role, with others given. Raises ValueError with what is refused."""
    process = evaluator()
    assert process.stdin and process.stdout
    # As Python has it: keys of JSON are texts alone.
    process.stdin.write(f"{[role, name, given]!r}\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    if "refused" in answer:
        raise ValueError(answer["refused"])
    return answer["value"]


@functools.cache
def evaluator() -> subprocess.Popen[str]:
    """Return the process that evaluates; it ends with this one, which closes its input then."""
    return subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache"),
        },
    )


def main() -> None:
    from ansible.errors import AnsibleError
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.loader import init_plugin_loader
    from ansible.template import Templar

    init_plugin_loader()

    @functools.cache
    def of_role(role: str) -> dict[str, Any]:
        """Return what a role's files say of its variables, unevaluated."""
        place = ROOT / "roles" / role
        variables: dict[str, Any] = {"role_path": str(place), "ansible_search_path": [str(place)]}
        for file in ("defaults/main.yml", "vars/main.yml"):
            if (place / file).exists():
                variables |= DataLoader().load_from_file(
                    str(place / file), trusted_as_template=True
                )
        return variables

    for line in sys.stdin:
        role, name, given = ast.literal_eval(line)
        templar = Templar(loader=DataLoader(), variables={**of_role(role), **given})
        try:
            answer = {"value": templar.template(of_role(role)[name])}
        except AnsibleError as error:
            cause: BaseException = error
            while cause.__cause__:
                cause = cause.__cause__
            answer = {"refused": str(cause)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
