"""Edit a lookup table that stands in memory."""

from __future__ import annotations

from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.content import TableContent
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.editor import edit_entries
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.request import (
    EntryRequest,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import Postmap
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import TYPES


def set_entries(data: bytes, wanted: list[EntryRequest], purge: bool, syntax: Postmap) -> bytes:
    """Return the text of a table with its entries as they are asked for."""
    content = TableContent("/t", data, syntax, TYPES["hash"])
    return edit_entries(content, wanted, purge).data
