"""Reporting: a scorecard, and what it was made from, put together to one report."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from detector.instant import DAY, parse_instant
from detector.rules import NewValueRule
from harness.hindsight import Review
from harness.output import counted
from harness.report.html.baseline import Baseline
from harness.report.html.report import Fate, Report
from harness.scorecard import Outcome, Scorecard
from harness.scoring.evidence import Evidence
from scenarios.scenario import find, library
from simulator.writers import Manifest

if TYPE_CHECKING:
    from harness.sweep.result import SweepResult

_COMPANY: Final = ("people", "days", "start")


def report_of(
    card: Scorecard,
    evidences: Sequence[Evidence],
    *,
    rule: NewValueRule,
    manifests: Sequence[Manifest],
    reviews: Mapping[str, Mapping[str, Review]] | None = None,
    baseline: Baseline | None = None,
    sweep: "SweepResult | None" = None,
) -> Report:
    """The report on *card*.

    *manifests* are those of its streams, at least one; *reviews* by stream and run say why (see
    `harness.hindsight.Hindsight.reviews`); *baseline* is `baseline_of` one of the streams.
    """
    begin = min(parse_instant(each.period.start) for each in manifests)
    end = max(parse_instant(each.period.end) for each in manifests)
    fates = _fates(card.outcomes, reviews or {})
    return Report(
        card=card,
        evidences=list(evidences),
        fates=sorted(fates, key=lambda fate: (fate.started_at, fate.outcome.stream, fate.outcome.run)),
        begin=begin,
        end=end,
        scored_from=_scored_from(begin, end, evidences, baseline),
        baseline=baseline,
        sweep=sweep,
        origin=[*_rule(rule), *_dataset(manifests)],
    )


def _scored_from(begin: int, end: int, evidences: Sequence[Evidence], baseline: Baseline | None) -> int:
    if baseline is not None and baseline.learned_after:
        return baseline.begin + round(baseline.learned_after * DAY)
    longest = max((evidence.days for evidence in evidences), default=0.0)
    return max(begin, end - round(longest * DAY)) if longest else begin


def _fates(outcomes: Sequence[Outcome], reviews: Mapping[str, Mapping[str, Review]]) -> list[Fate]:
    known = library()
    titles = {name: scenario.name for name, scenario in find({o.scenario for o in outcomes} & known.keys()).items()}
    fates = []
    for outcome in outcomes:
        review = reviews.get(outcome.stream, {}).get(outcome.run)
        title = titles.get(outcome.scenario, outcome.scenario)
        fates.append(Fate(outcome, title) if review is None else Fate(outcome, title, review.why, review.knew))
    return fates


def _rule(rule: NewValueRule) -> list[tuple[str, str]]:
    method = f"{rule.learning_method}, " if rule.learning_method != "duration" else ""
    return [
        ("Rule", rule.name),
        ("Query", rule.query),
        ("Groups by", ", ".join(rule.group_by) or "nothing: one group"),
        ("Watches", ", ".join(rule.metrics)),
        ("Learns for", f"{method}{counted(rule.learning_duration_days, 'day')}"),
        ("Forgets after", counted(rule.forget_after_days, "day")),
        ("Read so, where Datadog leaves it open", ", ".join(f"{k} {v}" for k, v in rule.assumptions().items())),
    ]


def _dataset(manifests: Sequence[Manifest]) -> list[tuple[str, str]]:
    first = manifests[0]
    seeds = [str(each.seed) for each in manifests if each.seed is not None]
    told = [("Seed" if len(seeds) == 1 else "Seeds", ", ".join(seeds) or "none: these are real logs")]
    profile = first.parameters.get("profile")
    if isinstance(profile, Mapping) and isinstance(name := profile.get("name"), str):
        told.append(("Profile", name))
    told += [(name.capitalize(), str(first.parameters[name])) for name in _COMPANY if name in first.parameters]
    told.append(("Period, UTC", f"{first.period.start[:10]} to {first.period.end[:10]}"))
    told.append(("Scenarios", ", ".join(first.scenarios) or "none"))
    told.append(("Versions", ", ".join(f"{name} {version}" for name, version in first.versions.items())))
    return told
