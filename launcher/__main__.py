"""The command behind the Makefile: python -m launcher up|down|image|clean [NAME=value …]."""

from __future__ import annotations

import sys

import docker
import requests
from rich.console import Console
from rich.markup import escape

from launcher import engine, lab
from launcher.playbook import PlaybookError
from launcher.settings import SettingsError

VERBS = {"up": lab.up, "down": lab.down, "image": lab.build_images, "clean": lab.clean}


def main(arguments: list[str]) -> int:
    """Run a verb with variables in the letters of make; return the exit code."""
    verb, *words = arguments
    given = dict(word.split("=", 1) for word in words)
    console = Console(highlight=False)
    try:
        VERBS[verb](given, console)
    except (SettingsError, engine.EngineError, PlaybookError) as error:
        console.print(f"[bold red]{verb}[/]: {escape(str(error))}", soft_wrap=True)
        return 1
    except (docker.errors.DockerException, requests.RequestException) as error:
        reason = escape(str(error))
        console.print(f"[bold red]{verb}[/]: the container engine says: {reason}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted: run the same command again, it goes on from here.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
