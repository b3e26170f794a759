"""What is submitted to be scored: signals, whoever raised them, and the summary of the run that did."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import msgspec

from detector.instant import InstantError, parse_instant
from detector.parquet import MAGIC
from detector.rules import NewValueRule
from harness.stages import Stage


class SubmissionError(ValueError):
    """A file of signals or a summary cannot be read; the text is one line."""


class MatchSeen(msgspec.Struct, frozen=True):
    """What scoring needs of a match."""

    uuid: str
    timestamp: str


class SignalSeen(msgspec.Struct, frozen=True):
    """What scoring needs of a signal; one of another tool need not name its rule."""

    id: str
    opened_at: str
    matches: list[MatchSeen]
    rule: str | None = None


class Throughput(msgspec.Struct, frozen=True):
    """How fast a run was; None where nobody measured it."""

    events_per_second: float | None
    wall_seconds: float | None = None
    cpu_seconds: float | None = None


class Assumptions(msgspec.Struct, frozen=True, rename="camel"):
    """The knobs that a run's verdicts rest on; None where nobody says."""

    learning_scope: Literal["rule", "group"] | None = None
    forget_mode: Literal["sliding", "fixed"] | None = None
    multi_value: Literal["tuple", "any"] | None = None


class SummarySeen(msgspec.Struct, frozen=True):
    """What scoring takes from a summary: the pace, whole and by stage, and the knobs that the verdicts rest on."""

    throughput: Throughput
    assumptions: Assumptions = Assumptions()
    stages: tuple[Stage, ...] = ()

    def assumed(self, rule: NewValueRule) -> NewValueRule:
        """*rule* as it ran: with the knobs of the summary where it has any."""
        told = {name: value for name, value in msgspec.structs.asdict(self.assumptions).items() if value}
        return replace(rule, **told)


UNMEASURED = SummarySeen(Throughput(None))


def read_signals(path: Path, rule_name: str) -> list[SignalSeen]:
    """The signals in *path*, NDJSON or a JSON array; of several with one id the last, which holds the most matches.

    Raises `SubmissionError`, also for signals of another rule than *rule_name*.
    """
    seen: dict[str, SignalSeen] = {}
    for number, signal in _signals(path):
        if signal.rule not in (None, rule_name):
            raise SubmissionError(f"{path}:{number}: rule: found {signal.rule!r}; legal: {rule_name!r}, or give --rule")
        for field, text in [("opened_at", signal.opened_at), *(("timestamp", m.timestamp) for m in signal.matches)]:
            try:
                parse_instant(text)
            except InstantError as error:
                raise SubmissionError(f"{path}:{number}: {field}: {error}") from None
        seen[signal.id] = signal
    return list(seen.values())


def events_held(signals: Iterable[SignalSeen]) -> set[str]:
    """The uuids of the events that *signals* hold."""
    return {match.uuid for signal in signals for match in signal.matches}


def read_summary(path: Path | None) -> SummarySeen:
    """The summary that `detect` wrote to *path*, or one that knows nothing. Raises `SubmissionError`."""
    if path is None:
        return UNMEASURED
    try:
        return msgspec.json.decode(path.read_bytes(), type=SummarySeen)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SubmissionError(f"{path}: {error}; legal: a summary that `vaultdrill detect` wrote") from None


def _signals(path: Path) -> Iterator[tuple[int, SignalSeen]]:
    data = path.read_bytes()
    if data.startswith(MAGIC):
        raise SubmissionError(
            f"{path}: found Parquet; legal: signals as `vaultdrill detect` writes them, NDJSON or JSON"
        )
    for number, text in enumerate([data] if data.lstrip()[:1] == b"[" else data.split(b"\n"), 1):
        if not text.strip():
            continue
        try:
            found = msgspec.json.decode(text, type=SignalSeen | list[SignalSeen])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            legal = "signals as `vaultdrill detect` writes them"
            raise SubmissionError(f"{path}:{number}: {error}; legal: {legal}") from None
        for signal in found if isinstance(found, list) else [found]:
            yield number, signal
