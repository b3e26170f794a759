"""The queries in a rule's document."""

from detector.document import Document
from detector.query import QueryError, compile_query


def filters(doc: Document) -> dict[str, tuple[str, ...]]:
    """Queries that keep events from the rule (`required`, `excluded`) or signals from the user (`suppressed`).

    Raises `RuleError`.
    """
    found: dict[str, list[str]] = {"required": [], "excluded": [], "suppressed": []}
    for index in range(doc.mappings("filters", 0, 100)):
        action = doc.choice(f"filters.{index}.action", ("require", "suppress"))
        found["required" if action == "require" else "excluded"].append(query(doc, f"filters.{index}.query"))
    places = ["", *(f"suppressions.{index}." for index in range(doc.mappings("suppressions", 0, 100)))]
    for place in places:
        if place and not doc.flag(f"{place}enabled", default=True):
            continue
        for name, kind in (("dataExclusionQuery", "excluded"), ("suppressionQuery", "suppressed")):
            if doc.find(f"{place}{name}"):
                found[kind].append(query(doc, f"{place}{name}"))
    return {kind: tuple(queries) for kind, queries in found.items()}


def query(doc: Document, path: str) -> str:
    """The query at *path*. Raises `RuleError` where there is none, or one that cannot be compiled."""
    text = doc.find(path)
    if text is None or not isinstance(text, str):
        raise doc.error(path, "a Datadog log search")
    try:
        compile_query(text)
    except QueryError as error:
        raise doc.error(path, f"Datadog log search as DESIGN.md lists it ({error})") from None
    return text
