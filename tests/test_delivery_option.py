"""`--delivery`: off, as the profile has it, or by number; near misses are refused in one line."""

from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from harness.delivery_option import KNOBS, DeliveryError, delivery_option, parse_delivery
from simulator.delivery import Collector, Delivery
from simulator.timeline import DAY, Period

OFF = Delivery.off()
REALISTIC = Delivery(
    sync_ms=(0, 1_000, 3_600_000),
    offline=0.01,
    offline_days=(1, 5),
    disorder_ms=(0, 120_000),
    duplicates=0.0005,
    outages=4,
    outage_ms=(1_200_000, 28_800_000),
    catch_up=0.1,
)
PROFILE: Any = SimpleNamespace(**{field: getattr(REALISTIC, field) for field in REALISTIC.__struct_fields__})
EXAMPLE = "sync-delay=30s,duplicates=0.01,outages=4"
KEYS = "sync-delay, offline, offline-days, disorder, duplicates, outages, outage, catch-up"
FORMS = f"legal: off or realistic first, KEY=VALUE with a KEY of {KEYS}"
DURATION = "legal: a duration of at most 24d, like 90s, 15m or 2h"
SHARE = "legal: a share from 0 to 1, like 0.01"


@pytest.mark.parametrize(
    ("text", "delivery"),
    [
        ("off", OFF),
        ("realistic", REALISTIC),
        ("realistic,duplicates=0,outages=0", replace(REALISTIC, duplicates=0.0, outages=0.0)),
        ("realistic,offline-days=7", replace(REALISTIC, offline_days=(7, 7))),
        ("off,duplicates=0.5", replace(OFF, duplicates=0.5)),
        ("sync-delay=90s", replace(OFF, sync_ms=(0, 90_000))),
        ("sync-delay=24d", replace(OFF, sync_ms=(0, 24 * 86_400_000))),
        ("disorder=300ms", replace(OFF, disorder_ms=(0, 300))),
        ("offline=0.25,offline-days=1-5", replace(OFF, offline=0.25, offline_days=(1, 5))),
        ("offline-days=365,offline=1", replace(OFF, offline=1.0, offline_days=(365, 365))),
        ("outages=4,outage=2h,catch-up=1", replace(OFF, outages=4.0, outage_ms=(7_200_000, 7_200_000), catch_up=1.0)),
        ("off, duplicates=0.5", replace(OFF, duplicates=0.5)),
        (" realistic ,  duplicates=0,\toutages=0 ", replace(REALISTIC, duplicates=0.0, outages=0.0)),
        (EXAMPLE, replace(OFF, sync_ms=(0, 30_000), duplicates=0.01, outages=4.0)),
        ("outages=0.5", replace(OFF, outages=0.5)),
    ],
)
def test_a_delivery_is_a_starting_point_and_what_differs_from_it(text: str, delivery: Delivery) -> None:
    assert parse_delivery(text, PROFILE) == delivery


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", f"found ''; {FORMS}"),
        ("on", f"found 'on'; {FORMS}"),
        ("Realistic", f"found 'Realistic'; {FORMS}"),
        ("realistic,", f"found ''; {FORMS}"),
        ("realistic,off", f"found 'off'; {FORMS}"),
        ("duplicates=0,realistic", f"found 'realistic'; {FORMS}"),
        ("duplicates", f"found 'duplicates'; {FORMS}"),
        ("duplicate=0.1", f"found 'duplicate=0.1'; {FORMS}"),
        ("off duplicates=0.1", f"found 'off duplicates=0.1'; {FORMS}"),
        ("duplicates = 0.1", f"found 'duplicates = 0.1'; {FORMS}"),
        ("sync_delay=1m", f"found 'sync_delay=1m'; {FORMS}"),
        ("sync-delay=90", f"sync-delay: found '90'; {DURATION}"),
        ("sync-delay=25d", f"sync-delay: found '25d'; {DURATION}"),
        ("disorder=-1s", f"disorder: found '-1s'; {DURATION}"),
        ("outages=1,outage=1.5h", f"outage: found '1.5h'; {DURATION}"),
        ("duplicates=1.01", f"duplicates: found '1.01'; {SHARE}"),
        ("duplicates=-0", f"duplicates: found '-0'; {SHARE}"),
        ("duplicates=1%", f"duplicates: found '1%'; {SHARE}"),
        ("offline=nan", f"offline: found 'nan'; {SHARE}"),
        ("offline=٣", f"offline: found '٣'; {SHARE}"),
        ("offline=", f"offline: found ''; {SHARE}"),
        ("offline-days=0", "offline-days: found '0'; legal: N or N-M days from 1 to 365, like 2 or 1-5"),
        ("offline-days=5-1", "offline-days: found '5-1'; legal: N or N-M days from 1 to 365, like 2 or 1-5"),
        ("offline-days=1-366", "offline-days: found '1-366'; legal: N or N-M days from 1 to 365, like 2 or 1-5"),
        ("outages=366", "outages: found '366'; legal: outages a year, from 0 to 365, like 4"),
        ("catch-up=0", "catch-up: found '0'; legal: a factor above 0 and at most 1, like 0.1"),
        ("catch-up=1.1", "catch-up: found '1.1'; legal: a factor above 0 and at most 1, like 0.1"),
        ("offline=0.1,offline=0.1", "offline: found it twice; legal: once"),
        ("outage=1h", "outage: found outages=0; legal: outages above 0 with it"),
        ("realistic,outages=0,catch-up=1", "catch-up: found outages=0; legal: outages above 0 with it"),
        ("offline-days=2", "offline-days: found offline=0; legal: offline above 0 with it"),
    ],
)
def test_anything_else_is_refused_in_one_line_that_says_what_is_legal(text: str, complaint: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        parse_delivery(text, PROFILE)
    assert str(refused.value) == f"--delivery: {complaint}"


def test_what_is_refused_is_shown_only_in_part() -> None:
    with pytest.raises(DeliveryError) as refused:
        parse_delivery("offline=" + "9" * 10_000, PROFILE)
    assert len(str(refused.value)) < 150


@given(st.text(st.sampled_from("01.9-=,smhd"), max_size=6), st.sampled_from(list(KNOBS)))
def test_every_text_is_refused_or_is_a_delivery_that_works(text: str, key: str) -> None:
    told = {"offline": "1", "outages": "300", key: text}
    try:
        delivery = parse_delivery(",".join(f"{name}={value}" for name, value in told.items()), PROFILE)
    except DeliveryError as refused:
        assert "\n" not in str(refused)  # noqa: PT017 - both ends are tested
    else:
        assert Collector(delivery, 7, Period(0, 9 * DAY)).lookback(0, DAY) >= 0


def test_a_verb_has_the_text_and_off_when_it_is_not_given() -> None:
    @click.command()
    @delivery_option
    def verb(delivery: str) -> None:
        click.echo(delivery)

    ran = CliRunner()
    assert ran.invoke(verb, []).output == "off\n"
    assert ran.invoke(verb, ["--delivery", "realistic,duplicates=0"]).output == "realistic,duplicates=0\n"
    help_text = " ".join(ran.invoke(verb, ["--help"]).output.split())
    assert "default: off" in help_text
    assert all(key in help_text for key in KNOBS)
    assert EXAMPLE in help_text
