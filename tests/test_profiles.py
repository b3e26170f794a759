"""Profile files: what is shipped, what loads, what is refused and in which words."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from simulator.activity import OUTCOMES
from simulator.company import Company
from simulator.counting import counted
from simulator.profile import HABITS, Profile
from simulator.profile_file import (
    ProfileError,
    dump_profile,
    load_profile,
    read_profile,
    shipped_profiles,
)
from simulator.profile_rules import conflict, units

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "simulator" / "profiles"
MIDSIZE = (SHIPPED / "midsize-1000.yaml").read_text(encoding="utf-8")
NAMES = "startup-50, midsize-1000, enterprise-20000"
FIELDS = Profile.__struct_fields__
FIGURES = FIELDS[2:]
ROLES = "engineer, sre, it, finance, sales, support, executive, hr, contractor, security"

shipped = pytest.mark.parametrize("name", shipped_profiles())


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "case.yaml"


def complaint(path: Path, text: str) -> str:
    """Return the one line with which loading *text* is refused, without the directory."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError) as refused:
        load_profile(str(path))
    assert "\n" not in str(refused.value)
    return str(refused.value).removeprefix(f"{path.parent}/")


def edited(old: str, new: str) -> str:
    assert MIDSIZE.count(old) == 1, f"{old!r} must name one place of the shipped file"
    return MIDSIZE.replace(old, new)


def line_of(text: str, part: str) -> int:
    """Return the number, from 1, of the line on which *part* begins, which stands there once."""
    assert text.count(part) == 1, f"{part!r} must name one place of the edited file"
    return text[: text.index(part)].count("\n") + 1


def mean(quantiles: tuple[float, ...]) -> float:
    return sum(low + high for low, high in pairwise(quantiles)) / 2 / (len(quantiles) - 1)


