"""Judged: anybody's signals, joined with the truth about the dataset that they were raised on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from detector.instant import DAY, parse_instant
from detector.token import Key
from detector.verdict import UNSET
from harness.hindsight import Hindsight
from harness.scoring.causes import processes
from harness.scoring.evidence import ATTACK, FORGOTTEN, HABIT, LOOK_ALIKE, Evidence, Raised, Staged
from harness.scoring.ranges import Span, by_group, mean_reward, spans
from harness.scoring.register import Noted
from harness.submission import SignalSeen, events_held
from scenarios.ground_truth import Incident, Label

SETTLING_DAYS: Final = 7
"""Who is seen for the first time so soon after the start of a rule was there before it (assumption): not everybody
comes every day, and a rule that learns for less has not seen them yet."""


def judged(signals: Sequence[SignalSeen], hindsight: Hindsight, stream: str) -> Evidence:
    """The evidence of *signals* on the dataset of *hindsight*, by the name of *stream*.

    For signals of another tool *hindsight* has to be `asked` for the events that they hold. Such an event that the rule
    does not watch proves what a signal is by its label alone: it has no position, so it is in no range, and a signal of
    nothing else has a range-based reward of 0 and is nobody's (`""`). Raises `CauseError`.
    """
    scored = [s for s in signals if not hindsight.covers(parse_instant(s.opened_at), [m.uuid for m in s.matches])]
    bench = _Bench(hindsight, processes(hindsight.truth, events_held(scored)), scored)
    truth, register = hindsight.truth, hindsight.register
    end = parse_instant(truth.manifest.period.end)
    staged = [bench.staged(incident) for incident in truth.incidents if not hindsight.reviews[incident.run].learning]
    new_days = register.new_person_days(bench.new_since, hindsight.scored_from, end)
    return Evidence(
        stream=stream,
        raised=sorted(map(bench.raised, scored), key=_by_opening),
        staged=staged,
        unscored_signals=len(signals) - len(scored),
        unscored_incidents=len(truth.incidents) - len(staged),
        days=hindsight.scored_days(end),
        people=truth.people or len(register.first_seen),
        new_person_days=new_days if hindsight.scored_from != UNSET else 0.0,
        watched_events=register.scored,
        watched_attack_events=register.scored_attacks,
    )


def _by_opening(raised: Raised) -> tuple[int, str, str, str, float]:
    """By all that a signal is, so that its place does not depend on who produced it."""
    return raised.opened_at, raised.person, raised.cause, raised.run or "", raised.reward


@dataclass
class _Bench:
    """Judges signals and incidents one by one."""

    hindsight: Hindsight
    processes: Mapping[str, str]
    scored: Sequence[SignalSeen]

    def __post_init__(self) -> None:
        truth, reviews = self.hindsight.truth, self.hindsight.reviews
        self._labels, self._register = truth.labels, self.hindsight.register
        self._caught = truth.first_of_each_run(
            (match.uuid, parse_instant(match.timestamp)) for signal in self.scored for match in signal.matches
        )
        attacks = [incident.run for incident in truth.attacks if not reviews[incident.run].learning]
        self._attacked = by_group([self._register.spans.get(run, {}) for run in attacks])
        self._signalled = by_group([self._spans(signal) for signal in self.scored])
        self.new_since = self.hindsight.begun_at + DAY * max(self.hindsight.rule.learning_duration_days, SETTLING_DAYS)

    def raised(self, signal: SignalSeen) -> Raised:
        labels = [self._labels[match.uuid] for match in signal.matches if match.uuid in self._labels]
        noted, opened_at = self._noted(signal), parse_instant(signal.opened_at)
        person = noted[0].person if noted else ""
        return Raised(
            person=person,
            opened_at=opened_at,
            cause=self._cause(signal, labels, noted),
            run=_first_run(labels),
            is_new_person=self._register.is_new(person, opened_at, self.new_since),
            reward=mean_reward(self._spans(signal), self._attacked),
        )

    def staged(self, incident: Incident) -> Staged:
        review, run = self.hindsight.reviews[incident.run], incident.run
        own = self._register.spans.get(run, {})
        return Staged(
            run=run,
            scenario=incident.scenario,
            kind=incident.kind,
            person=incident.actor,
            started_at=review.started_at,
            detectable_at=review.detectable_at,
            found_at=self._caught.get(run),
            events=self._register.scored_of.get(run, 0),
            reward=mean_reward(own, self._signalled) if incident.kind == "attack" else 0.0,
        )

    def _cause(self, signal: SignalSeen, labels: Sequence[Label], noted: Sequence[Noted]) -> str:
        if labels:
            return ATTACK if any(label.kind == "attack" for label in labels) else LOOK_ALIKE
        brought = next((self.processes[match.uuid] for match in signal.matches if match.uuid in self.processes), None)
        if brought is not None:
            return brought
        return FORGOTTEN if noted and noted[0].recurs else HABIT

    def _noted(self, signal: SignalSeen) -> list[Noted]:
        noted = self._register.noted
        return [noted[match.uuid] for match in signal.matches if match.uuid in noted]

    def _spans(self, signal: SignalSeen) -> dict[Key, Span]:
        return spans((noted.group, noted.place) for noted in self._noted(signal))


def _first_run(labels: Iterable[Label]) -> str | None:
    """The first run among *labels*, of an attack before any other."""
    return next((label.run for label in sorted(labels, key=lambda label: label.kind != "attack")), None)
