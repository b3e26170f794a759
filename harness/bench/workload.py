"""Workloads: which events the benchmark puts to a store, as YAML files."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import yaml
from msgspec import Meta

from scenarios.duration import DAY, Duration
from scenarios.mismatch import Mismatch, explain
from simulator.document import Document

_SUFFIX: Final = ".yaml"
_ORDER: Final = ("learning", "steady", "onboarding", "high-cardinality", "expiry")

_LONGEST: Final = 3660 * DAY
LONG_AGO: Final = 29
"""From so many days on, what was seen on the first day is forgotten: the shipped rule's `forgetAfter`, and one."""

Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1, le=50_000_000)]
Day = Annotated[int, Meta(ge=0, le=366)]


class WorkloadError(ValueError):
    """A workload cannot be used; the text is one line with file, line, field, found and legal."""


class Workload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A load phase and a run phase. A pair is a person with a value that the rule watches of them."""

    description: str
    people: Count
    """Whose pairs there are; those who join later are not among them."""
    load: Share
    """Share of these people's habitual pairs that the load phase makes known."""
    events: Count
    """The most events that a run has; it ends sooner when its time is up."""
    new: Share
    """Share of a run's events that bring a known person's pair for the first time."""
    joining: Share
    """Share of a run's events of people of whom nothing was known, one person after the other."""
    expired: Share
    """Share of a run's events with a loaded pair that was forgotten; the load phase leaves such pairs behind."""
    day: Day
    """On which day after the first loaded event the run begins; what is new within the rule's learning is learned."""
    lasts: Duration
    """How much time of its own a run takes, from its first event to its last: `6h`."""
    lateness: Duration | None
    """How late an event can be, so that what is forgotten is swept out of the store; null: nothing is swept out."""
    metric: Literal["action", "item"]
    """What the rule watches: few values a person, or many."""
    skew: Literal["simulated", "uniform", "zipfian", "latest"]
    """Which known pair an event has: as often as in the simulated company, or by one of YCSB's distributions."""

    @property
    def known(self) -> float:
        """Share of a run's events with a pair that is known and is not forgotten."""
        return max(0.0, 1 - self.new - self.joining - self.expired)


def shipped_workloads() -> tuple[str, ...]:
    """The names of the workloads that come with the package.

    >>> shipped_workloads()[:2]
    ('learning', 'steady')
    """
    return _ORDER


def load_workload(name_or_path: str) -> Workload:
    """The shipped workload of that name, or the one in that file. Raises `WorkloadError`.

    >>> load_workload("expiry").day
    40
    """
    text = _text(name_or_path)
    try:
        document = Document.parse(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        line = mark.line + 1 if mark else 1
        found = problem or " ".join(str(error).split())
        raise WorkloadError(f"{name_or_path}:{line}: document: found {found}; legal: YAML") from None
    try:
        workload = msgspec.convert(document.value, Workload, dec_hook=_read)
        wrong = _conflict(workload)
    except msgspec.ValidationError as error:
        wrong = explain(error, document.value, Workload)
    if wrong:
        raise WorkloadError(f"{name_or_path}:{document.line(wrong.keys)}: {wrong}")
    return workload


def _conflict(workload: Workload) -> Mismatch | None:
    together = workload.new + workload.joining + workload.expired
    if not together <= 1 + 1e-9:  # so that what is no number is refused too
        return Mismatch(("new",), f"{together:g} with joining and expired", "together at most 1")
    if workload.expired and not workload.load:
        return Mismatch(("expired",), f"{workload.expired:g}", "0 where load is 0: nothing can have been forgotten")
    if workload.expired and workload.day < LONG_AGO:
        return Mismatch(("day",), f"{workload.day}", f"{LONG_AGO} or more, so that values are forgotten by then")
    if workload.lasts > _LONGEST:
        return Mismatch(("lasts",), workload.lasts.written, f"up to {Duration(_LONGEST).written}")
    return None


def _read(kind: Any, written: object) -> Any:
    return kind.parse(written)


def _text(name_or_path: str) -> str:
    if name_or_path in _ORDER:
        return (files("harness.bench") / "workloads" / f"{name_or_path}{_SUFFIX}").read_text("utf-8")
    try:
        return Path(name_or_path).read_text("utf-8-sig")
    except (OSError, ValueError):
        legal = f"{', '.join(_ORDER)}, or a YAML file"
        raise WorkloadError(f"--workload: found {name_or_path!r}; legal: {legal}") from None
