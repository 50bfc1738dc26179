"""What is given to make reaches the launcher as it was written, whatever it is to a shell."""

import os
import subprocess

import pytest

from launcher.settings import ROOT

VALUES = ["it's", "a\nb", "x'; touch harm; echo '", "`touch harm`", 'a"b', "a\\", "a#b", "a,b)c"]


@pytest.mark.parametrize("where", ["on the command line", "in the environment"])
@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_one_word(value, where):
    clean = {
        name: each for name, each in os.environ.items() if not name.startswith(("MAKE", "MFL"))
    }
    alone = where == "in the environment"
    made = subprocess.run(
        ["make", "down", *([] if alone else [f"LAB={value}"])],
        cwd=ROOT,
        env={**clean, "LC_ALL": "C.UTF-8", **({"LAB": value} if alone else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.stdout.startswith(f"down: LAB={value.replace(chr(10), ' ')}: the name of a lab")
    assert "Syntax error" not in made.stderr
    assert not (ROOT / "harm").exists()
