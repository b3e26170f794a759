"""The file in which a rule's expectations are written, one file a rule."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from scenarios.document import Document, ScenarioError
from scenarios.expectation import WITHIN, Expectation, Expectations, scenario_of
from scenarios.mismatch import Mismatch, shown
from scenarios.scenario import find, library
from scenarios.step import Part, Prose

_SHELF = Path(__file__).parent / "expectations"
_FIELD = "expectations"

Promise = Annotated[
    str,
    Meta(pattern=rf"^(silence|{WITHIN}\d{{1,9}}(ms|s|m|h|d))$", description="signal within 15m, or silence"),
]
"""What a rule owes: a signal that comes in time, or none at all."""


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


def load_expectations(path: Path, cases: Collection[str] = ()) -> Expectations:
    """Return the expectations in the YAML file *path*.

    They may be about scenarios of the library, about *cases*, given by id, and about scenarios in a file
    ``<id>.yaml``, to be looked for from the directory of *path* and from the one above it. Raise
    `ScenarioError`, one line with file, line, field, found and legal, for anything else.
    """
    document = Document.read(path)
    entries: dict[str, Expectation] = {}
    for written, promise in _entries(document):
        case = _case(document, written, cases)
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
        within = promise.removeprefix(WITHIN)
        return Expectation("silence") if within == promise else Expectation("signal", within=within)
    if promise.missed is not None:
        return Expectation("missed", reason=promise.missed)
    return Expectation("noisy", reason=promise.noisy or "")


def _case(document: Document, written: str, cases: Collection[str]) -> str:
    """Return the id of the scenario or case that is *written*, its arguments in the order of their declaration."""
    scenario, ids = scenario_of(written), {*library(), *cases, *map(scenario_of, cases)}
    if written in ids or (written == scenario and _beside(document.path, scenario)):
        return written
    if scenario not in library():
        near = get_close_matches(scenario, sorted(ids), n=3, cutoff=0.4) or sorted(ids)[:1]
        raise document.complaint(Mismatch((_FIELD, written), "no scenario of that id", f"an id like {', '.join(near)}"))
    place = f"{document.path}:{document.line((_FIELD, written))}: {_FIELD}.{written}"
    try:
        (case,) = find([written])
    except ScenarioError as error:
        _, _, problem = str(error).rpartition(": found ")
        raise ScenarioError(f"{place}: found {problem}") from error
    return case


def _beside(path: Path, scenario: str) -> bool:
    """Whether there is a file of that id where those that keep their expectations with their scenarios have it."""
    return any((above / f"{scenario}.yaml").is_file() for above in (path.parent, path.parent.parent))
