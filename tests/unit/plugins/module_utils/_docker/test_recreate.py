"""Which images of states are taken, made and discarded; no engine is behind it."""

from __future__ import annotations

from types import SimpleNamespace

import docker
import pytest

from ansible_collections.labs.mail.plugins.module_utils._docker import recreate
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import LABEL_BASE, Machine

BASE = "maillab/machine:12"
STATE = "maillab/state:maillab-student1.queues.start-0123456789abcdef"
OLDER = "maillab/state:maillab-student1.queues.start-fedcba9876543210"
OTHER = "maillab/state:maillab-student1.queues_more.start-fedcba9876543210"
CLASS = "maillab/state:maillab-class.queues.start-0123456789abcdef"
OLDER_CLASS = "maillab/state:maillab-class.queues.start-fedcba9876543210"
MACHINE = Machine("maillab-student1", BASE, "12", "172.30.177.11", state_image=STATE)
TEMPLATE = Machine("maillab-template", BASE, "12", "172.30.177.249", class_image=CLASS)


class Images:
    """Images by their names, which can be removed."""

    def __init__(self, **bases):
        self.found = {BASE: SimpleNamespace(id="sha256:base", labels={}, tags=[BASE])}
        for name, base in bases.items():
            tags = [] if name.startswith("sha256:") else [name]
            self.found[name] = SimpleNamespace(id=name, labels={LABEL_BASE: base}, tags=tags)

    def get(self, name):
        if name not in self.found:
            raise docker.errors.ImageNotFound(name)
        return self.found[name]

    def of_lab(self):
        return {image.id: image.tags for name, image in self.found.items() if name != BASE}

    def remove(self, name):
        del self.found[name]


class Container:
    """A machine that runs, and is kept as an image."""

    def __init__(self, images, code=0, refusal=None):
        self.images = images
        self.code = code
        self.refusal = refusal
        self.killed = False

    def kill(self):
        self.killed = True

    def exec_run(self, command):
        assert command[:4] == ["tar", "-C", "/", "-cf"]
        return self.code, b"tar: no room"

    def commit(self, repository, tag, changes):
        assert f'LABEL {LABEL_BASE}="sha256:base"' in changes
        if self.refusal:
            raise self.refusal
        name = f"{repository}:{tag}"
        labels = {LABEL_BASE: "sha256:base"}
        self.images.found[name] = SimpleNamespace(id=name, labels=labels, tags=[name])


def engine(images, container=None):
    client = SimpleNamespace(images=images, containers=SimpleNamespace(get=lambda _name: container))
    return SimpleNamespace(client=client, sdk=docker, lab="maillab", images=images.of_lab)


@pytest.mark.parametrize(
    ("images", "taken"),
    [
        ({}, ""),
        ({STATE: "sha256:base"}, STATE),
        ({STATE: "sha256:older base"}, ""),
        ({OLDER: "sha256:base"}, ""),
    ],
)
def test_an_image_is_taken_where_it_is_of_the_same_state_and_base(images, taken):
    assert recreate.usable(engine(Images(**images)), MACHINE) == taken


def test_an_image_is_made_and_takes_the_place_of_older_ones_of_the_state():
    images = Images(**{OLDER: "sha256:base", OTHER: "sha256:base", "sha256:1": "sha256:base"})
    assert recreate.snapshot(engine(images, Container(images)), [MACHINE]) == [STATE]
    assert set(images.found) == {BASE, STATE, OTHER}


def test_an_image_that_there_is_is_not_made_again():
    images = Images(**{STATE: "sha256:base"})
    assert recreate.snapshot(engine(images), [MACHINE]) == []


def test_a_machine_that_cannot_be_snapshotted_is_named():
    images = Images()
    with pytest.raises(EngineError, match="student1 cannot be snapshotted: tar: no room"):
        recreate.snapshot(engine(images, Container(images, code=2)), [MACHINE])


def test_a_template_becomes_an_image_and_is_gone():
    images = Images(**{OLDER_CLASS: "sha256:base", STATE: "sha256:base"})
    container, discarded = Container(images), []
    found = engine(images, container)
    found.discard = discarded.append
    recreate.make_templates(found, [TEMPLATE])
    assert set(images.found) == {BASE, STATE, CLASS}
    assert container.killed
    assert discarded == ["maillab-template"]


def test_a_template_of_which_no_image_can_be_made_is_named():
    refusal = docker.errors.APIError("500", explanation="no space left on device")
    images = Images(**{OLDER_CLASS: "sha256:base"})
    found = engine(images, Container(images, refusal=refusal))
    with pytest.raises(EngineError, match="of maillab-template: no space left"):
        recreate.make_templates(found, [TEMPLATE])
    assert set(images.found) == {BASE, OLDER_CLASS}