def share_of_top_tenth(quantiles: tuple[float, ...]) -> float:
    """Return the share of all that the top tenth of people have, if quantiles are joined by straight lines."""
    steps, points = len(quantiles) - 1, 10_000
    values = []
    for point in range(points):
        at = (point + 0.5) / points * steps
        low, high = quantiles[int(at)], quantiles[int(at) + 1]
        values.append(low + (high - low) * (at - int(at)))
    return sum(values[-points // 10 :]) / sum(values)


def records_a_day(profile: Profile) -> float:
    """Return about how many records a day there are for each person, weekends and vacations included."""
    shares = profile.role_share
    activity = sum(share * profile.role_activity[role] for role, share in shares.items()) / sum(shares.values())
    at_work = sum(profile.weekdays) / 7 * (1 - profile.weeks_away) * (1 - 10 / 365)  # ten public holidays
    usages = mean(profile.events_a_day) * activity * at_work
    plumbing = 1 + profile.delegations + profile.tokens * profile.single_sign_on
    jobs = profile.service_accounts / 100 * mean(profile.service_sessions) * (1 + profile.service_fetches)
    connect = profile.connect_servers / 100 * mean(profile.connect_fetches) * 24
    return usages + usages / profile.events_a_session * (1 + plumbing) + jobs + connect


# What is shipped


def test_the_shipped_profiles_are_a_start_up_a_middle_and_an_enterprise_by_size() -> None:
    assert shipped_profiles() == ("startup-50", "midsize-1000", "enterprise-20000")


@shipped
def test_a_shipped_profile_has_the_name_and_the_people_that_its_file_is_called_after(name: str) -> None:
    profile = load_profile(name)
    assert (profile.name, profile.people) == (name, int(name.rpartition("-")[2]))


@shipped
def test_each_figure_has_a_unit_and_a_source(name: str) -> None:
    sources = read_profile(name).sources
    assert tuple(units()) == tuple(sources) == FIGURES
    assert all(units().values())
    assert all(source.strip() for source in sources.values())


@shipped
def test_an_assumption_says_why(name: str) -> None:
    bare = [field for field, source in read_profile(name).sources.items() if re.fullmatch(r"assumption\W*", source)]
    assert bare == []


@shipped
def test_roles_are_the_ten_of_the_project(name: str) -> None:
    assert ", ".join(load_profile(name).role_share) == ROLES


@shipped
@pytest.mark.parametrize("field", ["role_share", "computers", "vault_use"])
def test_shares_of_staff_sum_to_one(name: str, field: str) -> None:
    assert sum(getattr(load_profile(name), field).values()) == pytest.approx(1)


@shipped
def test_offices_share_the_staff_and_no_address(name: str) -> None:
    offices = load_profile(name).offices
    assert sum(office.share for office in offices) == pytest.approx(1)
    assert len({office.ip for office in offices}) == len(offices)


@shipped
def test_the_median_person_uses_about_two_items_a_day_and_the_top_tenth_more_than_a_quarter_of_all(name: str) -> None:
    profile = load_profile(name)
    assert len(profile.events_a_day) == 17
    assert profile.events_a_day[8] == pytest.approx(1.9, rel=0.15)
    assert share_of_top_tenth(profile.events_a_day) > 0.25
    assert profile.events_a_day[-1] * max(profile.role_activity.values()) <= 60


def test_the_top_tenth_of_equals_has_a_tenth() -> None:
    assert share_of_top_tenth((3.0, 3.0, 3.0)) == pytest.approx(0.1)


@shipped
def test_most_people_never_export_or_share(name: str) -> None:
    people = load_profile(name).action_people
    assert people["fill"] == 1
    assert max(people["export"], people["share"]) < 0.1


def test_a_year_of_the_enterprise_is_more_than_a_hundred_million_records() -> None:
    profile = load_profile("enterprise-20000")
    assert 100e6 < records_a_day(profile) * profile.people * 365 < 150e6


def test_single_sign_on_spreads_with_size() -> None:
    assert [load_profile(name).single_sign_on for name in shipped_profiles()] == [0.0, 0.2, 0.85]


@shipped
def test_nearly_all_item_usages_are_sent_within_a_minute_and_all_within_an_hour(name: str) -> None:
    sync = load_profile(name).sync_ms
    assert sync[len(sync) * 3 // 4] < 60_000 < sync[-1] <= 3_600_000


# Reading and writing


def test_a_path_is_read_like_a_name(written: Path) -> None:
    written.write_text(MIDSIZE, encoding="utf-8")
    assert load_profile(str(written)) == load_profile("midsize-1000")


@shipped
def test_what_is_dumped_is_read_back_equal(name: str, written: Path) -> None:
    profile, sources = read_profile(name)
    written.write_text(dump_profile(profile, sources, "Two lines\n\nof comment: with a colon"), encoding="utf-8")
    assert read_profile(str(written)) == (profile, sources)


def test_what_looks_like_something_else_in_yaml_is_read_back_equal(written: Path) -> None:
    profile, sources = read_profile("startup-50")
    odd = msgspec.structs.replace(
        profile,
        name="no",
        description="1_000",
        growth=1e-7,
        role_share=profile.role_share,
        offices=(*profile.offices, profile.offices[0]),  # the same twice: no reference may stand for it
        hours=(0.1 + 0.2,) * 24,
    )
    said = sources | {"growth": "fitted: 7 records, # of 2 people\nand more"}
    written.write_text(dump_profile(odd, said), encoding="utf-8")
    assert read_profile(str(written)) == (odd, said)


def test_the_header_is_a_comment_above_the_name() -> None:
    text = dump_profile(*read_profile("startup-50"), "Fitted.\n\nBy hand.")
    assert text.startswith("# Fitted.\n#\n# By hand.\n\nname: startup-50\n")


def test_a_figure_without_a_source_is_not_dumped() -> None:
    profile, sources = read_profile("startup-50")
    with pytest.raises(ProfileError, match=r"^sources: phones: found nothing; legal: a citation, "):
        dump_profile(profile, sources | {"phones": " "})


def test_reading_the_module_does_not_import_holidays() -> None:
    code = "import sys, simulator.profile_file; sys.exit('holidays' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


# What is refused

FIGURE = "a mapping of value, unit, source"
SOURCE = "a citation, assumption, assumption: why, or fitted: from what"
DOCUMENTATION = "192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32"
KNOWN_FAILURES = ", ".join(outcome.failure for outcome in OUTCOMES if outcome.failure)


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        # The form of a figure
        ("\npeople:\n  value:  1000\n", "\npeople:\n", "people:\n  unit",
         "people.value: found nothing; legal: the figure"),
        ("\nphones:\n", "\nphone:\n", "phone:",
         f"phone: found an unknown key; legal: one of {len(FIELDS)} names, such as phones, patches, offline"),
        ("\nname: midsize-1000\n", "\n", "# A company of middle", "name: found nothing; legal: a text"),
        ("\nname: midsize-1000\n", "\nname: 7\n", "name: 7", "name: found 7; legal: a text"),
        ("  unit:   people\n", "  unit:   persons\n", "persons", "people.unit: found 'persons'; legal: people"),
        ("  unit:   people\n", "  unit:   people\n  note: x\n", "note: x",
         "people.note: found an unknown key; legal: value, unit, source"),
        ('"assumption: the size that the name says"', '" "', 'source: " "',
         f"people.source: found ' '; legal: {SOURCE}"),
        ('"assumption: the size that the name says"', "2019", "source: 2019",
         f"people.source: found 2019; legal: {SOURCE}"),
        # Types and ranges
        ("  value:  1000\n", "  value:  0\n", "value:  0\n",
         "people.value: found 0; legal: an integer from 1 to 10000000"),
        ("  value:  1000\n", "  value:  yes\n", "value:  yes",
         "people.value: found True; legal: an integer from 1 to 10000000"),
        ("  value:  1000\n", "  value:  100000000000000000000\n", "value:  100000000000000000000\n",
         "people.value: found 100000000000000000000; legal: an integer from 1 to 10000000"),
        ("  value:  1000\n", f"  value:  0x{'F' * 5000}\n", "value:  0x",
         "people.value: found an integer of thousands of digits; legal: an integer from 1 to 10000000"),
        ("  value:  [31, 180]\n", "  value:  [31, 36526]\n", "[31, 36526]",
         "parental_days.value[1]: found 36526; legal: an integer from 1 to 36525"),
        ("  value:  0.45\n", "  value:  45\n", "value:  45\n",
         "home_ipv6.value: found 45; legal: a number from 0 to 1"),
        ("  value:  3.9\n", "  value:  0\n", "value:  0\n",
         "years_here.value: found 0; legal: a number above 0, at most 1000"),
        ("  value:  9.0\n", "  value:  24\n", "value:  24",
         "work_starts.value: found 24; legal: a number of at least 0 below 24"),
        ("  value:  0.4\n", "  value:  .nan\n", ".nan", "phones.value: found nan; legal: a number from 0 to 1000000"),
        ("  value:  0.4\n", "  value:  .inf\n", ".inf", "phones.value: found inf; legal: a number from 0 to 1000000"),
        ("{mac: 0.5,", "{mac: half,", "mac: half",
         "computers.value.mac: found 'half'; legal: a number from 0 to 1000000"),
        ("[1.05, 1.08, 1.05, 1.0, 0.85, 0.12, 0.1]", "[1, 1]", "[1, 1]",
         "weekdays.value: found [1, 1]; legal: a list of 7, each a number from 0 to 100"),
        ("[24, 96]", "[24]", "[24]",
         "vault_items.value: found [24]; legal: a list of 2, each an integer from 1 to 4000"),
        ("longitude: 13.405,", "longitude: 213,", "longitude: 213",
         "offices.value[1].longitude: found 213; legal: a number from -180 to 180"),
        ('country_code: "DE"', "country_code: no", "country_code: no",
         "offices.value[1].country_code: found False; legal: a text that matches ^[A-Z]{2}$"),
        ("city: Berlin, ", "town: Berlin, ", "town: Berlin",
         "offices.value[1].town: found an unknown key; legal: country, country_code, region, city, latitude, "
         "longitude, timezone, share, ip, subdivision"),
        ("projects_most:\n  value:  3\n", "projects_most:\n  value:  9\n", "value:  9\n",
         "projects_most.value: found 9; legal: an integer from 0 to 8"),
        # Names that go together
        ("role_share:\n  value:  {engineer:", "role_share:\n  value:  {enginer:", "enginer:",
         f"role_share.value.enginer: found an unknown key; legal: {ROLES}"),
        ("role_activity:\n  value:  {engineer: 1.2,", "role_activity:\n  value:  {", "{ sre: 2.0",
         "role_activity.value.engineer: found nothing; legal: a number"),
        ("role_weekend:\n  value:  {engineer: 1.0,", "role_weekend:\n  value:  {pilot: 1.0,", "pilot:",
         f"role_weekend.value.pilot: found an unknown key; legal: {ROLES}"),
        ("role_rotation:\n  value:  {engineer:", "role_rotation:\n  value:  {pilot:", "pilot:",
         f"role_rotation.value.pilot: found an unknown key; legal: {ROLES}"),
        ("hr:         {share: 2.0}", "hr:         {lend: 2.0}", "lend",
         f"role_actions.value.hr.lend: found an unknown key; legal: {', '.join(HABITS)}"),
        ("action_people:\n  value:  {enter-item-edit-mode: 0.3,", "action_people:\n  value:  {", "{ export: 0.05",
         "action_people.value.enter-item-edit-mode: found nothing; legal: a number"),
        ("action_per_fill:\n  value:  {", "action_per_fill:\n  value:  {other: 1.0, ", "other: 1.0",
         f"action_per_fill.value.other: found an unknown key; legal: {', '.join(HABITS)}"),
        ("{mac: 0.5,", "{mac: 0.5, plan9: 0,", "plan9",
         "computers.value.plan9: found an unknown key; legal: mac, windows, linux"),
        ("second: 0.25}", "sdk: 0.25}", "sdk",
         "client_sessions.value.sdk: found an unknown key; legal: extension, desktop, mobile, cli, web, second"),
        ("{password: 0.03,", "{passwords: 0.03,", "passwords:",
         f"failures.value.passwords: found an unknown key; legal: {KNOWN_FAILURES}"),
        ("{company: 0.25,", "{personal: 0.25,", "personal",
         "vault_use.value.personal: found an unknown key; legal: company, team, project"),
        # Weights and orders
        ("{mac: 0.5, windows: 0.42, linux: 0.08}", "{mac: 0, windows: 0, linux: 0}", "{mac: 0,",
         "computers.value: found zeros alone; legal: a sum above 0"),
        ("0.71, 0.85, 1.0, 1.17, 1.4, 1.78, 3.5]", "0.71, 3.5]", "[0.3, 0.56, 0.71, 3.5]",
         "action_strength.value: found 4 quantiles; legal: 2, 3, 5, 9, 17, 33, 65, ... of them"),
        ("[0.05, 0.5, 0.7, 0.85,", "[0.05, 0.7, 0.5, 0.85,", "[0.05, 0.7, 0.5",
         "events_a_day.value[2]: found 0.5 after 0.7; legal: ascending numbers"),
        ("5_400_000, 12_600_000, 28_800_000]", "5_400_000, 12_600_000, 2_160_084_000]", "2_160_084_000",
         "outage_ms.value[4]: found a step of 2147484000; legal: steps below 2147483648"),
        ("  value:  [31, 180]\n", "  value:  [180, 31]\n", "[180, 31]",
         "parental_days.value[1]: found 31 after 180; legal: ascending numbers"),
        # Places
        ("timezone: Europe/Berlin", "timezone: Europe/Bonn", "Europe/Bonn",
         "offices.value[1].timezone: found 'Europe/Bonn'; legal: a zone of the IANA time zone database"),
        ("timezone: Europe/Berlin", "timezone: Europe", "timezone: Europe,",
         "offices.value[1].timezone: found 'Europe'; legal: a zone of the IANA time zone database"),
        ("ip: 192.0.2.20", "ip: 8.8.8.8", "ip: 8.8.8.8",
         f"offices.value[1].ip: found '8.8.8.8'; legal: a documentation address, in {DOCUMENTATION}"),
        ("ip: 192.0.2.20", "ip: 192.0.2.256", "ip: 192.0.2.256",
         f"offices.value[1].ip: found '192.0.2.256'; legal: a documentation address, in {DOCUMENTATION}"),
        ('country_code: "DE"', 'country_code: "XX"', '"XX"',
         "offices.value[1].country_code: found 'XX'; legal: a country that `holidays` knows"),
        ('subdivision: "BE"', 'subdivision: "XX"', 'subdivision: "XX"',
         "offices.value[1].subdivision: found 'XX'; legal: a subdivision of the country that `holidays` knows"),
        # Caps
        ("144, 200]", "144, 4000]", "144, 4000]",
         "service_sessions.value[8]: found 4000; legal: at most 3333, for 10000 server-fetch an hour"),
        ("200, 400]", "200, 10001]", "200, 10001]",
         "connect_fetches.value[8]: found 10001; legal: at most 10000, for 10000 server-fetch an hour"),
        # YAML
        ("  value:  1000\n", "  value:  [1000\n", "  unit:   people\n",
         "document: found did not find expected ',' or ']'; legal: YAML"),
        ("  value:  1000\n", "  value:  1000\n  value:  2000\n", "value:  2000",
         "document: found a second key 'value'; legal: YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_in_one_line(old: str, new: str, at: str, says: str, written: Path) -> None:
    text = edited(old, new)
    found = complaint(written, text)
    file, line, rest = found.split(":", 2)
    assert (file, rest) == ("case.yaml", f" {says}")
    assert int(line) == line_of(text, at)


def test_a_company_without_roles_is_refused_as_such(written: Path) -> None:
    text = re.sub(r"(\nrole_share:\n  value:  )\{[^}]*\}", r"\1{}", MIDSIZE)
    says = "role_share.value: found no role; legal: a mapping of one role or more, each to a number"
    assert complaint(written, text).endswith(f": {says}")


@pytest.mark.parametrize("field", ["role_activity", "role_weekend"])
def test_a_day_of_more_item_usages_than_a_computer_holds_is_refused(field: str) -> None:
    profile = load_profile("startup-50")
    factors = dict.fromkeys(profile.role_share, 100.0)
    busy = msgspec.structs.replace(profile, events_a_day=(0.0, 2_000.0), **{field: factors})
    found = conflict(busy)
    assert found is not None
    assert (found.keys, found.legal) == (("events_a_day", "value", 1), "at most 100000")
    assert conflict(msgspec.structs.replace(busy, events_a_day=(0.0, 100.0))) is None


Bound = Callable[[inspect.IntType | inspect.FloatType], float]


def least(shape: inspect.IntType | inspect.FloatType) -> float:
    return 1e-3 if shape.ge is None else shape.ge


def greatest(shape: inspect.IntType | inspect.FloatType) -> float:
    if shape.le is not None:
        return shape.le
    assert shape.lt is not None
    return shape.lt - 1e-3


def bounded(shape: inspect.Type, value: Any, bound: Bound) -> Any:
    """*value* with each of its numbers the *bound* of its *shape*."""
    match shape:
        case inspect.Metadata(type=inner):
            return bounded(inner, value, bound)
        case inspect.IntType() | inspect.FloatType():
            return type(value)(bound(shape))
        case inspect.DictType(value_type=each):
            return {key: bounded(each, part, bound) for key, part in value.items()}
        case inspect.VarTupleType(item_type=each):
            return tuple(bounded(each, part, bound) for part in value)
        case inspect.TupleType(item_types=types):
            return tuple(bounded(each, part, bound) for each, part in zip(types, value, strict=True))
    return value


@pytest.mark.parametrize("field", sorted({*FIGURES} - {"people", "offices", "destinations"}))
@pytest.mark.parametrize("bound", [least, greatest])
def test_the_bounds_of_every_figure_can_be_simulated(field: str, bound: Bound) -> None:
    """Or are refused for what stands beside them."""
    base = load_profile("startup-50")
    shape = next(each.type for each in inspect.type_info(Profile).fields if each.name == field)  # type: ignore[attr-defined]
    profile = msgspec.structs.replace(base, **{field: bounded(shape, getattr(base, field), bound)})
    if conflict(profile) is None:
        assert counted(Company(8, 4, 1, date(2026, 1, 5), profile)).records >= 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "case.yaml:1: document: found None; legal: a mapping of the fields of a profile"),
        ("- a\n", "case.yaml:1: document: found ['a']; legal: a mapping of the fields of a profile"),
        ("name: x\ndescription: y\n", f"case.yaml:1: people: found nothing; legal: {FIGURE}"),
        ("a: 2026-02-31\n", "case.yaml:1: document: found day is out of range for month; legal: YAML"),
        ("a: 1\n--- \nb: 2\n", "case.yaml:2: document: found but found another document; legal: YAML"),
        ("a: &a [*a]\n", f"case.yaml:1: a: found an unknown key; legal: one of {len(FIELDS)} names, such as "),
    ],
)
def test_what_is_no_profile_at_all_is_refused_in_one_line(text: str, says: str, written: Path) -> None:
    assert complaint(written, text).startswith(says)


@pytest.mark.parametrize("opening", ["[", "[\n", "- ", "{a: ", "{a:\n"])
def test_deep_nesting_is_refused_in_one_line(opening: str, written: Path) -> None:
    assert complaint(written, "a:\n" + opening * 100_000).endswith("; legal: YAML")


def test_values_nest_no_deeper_than_sixteen(written: Path) -> None:
    assert complaint(written, "[" * 16 + "]" * 16).startswith(
        "case.yaml:1: document: found [[[[...]]]]; legal: a mapping"
    )
    assert (
        complaint(written, "[" * 17 + "]" * 17)
        == "case.yaml:1: document: found values nested deeper than 16; legal: YAML"
    )


def test_aliases_that_stand_for_millions_of_values_are_refused_at_once(written: Path) -> None:
    bomb = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 12))
    text = f"l0: &l0 [x]\n{bomb}" + MIDSIZE
    assert ": l0: found an unknown key; legal: " in complaint(written, text)
    start = MIDSIZE.replace("  value:  1000\n", "  value:  &a [&b [&c [&d [x, x], *d, *d], *c, *c], *b, *b]\n")
    assert ": people.value: found [[[[...], [...], [...]]" in complaint(written, start)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProfileError) as refused:
        load_profile("midsize")
    assert str(refused.value) == f"profile: found 'midsize'; legal: {NAMES}, or a YAML file"


def test_an_absent_file_is_refused_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "absent.yaml"
    with pytest.raises(ProfileError) as refused:
        load_profile(str(path))
    assert str(refused.value) == f"{path}: found no such file; legal: {NAMES}, or a YAML file"


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError) as refused:
        load_profile(str(tmp_path))
    assert str(refused.value) == f"{tmp_path}: found no readable file (Is a directory); legal: {NAMES}, or a YAML file"


def test_bytes_that_are_no_text_are_refused(written: Path) -> None:
    written.write_bytes(b"name: \xff\n")
    with pytest.raises(ProfileError) as refused:
        load_profile(str(written))
    assert str(refused.value) == f"{written}: found bytes that are not text; legal: YAML in UTF-8"


# The simulator does not speak of detection


def test_the_simulator_has_no_word_for_what_the_detector_does() -> None:
    banned = re.compile(r"\bnew\b|learn|forget|forgot|baseline|verdict|unseen", re.IGNORECASE)
    folder = ROOT / "simulator"
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.yaml")])
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if banned.search(line)
    ]
    assert found == [], "\n" + "\n".join(found)
