"""Fitting: from records of a company, a profile whose simulation looks like them and that says nothing else of them."""

import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
import yaml
from calling import Run, caller

from harness.record_reader import RecordReader
from simulator.calibration import calibrated
from simulator.company import Company
from simulator.counting import counted
from simulator.delivery import Delivery
from simulator.fitting import Fit, FitError, fit
from simulator.marginals import Distances, distances, marginals
from simulator.observation import Observation
from simulator.presence import presence
from simulator.profile import ACTIONS, Profile
from simulator.profile_file import dump_profile, load_profile
from simulator.profile_rules import conflict, units

START = date(2026, 1, 5)
DAYS = 63


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command in this process, in a directory of its own."""
    return caller("fit", tmp_path, monkeypatch, capfd)


class Worker(NamedTuple):
    """Somebody in a log that the simulator had no part in."""

    name: str
    offset: int  # hours east of UTC
    pace: float  # bursts a working day
    apps: dict[str, float]
    ways: dict[str, float]
    begins: int  # first day


def workers(count: int, chance: random.Random) -> Iterator[Worker]:
    for number in range(count):
        apps = {"1Password Browser Extension": 0.6}
        if chance.random() < 0.5:
            apps["1Password for Windows" if chance.random() < 0.7 else "1Password for Mac"] = 0.5
        if chance.random() < 0.3:
            apps["1Password for iOS"] = 0.2
        if chance.random() < 0.25:
            apps["1Password CLI"] = 0.3
        ways = {"fill": 1.0, "server-fetch": 1.0}
        rare = {
            "reveal": (0.8, 0.4),
            "secure-copy": (0.3, 0.5),
            "enter-item-edit-mode": (0.2, 0.05),
            "share": (0.2, 0.05),
        }
        for action, (people, strength) in rare.items():
            if chance.random() < people:
                ways[action] = strength * chance.uniform(0.3, 2)
        begins = chance.randrange(1, DAYS) if chance.random() < 0.05 else 0
        pace = min(8.0, math.exp(chance.gauss(-0.2, 0.8)))
        yield Worker(f"worker{number}", 8 if number % 3 else -5, pace, apps, ways, begins)


CAN = {
    "1Password Browser Extension": ("fill", "reveal", "secure-copy", "share"),
    "1Password for Windows": ("fill", "reveal", "secure-copy", "enter-item-edit-mode", "share"),
    "1Password for Mac": ("fill", "reveal", "secure-copy", "enter-item-edit-mode", "share"),
    "1Password for iOS": ("fill", "reveal", "secure-copy", "enter-item-edit-mode"),
    "1Password CLI": ("server-fetch",),
}


def log_of(everybody: list[Worker], chance: random.Random, **changes: Any) -> list[bytes]:
    """Item usages of a company that works ten to seven, in bursts, and never at weekends."""
    rows = []
    for worker in everybody:
        for day in range(worker.begins, DAYS):
            midnight = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=day, hours=-worker.offset)
            if (midnight + timedelta(hours=worker.offset)).weekday() > 4:
                continue
            for _ in range(sum(chance.random() < worker.pace / 10 for _ in range(10))):
                at = midnight + timedelta(hours=10 + 9 * chance.random())
                (app,) = chance.choices(list(worker.apps), list(worker.apps.values()))
                while chance.random() < 0.6:
                    ways = {action: weight for action, weight in worker.ways.items() if action in CAN[app]}
                    (action,) = chance.choices(list(ways), list(ways.values()))
                    rows.append((at, worker.name, app, action))
                    at += timedelta(seconds=chance.uniform(1, 60))
    return [record(number, *row, **changes) for number, row in enumerate(sorted(rows))]


def record(number: int, at: datetime, name: str, app: str, action: str, **changes: Any) -> bytes:
    usage = {
        "uuid": f"event{number}",
        "timestamp": at.isoformat().replace("+00:00", "Z"),
        "vault_uuid": "vault",
        "item_uuid": "item",
        "action": action,
        "user": {"name": name, "email": f"{name}@example.com"},
        "client": {"app_name": app},
    }
    return json.dumps(usage | changes).encode()


@pytest.fixture(scope="module")
def foreign() -> Observation:
    """A log of 400 people that the simulator had no part in."""
    chance = random.Random(5)
    reader = RecordReader()
    reader.read_lines(log_of(list(workers(400, chance)), chance), "log")
    return reader.observation


@pytest.fixture(scope="module")
def foreign_fit(foreign: Observation) -> Fit:
    return calibrated(fit(foreign, "fitted"), foreign)


def gap(wanted: Observation, profile: Profile, people: int, days: int) -> Distances:
    """How far a company of *profile*, of another seed than any used to fit it, is from what was *wanted*."""
    return distances(marginals(wanted), marginals(counted(Company(people, days, 99, START, profile))))


def assert_near(apart: Distances) -> None:
    """The bounds, with what two seeds of one profile with 500 to 800 people are apart by chance alone.

    Actions 0.05 (chance 0.02 to 0.05); clients 0.08 (0.02); hours of the week 0.12 (0.05: whole zones stand for
    offices with summer time); events a person and day 0.1 (0.02); persons' means 0.12 (0.05); first pairs 0.3 (0.1).
    """
    assert apart.actions <= 0.05
    assert apart.clients <= 0.08
    assert apart.hours <= 0.12
    assert apart.person_days <= 0.1
    assert apart.person_means <= 0.12
    assert apart.first_pairs is not None
    assert abs(apart.first_pairs) <= 0.3


ALTERED = {
    "other hours": {"hours": (0.2, 0.4, 0.6, 0.8, 1.0, 1.0, 1.0, 0.9, 0.7, 0.5, *[0.0] * 14), "work_starts": 6.0},
    "other actions": {
        "action_per_fill": {"reveal": 0.6, "secure-copy": 0.1, "share": 0.3},
        "action_people": {"reveal": 0.9, "share": 0.3, "secure-copy": 0.3},
    },
    "other pace": {"events_a_day": tuple(n / 4 for n in range(17)), "events_a_session": 4.0, "weeks_away": 0.2},
}


@pytest.mark.parametrize(
    ("base", "altered"),
    [("startup-50", "other hours"), ("midsize-1000", "other actions"), ("startup-50", "other pace")],
)
def test_a_fit_to_a_simulated_company_of_other_ways_looks_like_it(base: str, altered: str) -> None:
    profile = load_profile(base)
    changes: dict[str, Any] = {
        name: getattr(profile, name) | value if isinstance(value, dict) else value
        for name, value in ALTERED[altered].items()  # type: ignore[attr-defined]
    }
    seen = counted(Company(800, DAYS, 3, START, msgspec.structs.replace(profile, **changes)))
    fitted = calibrated(fit(seen, "fitted"), seen).profile
    assert_near(gap(seen, fitted, 800, DAYS))


def test_a_fit_to_a_log_that_the_simulator_had_no_part_in_looks_like_it(foreign: Observation, foreign_fit: Fit) -> None:
    assert_near(gap(foreign, foreign_fit.profile, 400, DAYS))


def test_the_people_the_zones_and_the_rhythm_are_found(foreign: Observation, foreign_fit: Fit) -> None:
    """A twentieth join within the log; a zone is known to the hour, for nobody says when their day begins."""
    profile, seen = foreign_fit.profile, int(foreign.humans().sum())
    assert 0.92 * seen <= profile.people <= 0.98 * seen
    west, east = profile.offices
    assert west.timezone in {"Etc/GMT+4", "Etc/GMT+5", "Etc/GMT+6"}
    assert east.timezone in {"Etc/GMT-7", "Etc/GMT-8", "Etc/GMT-9"}
    assert east.share == pytest.approx(2 / 3, abs=0.03)
    assert profile.weekdays[5:] == (0, 0)
    busy = sorted(profile.hours)[-10:]
    assert sum(busy) == pytest.approx(sum(profile.hours))


def test_what_people_never_do_and_never_use_is_not_made_up(foreign_fit: Fit) -> None:
    profile = foreign_fit.profile
    assert (profile.action_people["export"], profile.web, profile.service_accounts) == (0, 0, 0)
    assert profile.computers["linux"] == 0


def test_a_fit_is_a_whole_profile_with_a_source_for_each_figure(
    foreign: Observation, foreign_fit: Fit, tmp_path: Path
) -> None:
    assert conflict(foreign_fit.profile) is None
    assert set(foreign_fit.sources) == set(units())
    people = int(foreign.humans().sum())
    fitted = f"fitted: {foreign.records} records of {people} people, {foreign.days} days"
    assert foreign_fit.sources["events_a_day"] == fitted
    assert foreign_fit.sources["two_factor"].endswith("(not in the logs)")
    path = tmp_path / "profile.yaml"
    path.write_text(dump_profile(foreign_fit.profile, foreign_fit.sources), encoding="utf-8")
    assert load_profile(str(path)) == foreign_fit.profile


def test_the_same_records_give_the_same_profile(foreign: Observation) -> None:
    one, other = (calibrated(fit(foreign, "fitted"), foreign, rounds=1) for _ in range(2))
    assert one == other


def test_calibration_multiplies_by_what_is_missing_until_nothing_is(foreign: Observation) -> None:
    """A simulation that always looks like the records leaves the profile as it is."""
    first = fit(foreign, "fitted")
    kept = calibrated(first, foreign, simulated=lambda _profile, seen: seen, rounds=2).profile
    assert kept.action_people == first.profile.action_people
    assert kept.events_a_day == first.profile.events_a_day


def daily(people: Mapping[str, Iterable[int]]) -> Observation:
    """What is seen of people who use an item on each of their days."""
    midnight = datetime(2026, 1, 5, 12, tzinfo=UTC)
    rows = sorted((midnight + timedelta(days=day), who) for who, days in people.items() for day in days)
    reader = RecordReader()
    reader.read_lines([record(n, at, who, "1Password for Mac", "fill") for n, (at, who) in enumerate(rows)], "log")
    return reader.observation


def test_who_is_silent_for_three_weeks_at_an_end_of_the_log_came_or_went() -> None:
    found = presence(daily({"stays": range(60), "came": range(21, 60), "late": range(20, 60), "went": range(39)}))
    assert found.joined.sum() == found.left.sum() == 1
    assert found.staff == 3
    assert found.begin.max() == 21
    assert found.end.min() == 39


def test_a_person_who_seldom_does_anything_may_be_silent_for_longer() -> None:
    found = presence(daily({"stays": range(90), "seldom": range(30, 90, 15)}))
    assert not found.joined.any()


def test_weeks_without_anything_are_weeks_away() -> None:
    """Day 0 is a Monday; the third of eight weeks is missed by one of two."""
    days = range(56)
    found = presence(daily({"works": days, "away": [day for day in days if not 14 <= day < 21]}))
    assert found.weeks_away == pytest.approx(1 / 16)


def test_machines_sign_ins_and_arrivals_are_fitted_too() -> None:
    base = load_profile("startup-50")
    changes = {"service_accounts": 5.0, "two_factor": 0.25, "duplicates": 0.02, "offline": 0.03, "offline_days": (2, 4)}
    profile = msgspec.structs.replace(base, **changes, failures=base.failures | {"password": 0.2})
    seen = counted(Company(400, DAYS, 3, START, profile, Delivery.of(profile)))
    fitted = fit(seen, "fitted").profile
    assert fitted.service_accounts == pytest.approx(5.0, rel=0.2)
    assert fitted.two_factor == pytest.approx(0.25, abs=0.07)
    assert fitted.failures["password"] == pytest.approx(0.2, abs=0.03)
    assert fitted.duplicates == pytest.approx(0.02, rel=0.2)
    assert fitted.offline == pytest.approx(0.03, rel=0.5)
    assert 4 <= fitted.offline_days[1] <= 6


def test_a_machine_beyond_the_rate_limit_still_makes_a_profile_that_can_be_read() -> None:
    seen = daily({"ada": range(10), "bob": range(10)})
    fetches = np.full(60_000, 2, dtype=np.int64)
    times = seen.begin + np.arange(60_000) * 10**9
    fetch = np.full(60_000, ACTIONS.index("server-fetch"))
    seen.add_usages(fetches, times, fetch, fetches - 1, ["1Password for Mac", "1Password SDK"])
    found = fit(seen, "fitted").profile
    assert found.service_accounts == 50.0
    assert conflict(found) is None


@pytest.fixture(scope="module", params=[7, 1, 2])
def two_months(request: pytest.FixtureRequest) -> Observation:
    """What is seen of 200 people in 60 days: four or five of them leave."""
    return counted(Company(200, 60, request.param, START, load_profile("midsize-1000")))


def test_a_few_leavers_of_two_months_make_no_other_rate_of_them(two_months: Observation) -> None:
    """The truth is 0.19; what is taken for known is 0.27, of the shipped profile that is nearest in headcount."""
    assert two_months.audit_events["suspend", "user"] > 0
    found = fit(two_months, "fitted")
    assert 0.19 / 1.6 <= found.profile.leavers <= 0.19 * 1.6
    assert found.sources["leavers"].endswith(", with thirty years of a person at the rate of startup-50")


def test_without_an_audit_log_leavers_are_those_who_fall_silent(two_months: Observation) -> None:
    """Some who fall silent are on leave, so it is a rougher guess."""
    silent = copy(two_months)
    silent.audit_events = Counter()
    assert 0.19 / 2 <= fit(silent, "fitted").profile.leavers <= 0.19 * 2


def test_leavers_are_counted_by_suspensions_and_weighed_with_what_was_known() -> None:
    """100 people in 370 days, the last five of which count for no suspension: 100 years of a person, and 30 known."""
    here = presence(daily({f"p{n}": range(370) for n in range(100)}))
    base = msgspec.structs.replace(load_profile("startup-50"), leavers=0.3, growth=0.0)
    leavers, growth = here.rates(base, 17)
    assert leavers == pytest.approx((17 + 9) / (100 * 365 / 365.25 + 30))
    assert growth == 0


def test_many_leavers_outweigh_what_was_known() -> None:
    base = load_profile("startup-50")
    seen = counted(Company(1000, 120, 3, START, msgspec.structs.replace(base, leavers=0.8)))
    assert fit(seen, "fitted").profile.leavers == pytest.approx(0.8, rel=0.25)


def upgrading(days: Mapping[str, int | None], length: int) -> Observation:
    """People who say ``other`` until the day on which they say ``fill``, if there is one."""
    midnight = datetime(2026, 1, 5, tzinfo=UTC)
    rows = sorted((midnight + timedelta(days=day), who) for who in days for day in range(length))
    reader = RecordReader()
    for number, (at, who) in enumerate(rows):
        upgraded = days[who]
        fills = upgraded is not None and at >= midnight + timedelta(days=upgraded)
        action = "fill" if fills else "other"
        reader.read_lines([record(number, at, who, "1Password for Mac", action)], "log")
    return reader.observation


def test_upgrades_are_told_by_when_other_stops() -> None:
    """Two are upgraded after 4 and 6 days, a third not within 20 (the last usage is the end), a fourth was before."""
    found = fit(upgrading({"ada": 4, "bob": 6, "cid": None, "dot": 0}, 21), "fitted")
    assert found.profile.upgrade_days == (4 + 6 + 20) / 2
    assert found.profile.legacy_clients == 0.75
    assert found.sources["upgrade_days"].startswith("fitted: ")


def test_who_says_other_to_the_end_of_the_log_is_never_upgraded() -> None:
    found = fit(upgrading({"ada": None, "bob": None}, 14), "fitted")
    assert found.profile.upgrade_days == 36_500
    assert found.sources["upgrade_days"].startswith("assumption: never, ")
    fills = {"action_people": found.profile.action_people | {"fill": 1.0}}
    later = counted(Company(50, 60, 1, START, msgspec.structs.replace(found.profile, **fills)))
    old = later.actions[:, ACTIONS.index("other")] > 0
    assert old.sum() > 10
    assert later.actions[old][:, ACTIONS.index("fill")].sum() == 0


def test_where_nobody_says_other_upgrades_are_the_shipped_ones(foreign_fit: Fit) -> None:
    assert foreign_fit.profile.upgrade_days == load_profile("midsize-1000").upgrade_days
    assert foreign_fit.sources["upgrade_days"].endswith("(not in the logs)")


def test_what_we_decide_is_an_assumption(foreign_fit: Fit) -> None:
    for field in ("work_starts_spread", "holiday_activity"):
        assert foreign_fit.sources[field].startswith("assumption: ")


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, Mapping):
        yield from (number for part in value.values() for number in numbers(part))
    elif isinstance(value, tuple):
        yield from (number for part in value for number in numbers(part))


def test_fitted_numbers_have_four_digits(foreign: Observation) -> None:
    found = fit(foreign, "fitted")
    fitted = [field for field, source in found.sources.items() if source.startswith("fitted")]
    many = [(field, n) for field in fitted for n in numbers(getattr(found.profile, field)) if n != float(f"{n:.4g}")]
    assert len(fitted) > 10
    assert many == []


def test_a_log_of_more_machines_than_people_makes_a_profile_that_can_be_read(tmp_path: Path) -> None:
    midnight = datetime(2026, 1, 5, tzinfo=UTC)
    rows = [(f"m{n}", "1Password SDK", "server-fetch") for n in range(50)]
    rows += [(who, "1Password for Mac", "fill") for who in ("ada", "bob")]
    reader = RecordReader()
    for day in range(8):
        at = midnight + timedelta(days=day)
        reader.read_lines([record(100 * day + n, at, *row) for n, row in enumerate(rows)], "log")
    found = fit(reader.observation, "fitted")
    assert found.profile.service_accounts == 1_000
    path = tmp_path / "profile.yaml"
    path.write_text(dump_profile(found.profile, found.sources), encoding="utf-8")
    assert load_profile(str(path)) == found.profile


MARKED = "Xyzzy"
"""In every text of a log that says who, what or where."""


def marked_log() -> bytes:
    chance = random.Random(7)
    changes = {
        "uuid": f"{MARKED}event",
        "vault_uuid": f"{MARKED}vault",
        "item_uuid": f"{MARKED}item",
        "user": {"uuid": f"{MARKED}user", "name": f"{MARKED} Name", "email": f"{MARKED}@{MARKED}.example.com"},
        "client": {"app_name": f"{MARKED} app", "platform_name": f"{MARKED}host", "ip_address": "203.0.113.77"},
        "location": {
            "country": f"{MARKED}land",
            "region": MARKED,
            "city": f"{MARKED}ville",
            "latitude": 77.7,
            "longitude": 7.77,
        },
        "session_uuid": f"{MARKED}session",
        "custom": MARKED,
    }
    lines = []
    for number, each in enumerate(log_of(list(workers(6, chance)), chance)):
        usage = json.loads(each)
        own = json.loads(json.dumps(changes).replace(MARKED, f"{MARKED}{number % 4}"))
        lines.append(json.dumps(usage | own | {"uuid": f"{MARKED}{number}", "action": usage["action"]}).encode())
    lines.append(
        json.dumps(changes | {"object_type": MARKED, "action": MARKED, "actor_details": changes["user"]}).encode()
    )
    sign_in = {
        "category": MARKED,
        "type": MARKED,
        "session_uuid": MARKED,
        "target_user": changes["user"],
        "country": "XY",
    }
    return b"\n".join([*lines, json.dumps(sign_in).encode()]) + b"\n"


def test_nothing_that_names_anybody_or_anything_survives(run: Run) -> None:
    Path(f"{MARKED}.ndjson").write_bytes(marked_log())
    ran = run(f"{MARKED}.ndjson", "--out", "profile.yaml", "--name", "ours")
    assert ran.code == 0, ran.err
    text = Path("profile.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["name"] == "ours"
    assert MARKED.lower() not in text.lower()
    for number in ("203.0.113.77", "77.7", "7.77"):
        assert number not in text


def test_the_verb_writes_a_profile_that_the_simulator_takes(run: Run) -> None:
    chance = random.Random(7)
    Path("log").write_bytes(b"\n".join(log_of(list(workers(30, chance)), chance)))
    Path("profile.yaml").write_text("something else", encoding="utf-8")
    ran = run("log", "--out", "profile.yaml")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("profile.yaml: fitted to ")
    assert ran.err.count("\n") == 1
    profile = load_profile("profile.yaml")
    assert profile.name == "fitted"
    assert counted(Company(200, 30, 1, START, profile)).records > 0


def few(people: int, days: int) -> bytes:
    midnight = datetime(2026, 1, 5, tzinfo=UTC)
    rows = [(midnight + timedelta(days=day), f"p{who}") for day in range(days) for who in range(people)]
    return b"\n".join(record(row, at, who, "1Password for Mac", "fill") for row, (at, who) in enumerate(rows))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'{"uuid":"A"}', "records: found no item usages; legal: records of the Events API, some of them item usages"),
        (few(1, 9), "people: found 1 with item usages; legal: 2 or more, machines not counted"),
        (few(2, 6), "days: found item usages of 6; legal: 7 or more"),
        (b"", "log: found an empty file; legal: records, one a line, or pages of the API"),
        (
            b"x",
            "log:1: found no JSON (JSON is malformed: invalid character (byte 0)); legal: a record of the Events API",
        ),
    ],
)
def test_too_little_is_refused_in_one_line_and_nothing_is_written(run: Run, data: bytes, told: str) -> None:
    Path("log").write_bytes(data)
    assert run("log", "--out", "profile.yaml") == (2, "", f"vaultdrill: {told}\n")
    assert not Path("profile.yaml").exists()


def test_the_least_that_can_be_fitted_is_two_people_and_seven_days(run: Run) -> None:
    Path("log").write_bytes(few(2, 7))
    assert run("log", "--out", "profile.yaml").code == 0
    assert load_profile("profile.yaml").people == 2


def test_machines_alone_are_no_company() -> None:
    reader = RecordReader()
    midnight = datetime(2026, 1, 5, tzinfo=UTC)
    reader.read_lines([record(n, midnight, f"m{n}", "1Password SDK", "server-fetch") for n in range(9)], "log")
    with pytest.raises(FitError, match=r"^people: found 0 "):
        fit(reader.observation, "fitted")


def test_a_file_that_cannot_be_written_is_told_in_one_line(run: Run) -> None:
    Path("log").write_bytes(few(2, 7))
    ran = run("log", "--out", "absent/profile.yaml")
    assert (ran.code, ran.err) == (
        2,
        "vaultdrill: absent/profile.yaml: cannot be written (No such file or directory)\n",
    )
