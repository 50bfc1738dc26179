# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feeds as a reader opens them: RSS 2.0 (https://www.rssboard.org/rss-specification)."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.machine import fill, page_at
from ansible_collections.labs.mail.plugins.module_utils._checks.words import as_words, both
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    Observation,
    last_words,
)

CHANNEL = ("title", "link", "description")
"""What a channel must say of itself."""


def feed(context: CheckContext, given: dict[str, Any]) -> Observation:
    """Fetch a feed, and look for an item with this title, and with a link like this."""
    page = page_at(given["url"])
    return judge(as_words(page.text)["en"], given, context) if page.ok else page


def judge(text: str, given: dict[str, Any], context: CheckContext) -> Observation:
    """Tell whether a reader can open a feed, and finds the item in it."""
    # Few exercises have feeds, and every start on each machine would pay for the import.
    from xml.etree import ElementTree

    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        return Observation(False, both(f"it is no XML: {error}", f"ce n'est pas du XML : {error}"))
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or channel is None:
        tag = last_words(root.tag)
        return Observation(
            False,
            both(
                f'it begins with <{tag}>, and not with <rss version="2.0"><channel>',
                f'il commence par <{tag}>, et non par <rss version="2.0"><channel>',
            ),
        )
    for name in CHANNEL:
        if not (channel.findtext(name) or "").strip():
            return Observation(
                False, both(f"its channel has no <{name}>", f"son canal n'a pas de <{name}>")
            )
    return _item(channel, given, context)


def _item(channel: Any, given: dict[str, Any], context: CheckContext) -> Observation:
    title, link = (fill(given.get(name, ""), context) for name in ("title", "link"))
    items = channel.findall("item")
    for item in items:
        # Text alone: where a title has elements, what a message held has become markup.
        named = item.find("title")
        found = "" if named is None or len(named) else (named.text or "").strip()
        if re.search(title, found):
            target = (item.findtext("link") or "").strip()
            if re.search(link, target):
                return Observation(True, last_words(found))
            where = last_words(target)
            no_link = both("the item has no link", "l'élément n'a pas de lien")
            return Observation(
                False, both(f"its link: {where}", f"son lien : {where}") if where else no_link
            )
    if not items:
        return Observation(False, both("it has no item", "il n'a pas d'élément"))
    last = last_words((items[-1].findtext("title") or "").strip())
    return Observation(False, both(f"its last item: {last}", f"son dernier élément : {last}"))
