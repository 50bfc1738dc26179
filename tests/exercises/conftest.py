"""The lab is brought to every stage of every exercise: see tests/support/reset_lab.py."""

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.model import way_to

pytest_plugins = ["tests.support.lab", "tests.support.reset_lab"]

LAST = ["~"]
"""After the names of all exercises."""


def pytest_collection_modifyitems(items):
    """Go from each exercise to those after it, stage by stage: so little changes between tests.

    Beside resets by hand comes last: it starts from the images that these save.
    """
    items.sort(key=_way)
    if any(_way(item) == LAST for item in items):
        items.sort(key=_is_by_hand)


def _is_by_hand(item):
    return getattr(item, "originalname", "") == "test_by_hand"


def _way(item):
    if "exercise" not in getattr(item, "fixturenames", ()):
        return LAST
    return [each.name for each in way_to(item.callspec.params["exercise"], catalogue())]
