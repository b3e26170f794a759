"""Evidence made by hand or drawn, for the tests of figures."""

from typing import Any

from hypothesis import strategies as st

from detector.instant import DAY, parse_instant
from detector.rules import shipped_rule
from harness.scorecard import Scorecard
from harness.scoring.evidence import ATTACK, FORGOTTEN, HABIT, LOOK_ALIKE, Evidence, Raised, Staged
from harness.scoring.score import scorecard

START = parse_instant("2026-01-08T00:00:00Z")


def signal(person: str = "ada", cause: str = HABIT, run: str | None = None, **more: Any) -> Raised:
    """A signal of plain habit, unless told otherwise."""
    told = {"opened_at": START, "is_new_person": False, "reward": 0.0, **more}
    return Raised(person=person, cause=cause, run=run, **told)


def incident(run: str = "attacks/x#1", **more: Any) -> Staged:
    """A missed incident of one event, an attack if its run says so."""
    kind = "attack" if run.startswith("attacks/") else "benign"
    told = {"person": "bob", "started_at": START, "detectable_at": None, "found_at": None, "events": 1, "reward": 0.0}
    return Staged(run=run, scenario=run.partition("#")[0], **{"kind": kind, **told, **more})


def evidence(raised: list[Raised] | None = None, staged: list[Staged] | None = None, **more: Any) -> Evidence:
    """Ten people in ten days of a thousand events, one of them an attack's."""
    told = {
        "stream": "seed 1",
        "unscored_signals": 0,
        "unscored_incidents": 0,
        "days": 10.0,
        "people": 10,
        "new_person_days": 0.0,
        "watched_events": 1000,
        "watched_attack_events": 1,
    }
    return Evidence(raised=raised or [], staged=staged or [], **{**told, **more})


def card_of(*evidences: Evidence, **more: Any) -> Scorecard:
    """The card of the shipped rule."""
    return scorecard(evidences, rule=shipped_rule(), **more)


@st.composite
def drawn(draw: st.DrawFn, stream: str = "seed 1") -> Evidence:
    """Evidence as it may come: from nothing at all to many signals of a few people."""
    runs = draw(st.lists(st.sampled_from(["attacks/x", "attacks/y", "benign/z"]), max_size=6))
    names = [f"{scenario}#{number}" for number, scenario in enumerate(runs)]
    shares = st.floats(0, 1, width=16)
    staged = [
        incident(
            run,
            events=draw(st.integers(0, 4)),
            reward=draw(shares) if run.startswith("attacks/") else 0.0,
            found_at=draw(st.none() | st.integers(START, START + DAY)),
            detectable_at=draw(st.none() | st.integers(START, START + DAY)),
        )
        for run in names
    ]
    raised = draw(st.lists(_signals(names), max_size=40))
    events = sum(each.events for each in staged) + len(raised)
    return evidence(
        raised,
        staged,
        stream=stream,
        days=draw(st.sampled_from([0.0, 1.0, 34.5])),
        people=draw(st.integers(0, 20)),
        watched_events=events,
        watched_attack_events=sum(each.events for each in staged if each.kind == "attack"),
    )


@st.composite
def _signals(draw: st.DrawFn, runs: list[str]) -> Raised:
    run = draw(st.sampled_from([None, *runs]))
    ordinary = st.sampled_from([HABIT, FORGOTTEN, "joiner"])
    cause = draw(ordinary) if run is None else ATTACK if run.startswith("attacks/") else LOOK_ALIKE
    person, is_new = draw(st.sampled_from(["ada", "bob", "cy"])), draw(st.booleans())
    return signal(person, cause, run, is_new_person=is_new, reward=draw(st.floats(0, 1, width=16)))
