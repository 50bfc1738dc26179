# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that were made of machines: whether one can be taken, and how they come and go."""

from __future__ import annotations

import contextlib
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._provider.plan import LABEL_BASE, LABEL_LAB

NAMELESS = "<none>:<none>"


def of_lab(client: Any, lab: str) -> dict[str, list[str]]:
    """Return the names of each image of a lab, by its ID; one that has lost its names has none."""
    # client.images.list() asks for each once more, which another run may have removed by then.
    found = client.api.images(filters={"label": f"{LABEL_LAB}={lab}"})
    return {
        image["Id"]: [name for name in image["RepoTags"] or [] if name != NAMELESS]
        for image in found
    }


def is_of_base(engine: Any, image: str, base: str) -> bool:
    """Tell whether there is an image that was made of a machine of this base image."""
    if not image:
        return False
    try:
        found, wanted = engine.client.images.get(image), engine.client.images.get(base)
    except engine.sdk.errors.ImageNotFound:
        return False
    return found.labels.get(LABEL_BASE) == wanted.id


def commit(engine: Any, container: Any, image: str, base: str) -> None:
    """Make an image of a machine; raises what the engine does."""
    labels = {LABEL_LAB: engine.lab, LABEL_BASE: engine.client.images.get(base).id}
    repository, tag = image.rsplit(":", 1)
    changes = [f'LABEL {name}="{value}"' for name, value in labels.items()]
    container.commit(repository, tag, changes=changes)


def discard_older(engine: Any, made: list[str]) -> None:
    """Remove images of the same states, whose names differ in the digest behind the last hyphen."""
    states = {name.rpartition("-")[0] for name in made}
    for image, names in engine.images().items():
        older = [name for name in names if name not in made and name.rpartition("-")[0] in states]
        # One without a name had one of these, and another base image.
        for name in older if names else [image]:
            with contextlib.suppress(engine.sdk.errors.APIError):  # A machine still runs from it.
                engine.client.images.remove(name)


def remove_all(engine: Any) -> None:
    """Remove all images of the lab, those that others were made from after these."""
    found = engine.images()
    # By its name, one that has others made from it goes with the last of these.
    names = [name for each in found.values() for name in each]
    for name in [*names, *(image for image, known in found.items() if not known)]:
        with contextlib.suppress(engine.sdk.errors.ImageNotFound):
            engine.client.images.remove(name, force=True)
