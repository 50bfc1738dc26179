from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.labs.mail.plugins.filter.web_sites import FilterModule

web_sites = FilterModule().filters()["web_sites"]


def test_sites_become_files_and_a_configuration():
    made = web_sites({"www.etab.fr": {"files": {"index.html": "Bonjour"}}}, 8080)
    assert [file["path"] for file in made] == [
        "/var/www",
        "/var/www/www.etab.fr",
        "/var/www/www.etab.fr/index.html",
        "/etc/lighttpd/lighttpd.conf",
    ]
    assert "server.port = 8080\n" in made[-1]["content"]


def test_what_is_wrong_is_said_where_it_stands():
    with pytest.raises(AnsibleFilterError, match="web_server_sites.x: file is no attribute here"):
        web_sites({"x": {"file": {}}})
