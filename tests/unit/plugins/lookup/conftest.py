"""Lookup plugins, made as Ansible's loader makes them."""

from __future__ import annotations

import pytest
import yaml
from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar


@pytest.fixture
def lookup():
    """Return a function that makes the lookup of a plugin, which knows these variables."""

    def lookup(plugin, **variables):
        loader = DataLoader()
        made = plugin.LookupModule(loader=loader, templar=Templar(loader, variables))
        made._load_name = f"labs.mail.{plugin.__name__.rpartition('.')[2]}"
        options = yaml.safe_load(plugin.DOCUMENTATION)["options"]
        constants.config.initialize_plugin_configuration_definitions(
            "lookup", made._load_name, options
        )
        return made

    return lookup
