"""Hindsight: what could be seen of an incident, and what the rule knew when it began."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from drills import Usage, uuid_of, write_drill
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.instant import DAY, SECOND, parse_instant
from detector.rules import NewValueRule, shipped_rule
from detector.stores.memory import MemoryStore
from harness.background import Given
from harness.detection import Detection
from harness.drill import Drill
from harness.hindsight import Hindsight, Review
from harness.traces import UNWATCHED
from harness.truth import read_truth
from scenarios.duration import Duration
from scenarios.scenario import Moment, Scenario
from scenarios.step import ItemUsageStep

RUN = "attacks/x#1"
WEEK = [Usage(f"2026-01-{day:02d}T09:00:00Z", who, "fill") for day in (1, 5, 9) for who in ("ada", "bob")]
END = "2026-03-01T00:00:00Z"


def hindsight(
    directory: Path, usages: Sequence[Usage], rule: NewValueRule | None = None, enabled_at: int | None = None
) -> Hindsight:
    truth = read_truth(write_drill(directory / "d", usages, END))
    return Hindsight(rule or shipped_rule(), truth, enabled_at)


def review(
    directory: Path, usages: Sequence[Usage], rule: NewValueRule | None = None, enabled_at: int | None = None
) -> Review:
    """The review of the one run that the tests are about."""
    return hindsight(directory, usages, rule, enabled_at).reviews[RUN]


def staged(at: str, action: str, who: str = "bob", run: str = RUN) -> Usage:
    return Usage(at, who, action, run)


class TestDetectable:
    def test_the_first_event_is_detectable_whose_value_the_person_has_not_shown(self, tmp_path: Path) -> None:
        usages = [*WEEK, staged("2026-01-10T09:00:00Z", "fill"), staged("2026-01-10T09:00:05Z", "export")]
        found = review(tmp_path, usages)
        assert (found.detectable_uuid, found.detectable_at) == (uuid_of(7), parse_instant("2026-01-10T09:00:05Z"))
        assert found.scored_from == found.detectable_at
        assert found.signalled_at == found.detectable_at

    def test_what_only_others_do_does_not_hide_it(self, tmp_path: Path) -> None:
        usages = [*WEEK, Usage("2026-01-09T10:00:00Z", "ada", "export"), staged("2026-01-10T09:00:00Z", "export")]
        assert review(tmp_path, usages).detectable_uuid == uuid_of(7)

    def test_where_the_rule_groups_everybody_together_it_does(self, tmp_path: Path) -> None:
        usages = [*WEEK, Usage("2026-01-09T10:00:00Z", "ada", "export"), staged("2026-01-10T09:00:00Z", "export")]
        assert review(tmp_path, usages, replace(shipped_rule(), group_by=())).detectable_at is None

    def test_an_action_of_theirs_hides_it_however_long_ago(self, tmp_path: Path) -> None:
        usages = [Usage("2026-01-01T09:00:00Z", "bob", "export"), *WEEK[1:], staged("2026-02-20T09:00:00Z", "export")]
        found = review(tmp_path, usages)
        assert (found.detectable_at, found.detectable_uuid) == (None, None)
        assert found.scored_from == found.started_at == parse_instant("2026-02-20T09:00:00Z")
        assert found.signalled_at == found.started_at  # the rule has forgotten, and so it sees what the oracle cannot

    def test_an_action_of_theirs_afterwards_does_not_hide_it(self, tmp_path: Path) -> None:
        usages = [*WEEK, staged("2026-01-10T09:00:00Z", "export"), Usage("2026-01-10T09:00:00Z", "bob", "export")]
        assert review(tmp_path, usages).detectable_uuid == uuid_of(6)

    def test_earlier_is_what_arrived_earlier(self, tmp_path: Path) -> None:
        usages = [*WEEK, Usage("2026-01-11T09:00:00Z", "bob", "export"), staged("2026-01-10T09:00:00Z", "export")]
        assert review(tmp_path, usages).detectable_at is None

    def test_the_runs_own_earlier_events_do_not_hide_it(self, tmp_path: Path) -> None:
        usages = [*WEEK, *(staged(f"2026-01-10T09:00:0{second}Z", "export") for second in range(3))]
        assert review(tmp_path, usages).detectable_uuid == uuid_of(6)

    def test_an_earlier_incident_of_the_same_person_hides_it(self, tmp_path: Path) -> None:
        before = staged("2026-01-10T09:00:00Z", "export", run=f"{RUN}~earlier")
        found = hindsight(tmp_path, [*WEEK, before, staged("2026-01-17T09:00:00Z", "export")]).reviews
        assert found[f"{RUN}~earlier"].detectable_uuid == uuid_of(6)
        assert found[RUN].detectable_at is None

    def test_an_event_delivered_twice_does_not_hide_itself(self, tmp_path: Path) -> None:
        usages = [*WEEK, staged("2026-01-10T09:00:00Z", "export")]
        directory = write_drill(tmp_path / "d", usages, END)
        feed = directory / "itemusages.ndjson"
        feed.write_bytes(feed.read_bytes() + feed.read_bytes().splitlines(keepends=True)[-1])
        assert Hindsight(shipped_rule(), read_truth(directory)).reviews[RUN].detectable_uuid == uuid_of(6)

    def test_of_several_watched_values_one_is_enough(self, tmp_path: Path) -> None:
        fields = ("@client.app_name", "@evt.name")
        anyone = replace(shipped_rule(), metrics=fields, multi_value="any")
        usages = [*WEEK, staged("2026-01-10T09:00:00Z", "export")]  # with the client that they always use
        assert review(tmp_path, usages, anyone).detectable_uuid == uuid_of(6)

    def test_as_a_tuple_known_values_may_be_a_pair_that_was_not_shown(self, tmp_path: Path) -> None:
        pairs = replace(shipped_rule(), metrics=("@client.app_name", "@evt.name"))
        found = review(tmp_path, [*WEEK, staged("2026-01-10T09:00:00Z", "export")], pairs)
        assert found.detectable_uuid == uuid_of(6)
        assert found.knew == "the rule knew `1Password for Mac, fill` (1.0 d before)"

    def test_what_happened_before_the_rule_was_enabled_was_shown_all_the_same(self, tmp_path: Path) -> None:
        usages = [Usage("2026-01-01T09:00:00Z", "bob", "export"), *WEEK[1:], staged("2026-01-20T09:00:00Z", "export")]
        found = review(tmp_path, usages, enabled_at=parse_instant("2026-01-04T00:00:00Z"))
        assert found.detectable_at is None
        assert found.signalled_at == found.started_at

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.integers(1, 28),
                st.sampled_from(["ada", "bob"]),
                st.sampled_from(["fill", "export", "share", "other"]),
                st.sampled_from([None, None, RUN, "benign/y#1", f"{RUN}~earlier"]),
            ),
            min_size=1,
            max_size=30,
        )
    )
    def test_it_is_what_its_definition_says(self, drawn: list[tuple[int, str, str, str | None]]) -> None:
        usages = [Usage(f"2026-01-{day:02d}T09:00:00Z", who, action, run) for day, who, action, run in drawn]
        with TemporaryDirectory() as scratch:
            found = hindsight(Path(scratch), usages).reviews
        assert {run: each.detectable_uuid for run, each in found.items()} == {
            run: _first_detectable(usages, run) for run in {usage.run for usage in usages if usage.run}
        }
        for each in found.values():  # the rule misses nothing that is detectable, unless it learns
            assert each.learning or each.detectable_at is None or each.signalled_at is not None


def _first_detectable(usages: Sequence[Usage], run: str) -> str | None:
    for number, usage in enumerate(usages):
        others = ((other.who, other.action) for other in usages[:number] if other.run != run)
        if usage.run == run and usage.action != "other" and (usage.who, usage.action) not in others:
            return uuid_of(number)
    return None


class TestLearning:
    def test_it_is_judged_at_the_first_detectable_event(self, tmp_path: Path) -> None:
        usages = [*WEEK[:4], staged("2026-01-06T09:00:00Z", "fill"), staged("2026-01-09T09:00:00Z", "export")]
        assert not review(tmp_path, usages).learning

    def test_without_one_at_the_start(self, tmp_path: Path) -> None:
        usages = [*WEEK[:4], staged("2026-01-06T09:00:00Z", "fill"), staged("2026-01-09T09:00:00Z", "fill")]
        assert review(tmp_path, usages).learning

    def test_what_comes_before_the_rule_is_enabled_counts_as_learning(self, tmp_path: Path) -> None:
        never = replace(shipped_rule(), learning_method="threshold")
        enabled_at = parse_instant("2026-02-01T00:00:00Z")
        usages = [*WEEK, staged("2026-01-10T09:00:00Z", "export")]
        assert review(tmp_path / "1", usages, never, enabled_at).learning
        assert not review(tmp_path / "2", usages, never).learning

    @pytest.mark.parametrize(("begins", "learning"), [("2026-01-07T23:59:59Z", True), ("2026-01-08T00:00:00Z", False)])
    def test_it_ends_seven_days_after_the_instant_of_enabling(
        self, tmp_path: Path, begins: str, *, learning: bool
    ) -> None:
        enabled_at = parse_instant("2026-01-01T00:00:00Z")
        assert review(tmp_path, [*WEEK[:2], staged(begins, "export")], enabled_at=enabled_at).learning is learning

    @pytest.mark.parametrize(("later", "learning"), [(-1, False), (0, False), (1, True)])
    def test_where_nothing_is_to_be_learned_an_incident_counts_from_that_very_instant(
        self, tmp_path: Path, later: int, *, learning: bool
    ) -> None:
        never = replace(shipped_rule(), learning_method="threshold")
        begins = "2026-01-10T09:00:00Z"
        found = review(tmp_path, [*WEEK, staged(begins, "export")], never, parse_instant(begins) + later)
        assert found.learning is learning
        assert (found.signalled_at is None) is learning

    @pytest.mark.parametrize(("later", "covered"), [(-1, False), (0, False), (1, True)])
    def test_so_does_whatever_else_comes_at_it(self, tmp_path: Path, later: int, *, covered: bool) -> None:
        never = replace(shipped_rule(), learning_method="threshold")
        at = parse_instant("2026-01-09T09:00:00Z")
        told = hindsight(tmp_path, WEEK, never, at + later)
        assert told.covers(at, [uuid_of(len(WEEK) - 1)]) is covered

    def test_under_the_groups_own_clocks_it_is_that_of_the_group_of_the_events(self, tmp_path: Path) -> None:
        """Dee is first seen when bob has been for three weeks; she learns until the 29th."""
        own = replace(shipped_rule(), learning_scope="group")
        usages = [*WEEK, Usage("2026-01-22T09:00:00Z", "dee", "fill"), Usage("2026-01-22T09:00:00Z", "bob", "fill")]
        truth = read_truth(write_drill(tmp_path / "d", usages, END))
        dees, bobs = uuid_of(len(WEEK)), uuid_of(len(WEEK) + 1)
        told = Hindsight(own, truth, asked=[dees, bobs])
        soon, late = parse_instant("2026-01-29T08:59:59Z"), parse_instant("2026-01-29T09:00:00Z")
        assert [told.covers(at, [dees]) for at in (soon, late)] == [True, False]
        assert [told.covers(at, [bobs]) for at in (soon, late)] == [False, False]
        assert told.covers(soon, ["unheard of", dees])
        assert not told.covers(soon, [])

    def test_the_groups_of_staged_events_are_known_without_being_asked_for(self, tmp_path: Path) -> None:
        own = replace(shipped_rule(), learning_scope="group")
        told = hindsight(tmp_path, [*WEEK, staged("2026-01-22T09:00:00Z", "export", "dee")], own)
        assert told.covers(parse_instant("2026-01-29T08:59:59Z"), [uuid_of(len(WEEK))])
        assert told.reviews[RUN].learning


class TestKnew:
    @pytest.mark.parametrize(
        ("usages", "knew"),
        [
            ([*WEEK, staged("2026-01-09T11:00:00Z", "export")], "the rule knew `fill` (2.0 h before)"),
            (
                [*WEEK, Usage("2026-01-09T10:00:00Z", "bob", "share"), staged("2026-01-09T11:00:00Z", "fill")],
                "the rule knew `fill` (2.0 h before), `share` (1.0 h before)",  # the event's own first
            ),
            (
                [
                    Usage("2026-01-01T09:00:00Z", "bob", "export"),
                    Usage("2026-01-31T09:00:00Z", "bob", "fill"),
                    staged("2026-02-01T09:00:00Z", "export"),
                ],
                "the rule knew `fill` (1.0 d before); `export` last seen 31.0 d before, forgotten after 28 d",
            ),
            (
                [Usage("2026-01-01T09:00:00Z", "bob", "export"), staged("2026-02-01T09:00:00Z", "fill")],
                "`export` last seen 31.0 d before, forgotten after 28 d",
            ),
            ([*WEEK, staged("2026-01-20T09:00:00Z", "export", "dee")], "the rule had seen nothing of dee@example.com"),
            (
                [*WEEK[:2], staged("2026-01-02T09:00:00Z", "export")],
                "the rule was learning until 2026-01-08T09:00:00Z; it knew `fill` (1.0 d before)",
            ),
            (
                [staged("2026-01-02T09:00:00Z", "export")],
                "the rule was learning until 2026-01-09T09:00:00Z",
            ),
            (
                [*WEEK, Usage("2026-01-20T09:00:00Z", "bob", "fill"), staged("2026-01-19T09:00:00Z", "export")],
                "the rule knew `fill` (1.0 d after)",
            ),
            ([*WEEK, staged("2026-01-20T09:00:00Z", "other")], UNWATCHED),
            (
                [*WEEK, staged("2026-01-20T09:00:00Z", "other"), staged("2026-01-21T09:00:00Z", "export")],
                "the rule knew `fill` (12.0 d before)",
            ),
        ],
    )
    def test_in_words(self, tmp_path: Path, usages: list[Usage], knew: str) -> None:
        assert review(tmp_path, usages).knew == knew

    def test_nothing_of_the_run_itself_is_known_when_it_begins(self, tmp_path: Path) -> None:
        run = [staged(f"2026-01-10T09:00:0{second}Z", "export") for second in range(3)]
        assert review(tmp_path, [*WEEK, *run]).knew == "the rule knew `fill` (1.0 d before)"

    def test_under_the_groups_own_clocks(self, tmp_path: Path) -> None:
        own = replace(shipped_rule(), learning_scope="group")
        usages = [*WEEK, Usage("2026-01-20T09:00:00Z", "dee", "fill"), staged("2026-01-22T09:00:00Z", "export", "dee")]
        assert review(tmp_path / "1", usages, own).knew == (
            "the rule was learning their first 7 d, until 2026-01-27T09:00:00Z; it knew `fill` (2.0 d before)"
        )
        alone = [*WEEK, staged("2026-01-22T09:00:00Z", "export", "dee")]
        assert review(tmp_path / "2", alone, own).knew == (
            "the rule was learning their first 7 d, until 2026-01-29T09:00:00Z"
        )

    def test_where_the_first_event_of_a_group_is_learned(self, tmp_path: Path) -> None:
        first = replace(shipped_rule(), learning_duration_days=0)
        usages = [*WEEK, staged("2026-01-20T09:00:00Z", "export", "dee")]
        assert review(tmp_path, usages, first).knew == "the rule learns the first event of each group, and this was it"

    def test_a_rule_enabled_later(self, tmp_path: Path) -> None:
        usages = [*WEEK, staged("2026-01-10T09:00:00Z", "export")]
        later = parse_instant("2026-01-11T00:00:00Z")
        assert review(tmp_path / "1", usages, enabled_at=later).knew == "the rule was not enabled yet"
        now = parse_instant("2026-01-10T00:00:00Z")
        assert review(tmp_path / "2", usages, enabled_at=now).knew == "the rule was learning until 2026-01-17T00:00:00Z"
        long_ago = now - 30 * DAY
        assert review(tmp_path / "3", usages[-1:], enabled_at=long_ago).knew == (
            "the rule had seen nothing of bob@example.com"
        )

    def test_under_fixed_forgetting_values_are_learned(self, tmp_path: Path) -> None:
        fixed = replace(shipped_rule(), forget_mode="fixed")
        usages = [*WEEK, staged("2026-01-29T09:00:00Z", "export")]
        assert review(tmp_path, usages, fixed).knew == "`fill` last learned 28.0 d before, forgotten after 28 d"

    def test_of_many_values_the_latest_five_are_named(self, tmp_path: Path) -> None:
        times = replace(shipped_rule(), metrics=("@timestamp",))
        usages = [*(Usage(f"2026-01-10T09:00:{second:02d}Z", "bob", "fill") for second in range(20))]
        knew = review(tmp_path, [*usages, staged("2026-01-10T09:00:20Z", "fill")], times).knew
        assert knew.startswith(
            "the rule was learning until 2026-01-17T09:00:00Z; it knew `2026-01-10T09:00:19Z` (1.0 s"
        )
        assert knew.endswith(" and 15 more")

    def test_each_of_several_values_is_named_with_its_field(self, tmp_path: Path) -> None:
        both = replace(shipped_rule(), metrics=("@client.app_name", "@evt.name"), multi_value="any")
        knew = review(tmp_path, [*WEEK, staged("2026-01-10T09:00:00Z", "export")], both).knew
        assert knew == (
            "the rule knew `@client.app_name 1Password for Mac` (1.0 d before), `@evt.name fill` (1.0 d before)"
        )

    def test_a_group_of_everybody(self, tmp_path: Path) -> None:
        everybody = replace(shipped_rule(), group_by=(), learning_method="threshold")
        knew = review(tmp_path, [staged("2026-01-10T09:00:00Z", "export")], everybody).knew
        assert knew == "the rule had seen nothing of anybody"


class TestWhy:
    @pytest.mark.parametrize(
        ("usages", "why"),
        [
            ([*WEEK, staged("2026-01-10T09:00:00Z", "export")], "`export` was new from them: never seen before"),
            (
                [Usage("2026-01-01T09:00:00Z", "bob", "export"), staged("2026-02-01T09:00:00Z", "export")],
                "`export` was new from them: last seen 31.0 d before, and the rule remembers for 28 d",
            ),
            (
                [*WEEK, staged("2026-01-10T09:00:00Z", "fill"), staged("2026-02-12T09:00:00Z", "fill")],
                "`fill` was new from them: last seen 33.0 d before, and the rule remembers for 28 d",
            ),
            (
                [*WEEK, staged("2026-01-10T09:00:00Z", "fill")],
                "`fill` was nothing new from them: last seen 1.0 d before, and the rule remembers for 28 d",
            ),
            (
                [*WEEK[:2], staged("2026-01-02T09:00:00Z", "export"), staged("2026-01-03T09:00:00Z", "share")],
                "`export`, `share` were learned: the rule was learning until 2026-01-08T09:00:00Z",
            ),
            (
                [*WEEK, staged("2026-01-10T09:00:00Z", "fill"), staged("2026-01-10T09:00:05Z", "fill")],
                "`fill` was nothing new from them: last seen 1.0 d before, and the rule remembers for 28 d",  # at first
            ),
            ([*WEEK, staged("2026-01-20T09:00:00Z", "other")], UNWATCHED),
        ],
    )
    def test_in_words(self, tmp_path: Path, usages: list[Usage], why: str) -> None:
        assert review(tmp_path, usages).why == why

    def test_of_several_matches_the_earliest_explains_the_signal(self, tmp_path: Path) -> None:
        usages = [*WEEK, staged("2026-01-10T09:00:05Z", "share"), staged("2026-01-10T09:00:00Z", "export")]
        assert review(tmp_path, usages).why == "`export` was new from them: never seen before"

    def test_a_suppressed_match_raises_nothing(self, tmp_path: Path) -> None:
        quiet = replace(shipped_rule(), suppressed=("@evt.name:export",))
        found = review(tmp_path, [*WEEK, staged("2026-01-10T09:00:00Z", "export")], quiet)
        assert (found.signalled_at, found.why) == (None, "`export` was new from them, but suppressed")

    def test_values_of_one_fate_are_told_together(self, tmp_path: Path) -> None:
        times = replace(shipped_rule(), metrics=("@timestamp",), learning_method="threshold")
        seen = [Usage(f"2026-01-10T09:00:0{second}Z", "bob", "fill") for second in range(5)]
        later = [Usage(each.at, "bob", "fill", RUN) for each in seen]  # the same values, a moment later
        why = review(tmp_path, [*seen, *later], times).why
        assert why.startswith("`2026-01-10T09:00:00Z`, `2026-01-10T09:00:01Z`, ")
        assert why.endswith(" were nothing new from them: last seen 0 s before, and the rule remembers for 28 d")

    def test_of_many_fates_three_are_told(self, tmp_path: Path) -> None:
        actions = ("fill", "reveal", "share", "export", "secure-copy")
        seen = [Usage(f"2026-01-{day:02d}T09:00:00Z", "bob", action) for day, action in enumerate(actions, 9)]
        run = [staged("2026-01-20T09:00:00Z", action) for action in actions]
        why = review(tmp_path, [*WEEK, *seen, *run]).why
        assert why.count("was nothing new from them") == 3
        assert why.endswith("; and so on for 2 more")

    def test_before_the_rule_is_enabled(self, tmp_path: Path) -> None:
        later = parse_instant("2026-01-11T00:00:00Z")
        usages = [*WEEK, staged("2026-01-10T09:00:00Z", "export")]
        assert (
            review(tmp_path, usages, enabled_at=later).why == "`export` was passed over: the rule was not enabled yet"
        )


class TestThePass:
    def test_the_signals_are_those_that_a_detection_raises(self, tmp_path: Path) -> None:
        usages = [
            *WEEK,
            *(
                Usage(f"2026-01-{day}T1{hour}:00:00Z", who, action)
                for day in (10, 20)
                for hour in range(6)
                for who in ("ada", "bob")
                for action in ("export", "share", "reveal")[hour % 3 :]
            ),
            staged("2026-02-20T09:00:00Z", "share"),
        ]
        told = hindsight(tmp_path, usages)
        detection = Detection(shipped_rule(), MemoryStore())
        decided = detection.decided(detection.reader.batches([str(told.truth.directory)]))
        expected = [signal for batch in decided for signal in batch.signals]
        assert len(expected) > 2
        assert sorted(told.signals, key=lambda s: s.id) == sorted(expected, key=lambda s: s.id)

    def test_latency_is_never_negative(self, tmp_path: Path) -> None:
        found = review(tmp_path, [*WEEK, staged("2026-01-10T09:00:00Z", "export")])
        assert found.latency_seconds(found.started_at + 90 * SECOND) == 90
        assert found.latency_seconds(found.started_at - SECOND) == 0

    def test_how_far_an_incident_has_come_counts_from_its_first_event(self, tmp_path: Path) -> None:
        usages = [*WEEK, staged("2026-01-10T09:00:00Z", "fill"), staged("2026-01-10T09:02:00Z", "export")]
        found = review(tmp_path, usages)
        assert found.signalled_at is not None
        assert found.latency_seconds(found.signalled_at) == 0
        assert found.seconds_from_start(found.signalled_at) == 120


class TestARound:
    """What a drill makes of the reviews: it judges those of the incidents that a case is about."""

    def test_an_earlier_incident_of_the_story_is_staged_and_not_judged(self, tmp_path: Path) -> None:
        at_work = [
            Usage(f"2026-01-{day:02d}T09:{minute}:00Z", "ana", "fill") for day in range(1, 32) for minute in (10, 50)
        ]
        steps = ItemUsageStep(action="export", earlier="attack"), ItemUsageStep(at=Duration(7 * DAY), action="share")
        scenario = Scenario(name="x", kind="attack", story="x", steps=steps, when=Moment(hours="any"))
        directory = write_drill(tmp_path / "background", at_work, "2026-02-01T00:00:00Z")
        played = Drill(shipped_rule(), {"attacks/x": scenario}, Given((directory,))).round(1, tmp_path)
        staged_runs = {incident.run for incident in read_truth(tmp_path / "staged").incidents}
        assert staged_runs == {"attacks/x#1", "attacks/x#1~earlier"}
        assert [(one.case, one.run) for one in played.sightings] == [("attacks/x", "attacks/x#1")]
        assert played.not_placed == {}
