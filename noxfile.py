"""Sessions as contributors to collections know them: nox -l lists them.

lint, units, sanity and docs run the steps of `make test` with the pinned toolchain of this checkout
and without a network. The others are antsibull-nox's own, by antsibull-nox.toml: they install what
they need from PyPI, in the versions of ansible-core that the collection supports.
"""

# /// script
# dependencies = ["nox", "antsibull-nox"]
# ///

from __future__ import annotations

import antsibull_nox
import nox

nox.options.sessions = ["lint", "units", "sanity", "docs"]

antsibull_nox.load_antsibull_nox_toml()


def make(session: nox.Session, target: str, only: str = "") -> None:
    """Run a target of the Makefile, or only some of its steps; words of the command line go on."""
    steps = [f"only={only}"] if only else []
    session.run("make", target, *steps, *session.posargs, external=True)


@nox.session(venv_backend="none")
def lint(session: nox.Session) -> None:
    """Check style, types and the arrows between rooms, roles and playbooks, and the changelog."""
    make(session, "check", "lint changelog")


@nox.session(venv_backend="none")
def units(session: nox.Session) -> None:
    """Test engines, modules, lookups, roles' templates and the launcher, without a machine."""
    make(session, "check", "unit launcher")


@nox.session(venv_backend="none")
def sanity(session: nox.Session) -> None:
    """Run ansible-test sanity."""
    make(session, "test", "sanity")


@nox.session(venv_backend="none")
def docs(session: nox.Session) -> None:
    """Build the documentation site; warnings are errors."""
    make(session, "docs")
