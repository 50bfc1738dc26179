"""The variables that an exercise may set."""

from __future__ import annotations

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.variables import known_variables

KNOWN = known_variables()
