"""The page of a report: complete, closed to the network, readable by everybody, small, and the same every time."""

import re
from itertools import pairwise

import msgspec
import pytest
from html_pages import Element, ids, parsed
from html_reports import Stage, report

from harness.report.html.page import html
from harness.submission import Throughput

MEGABYTE = 10**6
SECTIONS = [
    "figures",
    "scenarios",
    "incidents",
    "budget",
    "baseline",
    "sweep",
    "throughput",
    "missed",
    "origin",
]


@pytest.fixture(scope="module")
def text() -> str:
    return html(report())


@pytest.fixture(scope="module")
def page(text: str) -> Element:
    return parsed(text)


def test_the_sections_come_in_the_order_in_which_they_are_asked_for(page: Element) -> None:
    assert [section.attributes["id"] for section in page.all("section")] == SECTIONS


def test_it_opens_with_the_verdict(page: Element) -> None:
    (heading,) = page.all("h1")
    assert (
        heading.text
        == "3 of 6 attacks found, at 71.4 signals a day per 1,000 people: 26 of 30 signals were false alarms."
    )
    assert heading.parent is not None
    assert heading.parent.tag == "header"


def test_an_id_is_there_once_and_every_reference_leads_somewhere(page: Element) -> None:
    known = ids(page)
    assert len(known) == len(set(known))
    for element in page.all():
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(element.attributes.get(name, "").split()) <= set(known)
        if element.tag == "a":
            assert element.attributes["href"].removeprefix("#") in known


def test_headings_go_down_one_level_at_a_time(page: Element) -> None:
    levels = [int(element.tag[1]) for element in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_there_are_landmarks_and_the_first_link_skips_to_the_main_one(page: Element) -> None:
    (body,) = page.all("body")
    assert [child.tag for child in body.children] == ["a", "header", "nav", "main", "footer"]
    first = next(page.all("a", "summary"))
    assert first.attributes["href"] == "#main"
    assert all(nav.attributes["aria-label"] for nav in page.all("nav"))


def test_it_asks_nothing_of_any_network(text: str, page: Element) -> None:
    assert not [*page.all("script", "link", "img", "iframe", "object", "embed", "video", "audio", "form", "base")]
    for element in page.all():
        for name, value in element.attributes.items():
            assert name not in ("src", "srcset", "xlink:href", "action", "background")
            assert not name.startswith("on")
            assert "://" not in value or name.startswith("xmlns")
    assert "@import" not in text
    assert all(target.startswith("#") for target in re.findall(r"url\(['\"]?([^)]*)", text))
    (policy,) = [meta for meta in page.all("meta") if "http-equiv" in meta.attributes]
    assert policy.attributes["content"].startswith("default-src 'none'")


def test_every_picture_has_words(page: Element) -> None:
    pictures = [*page.all("svg")]
    assert pictures
    for picture in pictures:
        if picture.attributes.get("aria-hidden") != "true":
            assert picture.attributes["role"] == "img"
            assert next(picture.all("title")).text


def test_every_chart_has_a_title_a_description_and_a_table(page: Element) -> None:
    for section in page.all("section"):
        charts = [svg for svg in section.all("svg") if "chart" in svg.attributes.get("class", "").split()]
        for chart in charts:
            assert [child.tag for child in chart.children[:2]] == ["title", "desc"]
        assert not charts or [*section.all("table")]


def test_a_table_says_what_it_is_and_its_headers_what_they_head(page: Element) -> None:
    tables = [*page.all("table")]
    assert tables
    for table in tables:
        assert next(child.tag for child in table.children) == "caption"
        assert all(th.attributes["scope"] in ("row", "col") for th in table.all("th"))
        box = table.parent
        assert box is not None
        assert (box.attributes["class"], box.attributes["role"], box.attributes["tabindex"]) == (
            "scroll",
            "region",
            "0",
        )


def test_every_missed_attack_is_told_with_its_reason(page: Element) -> None:
    missed = next(section for section in page.all("section") if section.attributes["id"] == "missed").text
    for run in ("attacks/bulk-export#3", "attacks/everyday-actions#1", "attacks/everyday-actions#7"):
        assert run in missed
        assert f"reveal was nothing new ({run})" in missed


def test_of_20_000_people_the_page_shows_some_says_so_and_stays_small() -> None:
    text = html(report(people=20_000, signals=5_000, runs=400))
    assert len(text.encode()) < 3 * MEGABYTE
    page = parsed(text)
    assert "Of 20,000 there are 60 shown one by one" in page.text
    assert "There are 400 incidents, so that each row is a scenario" in page.text
    missed = next(section for section in page.all("section") if section.attributes["id"] == "missed")
    assert len([*missed.all("li")]) == 134


def test_what_a_machine_measures_is_in_one_section_only() -> None:
    slow = [Stage("read", 10_000, 9.9, 1.0, 1010.0, 99_000_000)]
    told = report()
    other = msgspec.structs.replace(
        told, card=msgspec.structs.replace(told.card, stages=slow, throughput=Throughput(1.0, 2.0, 3.0))
    )
    one, two = html(told), html(other)
    assert one != two
    assert without_throughput(one) == without_throughput(two)


def without_throughput(text: str) -> str:
    before, _, rest = text.partition('<section id="throughput"')
    return before + rest.partition("</section>")[2]


def test_the_same_report_makes_the_same_bytes(text: str) -> None:
    assert html(report()) == text
