"""Steps of checks as the runner takes them: with the defaults of their kind."""

from __future__ import annotations

from ansible_collections.labs.mail.plugins.module_utils._checks.step_schema import KINDS
from ansible_collections.labs.mail.plugins.module_utils._checks.steps import ACTIONS
from ansible_collections.labs.mail.plugins.module_utils._checks.words import as_words


def with_defaults(kind, given):
    """Return the attributes of a step with what its kind has where they say nothing."""
    return {**KINDS[kind].defaults, **given}


def take_step(kind, context, **given):
    """Take a step once, without waiting; returns what was seen."""
    return ACTIONS[kind](context, with_defaults(kind, given))


def said(seen, language="en"):
    """Return what was seen in one language."""
    return as_words(seen.text)[language]
