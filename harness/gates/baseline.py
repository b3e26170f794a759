"""Baselines: the figures of an earlier run, so that a pipeline fails where a rule got worse, however good it is.

Both runs are over the same streams, so that any difference is the rule's own, and the figures
themselves are compared, each with the same end of the other's interval under ``--gate-on lower``. Whether the
difference would show in other companies too is what `vaultdrill compare` answers.
"""

from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from harness.gates.figures import KINDS, Figure, Figures, Name
from harness.gates.gates import GateError, On, Verdict, figure_text, looked_at, verdict_on
from harness.output import json_text

OPTION: Final = "--baseline"
_ROUNDING: Final = 1e-9
"""By so much of itself a figure may differ from machine to machine, in the sums of its interval."""
_LEAST: Final[dict[Name, float]] = {"latency": 3_600}
"""What a tolerance is a share of at least; seconds."""
_STAGED: Final = "staged incidents"
_LONGEST: Final = 120
"""Characters of a value that is told in an error."""


class Subject(msgspec.Struct, frozen=True):
    """What a run was about; figures of different subjects are not compared."""

    verb: str
    rule: str
    """Its name: what it does may change, that is what baselines are for."""
    over: dict[str, Any]
    """The streams, by whatever they are made from."""
    incidents: int | None = None
    """How many were staged, those of the learning period too: no rule changes that. None before they are."""

    def facts(self) -> dict[str, Any]:
        """All of it, in the order in which a difference is told."""
        facts = {"verb": self.verb, "rule": self.rule, **self.over, _STAGED: self.incidents}
        told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(facts))  # as it is read again: lists, no tuples
        return told


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """What ``--write-baseline`` writes."""

    version: Literal[1] = 1
    subject: Subject
    figures: dict[Name, Figure]


def baseline_text(subject: Subject, figures: Figures) -> bytes:
    """The file of a baseline."""
    return json_text(Baseline(subject=subject, figures=figures)) + b"\n"


def read_baseline(path: Path) -> Baseline:
    """The baseline in *path*. Raises `GateError`."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Baseline)
    except OSError as error:
        raise GateError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GateError(f"{path}: {error}; legal: a baseline that --write-baseline wrote") from None
    if all(figure.value is None for figure in found.figures.values()):
        raise GateError(f"{path}: figures: found none that is defined; legal: at least one")
    return found


def compared(
    figures: Figures, subject: Subject, before: Baseline, source: Path, tolerance: float, on: On
) -> list[Verdict]:
    """A verdict for each of *figures*: none may be worse than *before* by more than *tolerance*.

    Of recall and precision that is a difference, of the others a share of what they were, of a latency under an hour a
    share of that hour: the best latency is none at all. A figure that was null is skipped; one that has become null
    fails. Raises `GateError` where the baseline is of another subject, or lacks a figure.
    """
    refuse_other(before.subject, subject, source)
    named = [name for name in KINDS if name in figures]
    missing = ", ".join(name for name in named if name not in before.figures)
    if missing:
        legal = f"all of {', '.join(named)}: write it anew with --write-baseline {source}, without {OPTION}"
        raise GateError(f"{source}: figures: found no {missing}; legal: {legal}")
    return [_compared(name, figures[name], before.figures[name], tolerance, on) for name in named]


def _compared(name: Name, figure: Figure, was: Figure, tolerance: float, on: On) -> Verdict:
    kind, reference = KINDS[name], looked_at(name, was, on)
    if reference is None:
        return Verdict(
            gate=OPTION,
            figure=name,
            outcome="skipped",
            on=on,
            bound=None,
            found=looked_at(name, figure, on),
            value=figure.value,
            low=figure.low,
            high=figure.high,
            reason=f"{figure_text(name, figure)}; the baseline has nothing to compare it with ({OPTION})",
        )
    room = tolerance if kind.is_share else tolerance * max(reference, _LEAST.get(name, 0))
    bound = reference - room if kind.more_is_better else reference + room
    told = f" less {kind.text(name, room)}" if kind.more_is_better else f" and {kind.text(name, room)} more"
    why = f", as before{told if room else ''}"
    return verdict_on(OPTION, name, figure, bound, on, why, _ROUNDING * abs(reference))


def refuse_other(was: Subject, now: Subject, source: Path) -> None:
    """Raise `GateError` with the first thing in which two subjects differ; *was* is that of the baseline *source*."""
    before, after = was.facts(), now.facts()
    for fact in dict.fromkeys([*before, *after]):
        found, legal = after.get(fact), before.get(fact)
        if found != legal and not (fact == _STAGED and found is None):
            told = f"found {_words(found)}; legal: {_words(legal)}, which the baseline is of, or another baseline"
            raise GateError(f"{source}: {fact}: {told}")


def _words(value: Any) -> str:
    told = "none" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}..."
