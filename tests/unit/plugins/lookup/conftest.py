"""Lookup plugins, made as Ansible's loader makes them."""

from __future__ import annotations

import pytest
import yaml
from ansible import constants


@pytest.fixture
def lookup():
    """Return a function that makes a plugin's lookup, which knows the plugin's options."""

    def lookup(plugin):
        made = plugin.LookupModule()
        made._load_name = f"labs.mail.{plugin.__name__.rpartition('.')[2]}"
        options = yaml.safe_load(plugin.DOCUMENTATION)["options"]
        constants.config.initialize_plugin_configuration_definitions(
            "lookup", made._load_name, options
        )
        return made

    return lookup
