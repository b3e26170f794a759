"""The grid: the values that a sweep tries for each knob, and the settings that they make."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from msgspec.structs import replace

from detector.query import LEGAL_FIELD, is_field
from detector.rules import FORGET_MODES, LEARNING_SCOPES, MULTI_VALUES, NewValueRule
from harness.sweep.setting import Setting

LEARNING_METHODS: Final = ("duration", "threshold")
DURATIONS: Final = (0, 1, 3, 7, 14, 21)
"""Days of learning that are tried unless others are asked for, beside the rule's own."""
FORGETTING: Final = (1, 3, 7, 14, 21, 28, 30)
"""Days of remembering, likewise."""
_MOST_DAYS: Final = 30
_MOST_METRICS: Final = 5
_MOST_GROUPS: Final = 50
MOST_SETTINGS: Final = 10_000


class SweepError(ValueError):
    """A sweep cannot be made of what was asked for; the text is one line."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """For each knob the values to try; none: those of `settings`."""

    learning_method: Sequence[str] = ()
    learning_duration: Sequence[int] = ()
    forget_after: Sequence[int] = ()
    learning_scope: Sequence[str] = ()
    forget_mode: Sequence[str] = ()
    multi_value: Sequence[str] = ()
    group_by: Sequence[tuple[str, ...]] = ()
    metrics: Sequence[tuple[str, ...]] = ()


def settings(rule: NewValueRule, grid: Grid) -> list[Setting]:
    """The rule's own setting, then every other one of the grid around it, in order, those of one meaning once.

    A knob without values is tried over the usual days, or both of its readings; any other is left as the rule has it.
    Raises `SweepError` where they are too many.
    """
    own = Setting.of(rule)
    tried = {own.meaning(rule): own}
    for setting in _combined(own, grid):
        tried.setdefault(setting.meaning(rule), setting)
        if len(tried) > MOST_SETTINGS:
            raise SweepError(f"sweep: found more than {MOST_SETTINGS:,} settings; legal: fewer values")
    return list(tried.values())


def days(option: str, text: str, least: int) -> tuple[int, ...]:
    """The days of a comma list. Raises `SweepError`.

    >>> days("--forget-after", "7, 28", 1)
    (7, 28)
    """
    legal = f"whole days from {least} to {_MOST_DAYS}, separated by commas"
    return tuple(_day(option, each, least, legal) for each in _members(option, text, legal))


def names(option: str, text: str, legal: Sequence[str]) -> tuple[str, ...]:
    """The names of a comma list, each of them a legal one. Raises `SweepError`."""
    told = f"{', '.join(legal)}, separated by commas"
    found = _members(option, text, told)
    for name in found:
        if name not in legal:
            raise SweepError(f"{option}: found {name!r}; legal: {told}")
    return found


def fields(option: str, text: str) -> tuple[str, ...]:
    """The fields of a comma list; none, for `--group-by`, is everything together. Raises `SweepError`.

    >>> fields("--group-by", ""), fields("--metrics", "@evt.name,@vault_uuid")
    ((), ('@evt.name', '@vault_uuid'))
    """
    most = _MOST_GROUPS if option == "--group-by" else _MOST_METRICS
    if not text.strip() and option == "--group-by":
        return ()
    found = _members(option, text, LEGAL_FIELD)
    for name in found:
        if not is_field(name):
            raise SweepError(f"{option}: found {name!r}; legal: {LEGAL_FIELD}")
    if len(found) > most:
        raise SweepError(f"{option}: found {len(found)} fields; legal: at most {most}")
    return found


def _combined(own: Setting, grid: Grid) -> Iterator[Setting]:
    """Every combination, the own reading of what is open before others."""
    metrics = grid.metrics or (own.metrics,)
    several = any(len(each) > 1 for each in metrics)
    for group_by, watched, (method, duration, threshold), forget, scope, mode, multi in product(
        grid.group_by or (own.group_by,),
        metrics,
        _learning(own, grid),
        grid.forget_after or _with(own.forget_after, FORGETTING),
        grid.learning_scope or _with(own.learning_scope, LEARNING_SCOPES),
        grid.forget_mode or _with(own.forget_mode, FORGET_MODES),
        grid.multi_value or (_with(own.multi_value, MULTI_VALUES) if several else (own.multi_value,)),
    ):
        yield replace(
            own,
            learning_method=method,
            learning_duration=duration,
            learning_threshold=threshold,
            forget_after=forget,
            learning_scope=scope,
            forget_mode=mode,
            multi_value=multi,
            group_by=group_by,
            metrics=watched,
        )


def _learning(own: Setting, grid: Grid) -> list[tuple[str, int, int]]:
    """The ways of learning: method, days, threshold. Days mean nothing to a threshold, nor it to them."""
    ways: list[tuple[str, int, int]] = []
    for method in grid.learning_method or (own.learning_method,):
        if method == "duration":
            tried = grid.learning_duration or _with(own.learning_duration, DURATIONS)
            ways += [(method, each, own.learning_threshold) for each in tried]
        else:
            ways += [(method, own.learning_duration, threshold) for threshold in (0, 1)]
    return ways


def _with(own: Any, usual: Sequence[Any]) -> list[Any]:
    """Days in their order with the rule's own among them; of names, the rule's own first."""
    return sorted({own, *usual}) if isinstance(own, int) else list(dict.fromkeys([own, *usual]))


def _members(option: str, text: str, legal: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(each.strip() for each in text.split(",")))
    if "" in found:
        raise SweepError(f"{option}: found {text!r}; legal: {legal}")
    return found


def _day(option: str, text: str, least: int, legal: str) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text[:3]) <= _MOST_DAYS):
        raise SweepError(f"{option}: found {text!r}; legal: {legal}")
    return int(text)
