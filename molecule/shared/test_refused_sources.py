"""What is said of a source of uw-imap that is missing, is another, or cannot be built."""

import json
import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])


@pytest.fixture
def said(host):
    return json.loads((FOLDER / f"said-{host.backend.get_hostname()}.json").read_text())


def test_a_source_that_is_not_there_is_named(said):
    assert "nowhere-to-be-found" in said["nowhere"]


def test_a_checksum_that_differs_is_shown(said):
    assert "no-server.tar has the SHA-256 checksum" in said["differs"]


def test_a_build_that_fails_shows_its_end_and_where_all_of_it_is(host, said):
    assert "No rule to make target" in said["broken"]
    log = "/var/log/labs-mail/uw-imap-from-source.log"
    assert log in said["broken"]
    assert "No rule to make target" in host.file(log).content_string
