"""Reports made by hand, small and large, for the tests of the page."""

from itertools import product
from typing import Any

import msgspec
import numpy as np

from detector.instant import DAY, instant_text
from harness.report.html.baseline import MOST_PEOPLE, Baseline, Group, Memory, NewValue
from harness.report.html.report import Fate, Report
from harness.scorecard import (
    Floor,
    Floors,
    Latency,
    Load,
    Measure,
    Outcome,
    PredictiveValue,
    Ranges,
    Rate,
    Ratio,
    ScenarioRecall,
    Scorecard,
    Tenure,
)
from harness.scoring.evidence import Evidence, Raised
from harness.submission import Throughput
from harness.sweep.result import SweepResult, Swept

BEGIN = 1_767_571_200 * 10**9  # 2026-01-05
ACTIONS = ("fill", "reveal", "export", "share", "secure-copy")
CAUSES = ("habit", "forgotten", "look-alike", "attack", "joiner", "role-change", "first-cli", "rotation")


class Stage(msgspec.Struct):
    name: str
    events: int
    seconds: float
    share: float
    events_per_second: float | None
    peak_bytes: int | None


def setting(learning: int, forget: int, mode: str) -> Swept:
    return Swept(
        setting={"learning_duration": learning, "forget_after": forget, "forget_mode": mode, "metrics": ["@evt.name"]},
        learning=f"for {learning} d",
        precision=Ratio(forget, 60, 0.01, 0.9),
        recall=Ratio(30 - forget, 30, 0.1, 0.9),
        oracle=Ratio(20, 30),
        missed=forget,
        unscored_signals=0,
        signals=100,
        signals_per_day_per_1000=float(90 - 2 * forget - learning),
        signals_low=None,
        signals_high=None,
        latency_median_seconds=None,
        state_pairs=100,
        state_bytes=6_400,
        events=10_000,
        seconds=0.1,
        is_on_front=forget == 1,
        is_current=(learning, forget, mode) == (7, 28, "sliding"),
        is_comparable=learning < 14 or forget > 1,
        is_own_reading=mode == "sliding",
    )


def sweep() -> SweepResult:
    days = product((0, 7, 14), (1, 7, 14, 28), ("sliding", "fixed"))
    return SweepResult(
        rule="A rule",
        streams=["seed 1"],
        scored_after_days=14,
        settings=[setting(*each) for each in days],
        advice="Forget after 28 days rather than 7: the same recall at fewer signals.",
        hangs_on={"forget_mode": "no: with forgetMode fixed the same setting is best"},
        note="",
    )


def outcome(number: int, scenario: str, actor: str, *, found: bool | None, days: float = 42.0) -> Outcome:
    start = BEGIN + round((8 + number * 7 % (days - 9)) * DAY)
    return Outcome(
        run=f"{scenario}#{number}",
        scenario=scenario,
        kind="attack" if scenario.startswith("attacks/") else "benign",
        actor=actor,
        started_at=instant_text(start),
        detectable_at=instant_text(start),
        found=found,
        latency_seconds=0.0 if found else None,
        seconds_from_start=90.0 if found else None,
        stream="seed 1",
    )


