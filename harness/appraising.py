"""Appraising: a rule, or signals that somebody raised already, over streams with their truth, to one scorecard.

What the card was made from is kept with it, for the report: a stream may be gone when the next is asked for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from detector.dataset import FEEDS
from detector.rules import NewValueRule
from harness.hindsight import Hindsight, Review
from harness.scorecard import Outcome, Scorecard, caveat
from harness.scoring.evidence import Evidence
from harness.scoring.judged import judged
from harness.scoring.outcomes import with_unscored
from harness.scoring.score import score, scorecard
from harness.stages import Stage, Stages, together
from harness.streams import Stream
from harness.submission import SignalSeen, SummarySeen, Throughput, events_held
from harness.truth import read_truth
from scenarios.ground_truth import Incident
from simulator.writers import Manifest

Remembering = Callable[[Hindsight, str], Any]
"""Makes of the first stream, and its name, what a report draws of the rule's memory."""


@dataclass(kw_only=True)
class Appraisal:
    """A scorecard, and what it was made from; of signals that is kept where a report is to be made."""

    card: Scorecard = field(init=False)
    evidences: list[Evidence] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    incidents: dict[str, Sequence[Incident]] = field(default_factory=dict)
    """All that were staged, by stream."""
    reviews: dict[str, Mapping[str, Review]] = field(default_factory=dict)
    """By stream and run."""
    remembered: Any = None
    """What `Remembering` made of the first stream."""

    def keep(self, evidence: Evidence, hindsight: Hindsight, remembering: Remembering | None) -> None:
        """Keep what one stream brought."""
        if remembering is not None and not self.evidences:
            self.remembered = remembering(hindsight, evidence.stream)
        self.evidences.append(evidence)
        self.manifests.append(hindsight.truth.manifest)
        self.incidents[evidence.stream] = hindsight.truth.incidents
        self.reviews[evidence.stream] = hindsight.reviews

    def outcomes(self, scored: Sequence[Outcome]) -> list[Outcome]:
        """What became of all incidents that were staged, those that are not scored among them, stream by stream."""
        streams = self.incidents.items()
        told = (with_unscored(scored, staged, self.reviews[stream], stream) for stream, staged in streams)
        return list(chain.from_iterable(told))


@dataclass(frozen=True, kw_only=True)
class Appraiser:
    """How streams are appraised. *base_rate* is in attack incidents per person-year, *enabled_at* in nanoseconds.

    *stages* hear how long each part took; whoever makes the streams may have begun with ``simulate``.
    """

    base_rate: float
    enabled_at: int | None = None
    remembering: Remembering | None = None
    stages: Stages = field(default_factory=Stages)

    def of_rule(self, rule: NewValueRule, streams: Iterable[Stream]) -> Appraisal:
        """The rule run over every stream, one after the other. Raises the one-line errors of reading and scoring."""
        appraisal, stages = Appraisal(), self.stages
        for stream in streams:
            hindsight = self._hindsight("detect", rule, stream, ())
            stages.count("simulate", _records(hindsight.truth.manifest))
            with stages.during("judge"):
                signals = [msgspec.convert(signal.shown(), SignalSeen) for signal in hindsight.signals]
                evidence = judged(signals, hindsight, stream.name)
            stages.count("judge", len(signals))
            with stages.during("report"):
                appraisal.keep(evidence, hindsight, self.remembering)
        with stages.during("score"):
            note = " ".join(dict.fromkeys(caveat(manifest.seed) for manifest in appraisal.manifests))
            card = scorecard(appraisal.evidences, rule=rule, base_rate=self.base_rate, note=note)
        told = stages.told()
        outcomes = appraisal.outcomes(card.outcomes)
        appraisal.card = replace(card, outcomes=outcomes, stages=told, throughput=_pace(told))
        return appraisal

    def of_signals(
        self, signals: Sequence[SignalSeen], rule: NewValueRule, stream: Stream, summary: SummarySeen
    ) -> Appraisal:
        """What somebody raised on one stream, and after the stages of *summary* those of scoring it.

        Raises the one-line errors of reading and scoring.
        """
        appraisal, stages = Appraisal(), self.stages
        hindsight = self._hindsight("hindsight", rule, stream, events_held(signals))
        with stages.during("score"):
            card = score(signals, hindsight, summary, self.base_rate, stream=stream.name)
        stages.count("score", len(signals))
        if self.remembering is not None:
            with stages.during("report"):
                appraisal.keep(judged(signals, hindsight, card.streams[0]), hindsight, self.remembering)
        appraisal.card = replace(card, stages=together(summary.stages, stages.told()))
        return appraisal

    def _hindsight(self, name: str, rule: NewValueRule, stream: Stream, asked: Iterable[str]) -> Hindsight:
        """The rule run over one stream, as the stage *name*."""
        with self.stages.during("read truth"):
            truth = read_truth(stream.dataset)
        with self.stages.during(name):
            hindsight = Hindsight(rule, truth, self.enabled_at, frozenset(asked))
        self.stages.count(name, _records(truth.manifest))
        return hindsight


def _pace(stages: Sequence[Stage]) -> Throughput:
    """How fast the rule went through the streams, with all that hindsight asks beside it."""
    detected = next(stage for stage in stages if stage.name == "detect")
    return Throughput(detected.events_per_second, detected.seconds)


def _records(manifest: Manifest) -> int:
    """How many records there are to be read."""
    return sum(file.records for name, file in manifest.files.items() if Path(name).stem in FEEDS)
