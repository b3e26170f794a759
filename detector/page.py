"""Pages: several records in one JSON text, as an API or a script of somebody's hands them out."""

from typing import Any, Final, NamedTuple

import msgspec

_COMPLETE: Final = "done"
"""Datadog's `meta.status` of a search that ran to its end; the other is `timeout` (LogsAggregateResponseStatus)."""


class Page(NamedTuple):
    """The records of a page, each with its own bytes."""

    items: list[bytes]
    field: str
    """Where they stand in the page: `items` of 1Password's Events API or of an array, `data` of Datadog's."""
    missing: str
    """Why records may be missing from it, as one line of found and legal; empty where nothing says so."""


class _Meta(msgspec.Struct):
    """What Datadog says of a search; with warnings, "partial results might be returned" (its API reference)."""

    status: Any = _COMPLETE
    warnings: Any = None


class _Page(msgspec.Struct):
    """An answer of the Events API, or of Datadog's Logs Search API (`data`)."""

    cursor: object = msgspec.UNSET
    items: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET
    data: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    meta: msgspec.Raw = msgspec.Raw(b"null")


def read_page(text: bytes) -> Page | None:
    """The page or array in *text*; None for what is neither.

    >>> read_page(b'{"data":[{"id":"a"}],"meta":{"status":"timeout"}}').missing
    "meta.status: found 'timeout'; legal: 'done', as the search was cut short and its results lack records"
    """
    try:
        page = msgspec.json.decode(text, type=_Page | list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if isinstance(page, list):
        return Page([bytes(item) for item in page], "items", "")
    if page.items is None and page.cursor is not msgspec.UNSET:
        return Page([], "items", "")  # Go's way to write an empty list
    if isinstance(page.items, list):
        return Page([bytes(item) for item in page.items], "items", "")
    if isinstance(page.data, list):
        return Page([bytes(item) for item in page.data], "data", _missing(page.meta))
    return None


def page_items(text: bytes) -> list[bytes] | None:
    """The records of a page or an array, each with its own bytes; None for what is neither.

    >>> page_items(b'{"cursor":"c","items":[{"uuid": 1}]}'), page_items(b'{"uuid":1}')
    ([b'{"uuid": 1}'], None)
    """
    page = read_page(text)
    return None if page is None else page.items


def _missing(meta: msgspec.Raw) -> str:
    try:
        told = msgspec.json.decode(meta, type=_Meta | None) or _Meta()
    except msgspec.DecodeError:  # an object of somebody else's, which says nothing of a search
        return ""
    if told.status not in (_COMPLETE, None):
        why = "as the search was cut short and its results lack records"
        return f"meta.status: found {told.status!r}; legal: {_COMPLETE!r}, {why}"
    if told.warnings:
        return f"meta.warnings: found {_shown(told.warnings)}; legal: none, as results with warnings may lack records"
    return ""


def _shown(warnings: Any) -> str:
    """The first warning in Datadog's own words, on one line."""
    first = warnings[0] if isinstance(warnings, list) else warnings
    words = [first.get(name) for name in ("code", "title", "detail")] if isinstance(first, dict) else [first]
    return repr(": ".join(str(word) for word in words if word))