def card(outcomes: list[Outcome], causes: dict[str, int], people: int, rule: str = "A rule", **other: Any) -> Scorecard:
    attacks = [each for each in outcomes if each.kind == "attack" and each.found is not None]
    others = [each for each in outcomes if each.kind != "attack" and each.found is not None]
    found, signals = sum(bool(each.found) for each in attacks), sum(causes.values())
    true = causes.get("attack", 0)
    scenarios = dict.fromkeys(each.scenario for each in outcomes)
    figures: dict[str, Any] = {
        "rule": rule,
        "streams": ["seed 1"],
        "precision": Ratio(true, signals, 0.03, 0.18, "wilson"),
        "recall": Ratio(found, len(attacks), 0.13, 0.58, "wilson"),
        "oracle": Ratio(found, len(attacks)),
        "look_alikes": Ratio(sum(bool(each.found) for each in others), len(others), 0.3, 0.8),
        "ranges": Ranges(Measure(0.1, 0.05, 0.2, signals), Measure(0.2, 0.1, 0.4, len(attacks))),
        "latency": Latency(found, 0.0, 0.0, 60.0),
        "latency_from_start": Latency(found, 90.0, 90.0, 90.0),
        "load": Load(signals, 35.0, people, 20.0, 40.0),
        "by_cause": {name: Rate(count, 35.0 * people, 1.0, 9.0) for name, count in causes.items()},
        "tenure": Tenure(Rate(3, 200.0), Rate(signals, 35.0 * people)),
        "ppv": PredictiveValue(0.01, 0.002, 0.3, 2.1, 0.001, 0.01),
        "floors": Floors(Floor(None, 0.0), Floor(0.01, 0.02)),
        "by_scenario": [_scenario(name, outcomes) for name in scenarios],
        "unscored_signals": 0,
        "unscored_incidents": len(outcomes) - len(attacks) - len(others),
        "outcomes": outcomes,
        "assumptions": {"learningScope": "rule"},
        "throughput": Throughput(200_000.0, 0.1),
        "stages": [
            Stage("read", 10_000, 0.1, 0.25, 100_000.0, 40_000_000),
            Stage("decide", 10_000, 0.3, 0.75, 33e3, None),
        ],
        "note": "On simulated people this is a self-test.",
    }
    return Scorecard(**(figures | other))


def _scenario(name: str, outcomes: list[Outcome]) -> ScenarioRecall:
    own = [each for each in outcomes if each.scenario == name]
    found = sum(bool(each.found) for each in own)
    return ScenarioRecall(name, own[0].kind, len(own), found, found, 0.1, 0.9)  # type: ignore[arg-type]


def report(people: int = 12, signals: int = 30, runs: int = 8, name: str = "person {}", **other: Any) -> Report:
    """A report on *people*, of whom the first *runs* are attacked or play a look-alike, every other one found."""
    draw = np.random.default_rng(1)
    names = [name.format(number) for number in range(people)]
    kinds = ("attacks/bulk-export", "attacks/everyday-actions", "benign/busy-day")
    outcomes = [outcome(n, kinds[n % 3], names[n % people], found=n % 2 == 0) for n in range(runs)]
    causes = [CAUSES[number % len(CAUSES)] for number in range(signals)]
    whose = draw.integers(people, size=signals)
    times = [BEGIN + round((8 + number * 33 / signals) * DAY) for number in range(signals)]
    raised = [
        Raised(names[who], at, cause, None, is_new_person=False, reward=0.0)
        for who, at, cause in zip(whose, times, causes, strict=True)
    ]
    evidence = Evidence(
        stream="seed 1",
        raised=raised,
        staged=[],
        unscored_signals=0,
        unscored_incidents=0,
        days=35.0,
        people=people,
        new_person_days=0.0,
        watched_events=10_000,
        watched_attack_events=100,
    )
    counts = {each: causes.count(each) for each in CAUSES if each in causes}
    told = [Fate(each, each.scenario, f"`reveal` was nothing new ({each.run})", "it knew `fill`") for each in outcomes]
    parts: dict[str, Any] = {
        "card": card(outcomes, counts, people),
        "evidences": [evidence],
        "fates": told,
        "begin": BEGIN,
        "end": BEGIN + 42 * DAY,
        "scored_from": BEGIN + 7 * DAY,
        "baseline": baseline(names),
        "sweep": sweep(),
        "origin": [("Seed", "1"), ("Rule", "A rule")],
    }
    return Report(**(parts | other))


def baseline(names: list[str], values: tuple[str, ...] = ACTIONS) -> Baseline:
    groups = [
        Group(
            name,
            100,
            {
                value: Memory(
                    10, [(float(place), 20.0), (22.0, 42.0)], [NewValue(22.0, ("attack", "benign", None)[n % 3])]
                )
                for place, value in enumerate(values)
                if (n + place) % 3
            },
            1,
            ["attack"] if n % 3 == 0 else [],
        )
        for n, name in enumerate(names[:MOST_PEOPLE])
    ]
    return Baseline(
        stream="seed 1",
        begin=BEGIN,
        days=42,
        learned_after=7.0,
        noun="person",
        values=list(values),
        unshown_values=0,
        groups=groups,
        of=len(names),
        everybody={value: [min(1.0, day / 40) for day in range(42)] for value in values},
    )
