"""Pages: several records in one JSON text, as the Events API or a script of somebody's hands them out."""

import msgspec


class _Page(msgspec.Struct):
    """An answer of the Events API, or of Datadog's Logs Search API (`data`)."""

    cursor: object = msgspec.UNSET
    items: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET
    data: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


def page_items(text: bytes) -> list[bytes] | None:
    """Return the records of a page or an array, each with its own bytes; None for what is neither.

    >>> page_items(b'{"cursor":"c","items":[{"uuid": 1}]}'), page_items(b'{"uuid":1}')
    ([b'{"uuid": 1}'], None)
    """
    try:
        page = msgspec.json.decode(text, type=_Page | list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if isinstance(page, list):
        return [bytes(item) for item in page]
    if page.items is None and page.cursor is not msgspec.UNSET:
        return []  # Go's way to write an empty list
    found = page.items if isinstance(page.items, list) else page.data
    return [bytes(item) for item in found] if isinstance(found, list) else None
