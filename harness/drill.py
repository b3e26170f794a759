"""The drill: cases staged on a background for each seed, and what a rule, run over it, saw of each incident."""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import current_thread, main_thread
from typing import Any

from detector.rules import NewValueRule
from harness.background import Background
from harness.hindsight import Hindsight
from harness.injecting import NothingPlaced, inject
from harness.sighting import Round, Sighting
from harness.truth import read_truth
from scenarios.case_id import case_of, is_earlier
from scenarios.scenario import Scenario
from simulator.workers import Workers

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


@dataclass(frozen=True)
class Drill:
    """What a round depends on besides its seed: the rule, the cases by their ids, and where they are staged."""

    rule: NewValueRule
    cases: Mapping[str, Scenario]
    background: Background

    def rounds(self, seeds: Sequence[int], workers: int) -> Iterator[Round]:
        """Yield the round of each of *seeds*, in their order, made by so many processes; nothing stays on the disk."""
        with TemporaryDirectory(prefix="vaultdrill-") as scratch, _workers_end_at_once():
            drill = replace(self, background=self.background.ready(Path(scratch)))
            yield from Workers(min(workers, len(seeds)), partial(_open_stage, drill, Path(scratch))).make(seeds)

    def round(self, seed: int, scratch: Path) -> Round:
        """Play one round; *scratch* is an empty directory for what has to be written."""
        out = scratch / "staged"
        try:
            injected = inject(self.background.laid(seed, scratch), self.cases, seed, out)
        except NothingPlaced as error:
            return Round(seed, [], dict(error.not_placed))
        reviews = Hindsight(self.rule, read_truth(out)).reviews
        staged = [one for one in injected.incidents if not is_earlier(one.run)]
        sightings = [Sighting.of(seed, case_of(one.run), one, reviews[one.run]) for one in staged]
        return Round(seed, sightings, dict(injected.not_placed))


def _open_stage(drill: Drill, scratch: Path) -> Callable[[int], Round]:
    """What a process opens before its first round."""
    return partial(_play, drill, scratch)


def _play(drill: Drill, scratch: Path, seed: int) -> Round:
    with TemporaryDirectory(dir=scratch) as own:
        return drill.round(seed, Path(own))


@contextmanager
def _workers_end_at_once() -> Iterator[None]:
    """Where a signal is to end this process, end its workers first: a round takes longer than anybody waits."""
    former: dict[int, Any] = {}

    def end(number: int, frame: object) -> None:
        for worker in active_children():
            worker.terminate()
        former[number](number, frame)

    for name in _ENDING if current_thread() is main_thread() else ():
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and callable(signal.getsignal(number)):
            former[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
