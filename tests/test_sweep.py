"""The sweep: which settings are tried, what is compared, and what follows from it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from drills import Usage, write_drill

from detector.rules import NewValueRule, shipped_rule
from detector.stores.blob import to_blob
from harness.hindsight import Hindsight
from harness.panel.panel import Panel
from harness.report.sweep_chart import heatmap_rows
from harness.streams import Datasets, Stream
from harness.sweep.grid import Grid, SweepError, days, fields, names, settings
from harness.sweep.result import Sweep
from harness.sweep.setting import Setting
from harness.sweep.sweeping import sweep
from harness.truth import read_truth

PEOPLE = ("ada", "bob", "cy", "dee", "eve", "flo")


def office() -> list[Usage]:
    """Everybody fills every other day and reveals every ten days; one export that is an attack, one by habit."""
    usages = [
        Usage(f"2026-{1 + day // 31:02d}-{1 + day % 31:02d}T09:0{place}:00Z", who, action)
        for day in range(0, 58, 2)
        for place, who in enumerate(PEOPLE)
        for action in (["fill", "reveal"] if day % 10 == 0 else ["fill"])
    ]
    staged = [
        Usage("2026-02-10T03:00:00Z", "bob", "export", "attacks/x#1"),
        Usage("2026-02-12T12:00:00Z", "cy", "share", "benign/y#1"),
    ]
    return sorted([*usages, *staged])


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drill(tmp_path_factory.mktemp("office") / "d", office(), "2026-03-01T00:00:00Z")


@pytest.fixture(scope="module")
def swept(dataset: Path) -> Sweep:
    return sweep(shipped_rule(), Grid(), streams_of(dataset))


def streams_of(*directories: Path) -> Iterator[Stream]:
    return iter(Datasets(directories))


def tried(grid: Grid, **knobs: object) -> list[Setting]:
    return settings(replace(shipped_rule(), **knobs), grid)  # type: ignore[arg-type]


def test_the_rules_own_setting_is_always_tried_and_comes_first() -> None:
    found = tried(Grid(learning_duration=[3], forget_after=[14], learning_scope=["rule"], forget_mode=["sliding"]))
    assert [(each.learning_duration, each.forget_after) for each in found] == [(7, 28), (3, 14)]


def test_settings_that_mean_the_same_are_tried_once() -> None:
    windows = Grid(learning_duration=[0, 7], forget_after=[28], forget_mode=["sliding"])
    found = tried(windows)  # 0 days learn a group's first event, whosever clock it is
    assert [(each.learning_duration, each.learning_scope) for each in found] == [(7, "rule"), (0, "rule"), (7, "group")]


def test_a_threshold_is_tried_both_ways_and_has_no_days() -> None:
    grid = Grid(learning_method=["duration", "threshold"], learning_duration=[0, 7, 14], forget_after=[28])
    found = tried(replace_readings(grid))
    assert [each.learning() for each in found] == ["7 d", "first event", "14 d", "none"]  # threshold 1 is 0 days


def test_a_single_metric_has_no_open_reading_of_several() -> None:
    assert {each.multi_value for each in tried(Grid())} == {"tuple"}
    several = tried(Grid(metrics=[("@evt.name", "@vault_uuid")]))
    assert {each.multi_value for each in several} == {"tuple", "any"}


def test_days_as_they_are_usually_tried_have_the_rules_own_among_them() -> None:
    found = tried(Grid(), forget_after_days=17)
    assert {each.forget_after for each in found} == {1, 3, 7, 14, 17, 21, 28, 30}


@pytest.mark.parametrize("text", ["31", "-1", "", "7,", "x", "7.5", "0", "9" * 5000, "\u0661"])
def test_days_out_of_bounds_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(SweepError) as error:
        days("--forget-after", text, 1)
    assert str(error.value).startswith("--forget-after: found")
    assert "legal: whole days from 1 to 30" in str(error.value)


def test_names_and_fields_that_are_none_are_refused_in_one_line() -> None:
    with pytest.raises(SweepError, match=r"--forget-mode: found 'slide'; legal: sliding, fixed"):
        names("--forget-mode", "fixed,slide", ("sliding", "fixed"))
    with pytest.raises(SweepError, match="--metrics: found"):
        fields("--metrics", "@a,,@b")
    with pytest.raises(SweepError, match="--metrics: found 6 fields; legal: at most 5"):
        fields("--metrics", "@a,@b,@c,@d,@e,@f")


def test_too_many_settings_are_refused() -> None:
    with pytest.raises(SweepError, match="more than 10,000 settings"):
        tried(Grid(learning_duration=range(31), forget_after=range(1, 31), group_by=[(f"@{n}",) for n in range(9)]))


def test_a_setting_has_the_figures_of_its_scorecard(swept: Sweep) -> None:
    for place in (0, 5, 40):
        card, found = swept.card(place), swept.tried[place].figures
        assert (found.precision, found.recall, found.oracle) == (card.precision, card.recall, card.oracle)
        assert (found.load, found.latency) == (card.load, card.latency)


def test_with_many_incidents_too_a_setting_has_the_intervals_of_its_scorecard(tmp_path: Path) -> None:
    """Forty attacks, every other one of which does what its person always does, and ten look-alikes."""
    staged = [
        Usage(
            "2026-01-20T12:00:00Z",
            f"p{n}",
            "fill" if n % 2 else "export",
            f"{'benign/y' if n < 10 else 'attacks/x'}#{n}",
        )
        for n in range(50)
    ]
    habits = [Usage("2026-01-02T09:00:00Z", each.who, "fill") for each in staged]
    directory = write_drill(tmp_path / "d", sorted([*habits, *staged]), "2026-03-01T00:00:00Z", people=100)
    grid = replace_readings(Grid(learning_duration=[7], forget_after=[30]))
    many = sweep(replace(shipped_rule(), forget_after_days=30), grid, streams_of(directory))
    card, found = many.card(0), many.tried[0].figures
    assert card.recall.method == "bootstrap"
    assert (found.recall, found.oracle, found.load) == (card.recall, card.oracle, card.load)


def test_nothing_depends_on_how_many_work(swept: Sweep, dataset: Path) -> None:
    alone = sweep(shipped_rule(), Grid(), streams_of(dataset), workers=1).result
    assert timeless(alone) == timeless(swept.result)


def test_all_are_scored_over_the_same_time(swept: Sweep) -> None:
    days_of = {each.figures.load.days for each in swept.tried}
    assert swept.result.scored_after_days == 21
    assert len(days_of) == 1


def test_what_learns_for_longer_than_half_the_time_is_shown_and_not_compared(dataset: Path) -> None:
    result = sweep(shipped_rule(), replace_readings(Grid(learning_duration=[7, 30])), streams_of(dataset)).result
    late = [each for each in result.settings if not each.is_comparable]
    assert result.scored_after_days == 7
    assert {each.setting["learning_duration"] for each in late} == {30}
    assert not any(each.is_on_front for each in late)


def test_what_is_not_compared_is_in_no_heat_map_unless_the_rule_itself_is_not(dataset: Path) -> None:
    grid = replace_readings(Grid(learning_duration=[7, 30], forget_after=[28]))
    learnt = {}
    for days_of_rule in (7, 30):
        rule = replace(shipped_rule(), learning_duration_days=days_of_rule)
        learnt[days_of_rule] = {each["days"] for each in heatmap_rows(sweep(rule, grid, streams_of(dataset)).result)}
    assert learnt == {7: {7}, 30: {7, 30}}


def test_the_front_is_what_no_other_setting_beats(swept: Sweep) -> None:
    own = [each for each in swept.result.settings if each.is_own_reading]
    front = [each for each in own if each.is_on_front]
    assert front
    for each in front:
        assert not any(beats(other, each) for other in own)
    assert all(any(beats(other, each) for other in own) for each in own if not each.is_on_front)


def test_the_result_says_whether_it_hangs_on_an_open_reading(swept: Sweep) -> None:
    assert list(swept.result.hangs_on) == ["learning_scope", "forget_mode"]
    assert all(told.split(":")[0] in ("yes", "no") for told in swept.result.hangs_on.values())


def test_state_is_what_a_store_would_hold_that_drops_what_is_forgotten(dataset: Path) -> None:
    rule = replace(shipped_rule(), forget_after_days=5)
    remembered = Panel.read(read_truth(dataset), [rule]).passed(rule).remembered
    pairs, size = held(rule, dataset)
    assert (remembered.pairs, remembered.bytes) == (pairs, size)


def held(rule: NewValueRule, directory: Path) -> tuple[int, int]:
    """The same from the baselines of a pass event by event."""
    hindsight = Hindsight(rule, read_truth(directory))
    groups = [f"{who}@example.com" for who in PEOPLE]
    baselines = [hindsight._engine.baseline(group) for group in groups]
    greatest = max(last for each in baselines for last in each.last_seen.values())
    pairs = size = 0
    for group, baseline in zip(groups, baselines, strict=True):
        kept = {v: t for v, t in baseline.last_seen.items() if t > greatest - 5 * 86_400 * 10**9}
        baseline.last_seen, baseline.signal = kept, None
        pairs, size = pairs + len(kept), size + len(group.encode()) + len(to_blob(baseline))
    return pairs, size


def replace_readings(grid: Grid) -> Grid:
    return replace(grid, learning_scope=["rule"], forget_mode=["sliding"])


def beats(one: object, other: object) -> bool:
    """By hand: as much recall for as few signals, and better in one."""
    recall, owns = one.recall.value, other.recall.value  # type: ignore[attr-defined]
    rate, own = one.signals_per_day_per_1000, other.signals_per_day_per_1000  # type: ignore[attr-defined]
    return bool(recall >= owns and rate <= own and (recall > owns or rate < own))


def timeless(result: object) -> object:
    told = msgspec.to_builtins(result)
    return {**told, "settings": [{**each, "seconds": 0} for each in told["settings"]]}
