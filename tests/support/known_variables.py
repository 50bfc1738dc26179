"""The variables that an exercise may set."""

from __future__ import annotations

import yaml

from ansible_collections.labs.mail.plugins.lookup.unknown_variables import ROLES, roles_variables

KNOWN = {
    *yaml.safe_load((ROLES.parent / "playbooks" / "group_vars" / "all.yml").read_text()),
    *(variable for variables in roles_variables(ROLES).values() for variable in variables),
}
