"""Marginals as a table for a terminal, or as JSON; of two logs side by side, with the distance between them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final, TypeAlias

from harness.durations import UNDEFINED, seconds_text
from simulator.marginals import Distances, Marginals, distances

Lines: TypeAlias = Iterator[tuple[str, list[str]]]
"""Lines of the table: what, and a value for each log."""

_COUNTS: Final = ("records", "people", "machines", "machine_records", "days", "repeats", "sign_ins", "audit_events")
_LEAST_SHOWN: Final = 0.001
_ACTIONS: Final = "actions"
_CLIENTS: Final = "clients"
_WEEK: Final = "at weekends"
_MEAN: Final = "events a person and day, mean"
_PERSON_DAYS: Final = "events a person and day: p50, p90, most"
_PERSONS: Final = "a person's mean events a day: p50, p90, most"
_FIRST: Final = "first actions a person and month"


def described_json(found: Sequence[Marginals]) -> dict[str, Any]:
    """The marginals of one log; of two, `first`, `second` and `distance`."""
    if len(found) == 1:
        return found[0].shown()
    return {"first": found[0].shown(), "second": found[1].shown(), "distance": asdict(distances(found[0], found[1]))}


def marginals_table(found: Sequence[Marginals]) -> str:
    """A line for each figure; shares and rates are those of humans."""
    from tabulate import tabulate

    compared = len(found) > 1
    far = _distances(distances(found[0], found[1])) if compared else {}
    rows = [(what, *values) for what, values in _lines(found)]
    if not compared:
        return tabulate(rows, headers=["figure", "value"], disable_numparse=True)
    return tabulate(
        [(*row, far.get(row[0], "")) for row in rows],
        headers=["figure", "first", "second", "distance"],
        disable_numparse=True,
    )


def _distances(apart: Distances) -> dict[str, str]:
    """The distances by the line that they stand on."""
    return {
        _ACTIONS: f"TV {apart.actions:.3f}",
        _CLIENTS: f"TV {apart.clients:.3f}",
        _WEEK: f"TV {apart.hours:.3f}",
        _MEAN: _relative(apart.events_a_day),
        _PERSON_DAYS: f"KS {apart.person_days:.3f}",
        _PERSONS: f"KS {apart.person_means:.3f}",
        _FIRST: _relative(apart.first_pairs),
    }


def _lines(found: Sequence[Marginals]) -> Lines:
    for name in _COUNTS:
        yield name.replace("_", " "), [f"{getattr(one, name):,}" for one in found]
    yield from _shares(_ACTIONS, [one.actions for one in found])
    yield from _shares("share of people who ever do", [one.action_people for one in found])
    yield from _shares(_CLIENTS, [one.clients for one in found])
    for what, text in _FIGURES.items():
        yield what, [text(one.shown()) for one in found]
    yield from _shares("sign-ins", [one.sign_in_shares for one in found])


def _shares(title: str, shares: Sequence[dict[str, float]]) -> Lines:
    """A line for the *title* and one for each name of which there is any."""
    names = sorted({name for one in shares for name, share in one.items() if share})
    if names:
        yield title, [""] * len(shares)
    for name in names:
        yield f"- {name}", [_share(one.get(name, 0.0)) for one in shares]


def _share(value: float) -> str:
    return f"{value:.1%}" if value >= _LEAST_SHOWN or not value else "< 0.1%"


def _spread(quantiles: dict[str, float]) -> str:
    return ", ".join(f"{quantiles[share]:.1f}".removesuffix(".0") for share in ("p50", "p90", "p100"))


def _number(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.3f}"


def _relative(difference: float | None) -> str:
    return UNDEFINED if difference is None else f"{difference:+.1%}"


_FIGURES: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    _WEEK: lambda shown: f"{shown['hour_of_week']['weekend']:.1%}",
    "from 22 to 06": lambda shown: f"{shown['hour_of_week']['night']:.1%}",
    "busiest hour": lambda shown: str(shown["hour_of_week"]["busiest"]),
    _MEAN: lambda shown: f"{shown['events_per_person_day']['mean']:.2f}",
    _PERSON_DAYS: lambda shown: _spread(shown["events_per_person_day"]),
    _PERSONS: lambda shown: _spread(shown["events_per_day_of_a_person"]),
    _FIRST: lambda shown: _number(shown["first_pairs_per_person_month"]),
    "late by more than a minute": lambda shown: f"{shown['lateness']['beyond_a_minute']:.2%}",
    "late by more than an hour": lambda shown: f"{shown['lateness']['beyond_an_hour']:.2%}",
    "late, p99": lambda shown: seconds_text(shown["lateness"]["p99_seconds"]),
}
