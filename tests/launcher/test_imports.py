"""Whichever module of the launcher is imported first, all it needs can be imported."""

import subprocess
import sys

from launcher.settings import ROOT

SCRIPT = """\
import importlib, pkgutil, sys

import launcher

NAMES = sorted(found.name for found in pkgutil.walk_packages(launcher.__path__, "launcher."))
for name in NAMES:
    if not name.endswith("__main__"):
        for known in [each for each in sys.modules if each.split(".")[0] == "launcher"]:
            del sys.modules[known]
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            # What is installed only once it is asked for: paper, board.
            if error.name.split(".")[0] == "launcher":
                raise
        print(name)
"""


def test_each_module_can_be_imported_first():
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "launcher.providers\n" in ran.stdout
