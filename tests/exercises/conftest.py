"""A lab with a machine of each Debian release, brought to every stage of every exercise.

With MOLECULE_DEBIAN=13 in the environment it has a machine of that release alone.
"""

import os

import pytest

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.model import way_to
from tests.support.course_lab import Course

pytest_plugins = ["tests.support.lab"]

SUBNET = "172.30.187.0/24"


def pytest_collection_modifyitems(items):
    """Go from each exercise to those after it, stage by stage: so little changes between tests."""
    items.sort(key=_way)


def _way(item):
    if "course" not in item.fixturenames:
        return []
    return [each.name for each in way_to(item.callspec.params["exercise"], catalogue())]


@pytest.fixture(scope="session")
def course(copy):
    """The lab, which is taken down at the end."""
    lab = Course(copy, "course", SUBNET)
    lab.make("down", *lab.own)
    release = os.environ.get("MOLECULE_DEBIAN")
    if release:
        lab.up_on_one_release(release)
    else:
        lab.up_on_each_release()
    yield lab
    lab.make("down", *lab.own)
