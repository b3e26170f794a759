"""The file in which a rule's expectations are written, one file a rule."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from scenarios.document import Document
from scenarios.expectation import WHERE_DETECTABLE, WITHIN, Expectation, Expectations
from scenarios.expectation_scope import Scope, ScopeError
from scenarios.mismatch import Mismatch, shown
from scenarios.scenario import Scenario
from scenarios.step import Part, Prose

_SHELF = Path(__file__).parent / "expectations"
_FIELD = "expectations"

Promise = Annotated[
    str,
    Meta(
        pattern=rf"^(silence|{WITHIN}\d{{1,9}}(ms|s|m|h|d)({WHERE_DETECTABLE})?)$",
        description=f"signal within 15m [{WHERE_DETECTABLE.strip()}], silence",
    ),
]
"""What a rule owes: a signal that comes in time, perhaps only where an event is detectable, or none at all."""


class KnownFault(Part, frozen=True, kw_only=True):
    """What a rule is known to get wrong, and why: an attack that it misses, or a look-alike that it takes for one.

    Exactly one of the two. The note has to be corrected as soon as the rule does better.
    """

    missed: Prose | None = None
    noisy: Prose | None = None


class ExpectationFile(Part, frozen=True, kw_only=True):
    """What the rule of that name owes, by the id of a scenario or of one of its cases."""

    rule: Prose
    expectations: dict[str, Promise | KnownFault]


def shipped_expectations(rule: str) -> Path | None:
    """Return the file of the library that says what the rule of that name owes, or None if there is none."""
    for path in sorted(_SHELF.glob("*.yaml")):
        document = Document.read(path)
        if document.convert(document.value, ExpectationFile).rule == rule:
            return path
    return None


def load_expectations(path: Path, played: Mapping[str, Scenario] | None = None) -> Expectations:
    """Return the expectations in the YAML file *path*.

    They may be about scenarios of the library, about those *played* now, given by case id, and about scenarios in a
    file ``<id>.yaml``, to be looked for from the directory of *path* and from those above it. Raise
    `ScenarioError`, one line with file, line, field, found and legal, for anything else.
    """
    document, scope = Document.read(path), Scope(path, played or {})
    entries: dict[str, Expectation] = {}
    for written, promise in _entries(document):
        try:
            case = scope.case(written)
            scope.check(case, promise)
        except ScopeError as error:
            raise document.complaint(Mismatch((_FIELD, written), error.found, error.legal)) from error
        if case in entries:
            raise document.complaint(Mismatch((_FIELD, written), f"{case} once more", "each case once"))
        entries[case] = promise
    return Expectations(document.convert(document.value, ExpectationFile).rule, path, entries)


def _entries(document: Document) -> Iterator[tuple[str, Expectation]]:
    """Yield each entry, read by itself, so that what is wrong with it is told with its line."""
    entries = document.value.get(_FIELD) if isinstance(document.value, dict) else None
    for written, value in entries.items() if isinstance(entries, dict) else ():
        promise: str | KnownFault = document.convert(value, Promise | KnownFault, (_FIELD, written))  # type: ignore[arg-type]
        if isinstance(promise, KnownFault) and (promise.missed is None) == (promise.noisy is None):
            raise document.complaint(
                Mismatch((_FIELD, written), shown(value), "either missed or noisy, with the reason")
            )
        yield written, _expectation(promise)


def _expectation(promise: str | KnownFault) -> Expectation:
    """Return what is written as one thing, whichever way it is written."""
    if isinstance(promise, str):
        within = promise.removesuffix(WHERE_DETECTABLE).removeprefix(WITHIN)
        if within == promise:
            return Expectation("silence")
        return Expectation("signal", within=within, where_detectable=promise.endswith(WHERE_DETECTABLE))
    if promise.missed is not None:
        return Expectation("missed", reason=promise.missed)
    return Expectation("noisy", reason=promise.noisy or "")
