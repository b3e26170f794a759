"""The other settings on the page: heat maps, the front, and what was turned."""

import msgspec
import pytest
from html_pages import Element, parsed
from html_reports import report, setting, sweep

from harness.report.html.heat import heat_maps, listed, points, turned
from harness.report.html.page import html

SETTINGS = sweep().settings


def test_what_is_the_same_in_all_settings_was_not_turned() -> None:
    assert [*turned(SETTINGS)] == ["learning_duration", "forget_after", "forget_mode"]


def test_a_map_holds_a_figure_for_each_pair_with_the_other_knobs_as_the_rule_has_them() -> None:
    maps, still = heat_maps(SETTINGS)
    recall = maps[0]
    assert still == {"forget mode": "sliding"}
    assert (recall.down, recall.across) == ("learning duration", "forget after")
    assert (recall.columns, [name for name, _ in recall.rows]) == (["1", "7", "14", "28"], ["0", "7", "14"])
    assert [cell and cell.text for cell in recall.rows[1][1]] == ["97%", "77%", "53%", "6.7%"]
    assert [cell and cell.is_current for cell in recall.rows[1][1]] == [False, False, False, True]


def test_a_setting_that_cannot_be_compared_leaves_its_cell_empty() -> None:
    assert heat_maps(SETTINGS)[0][0].rows[2][1][0] is None


def test_the_shade_of_the_load_is_its_share_of_the_largest() -> None:
    load = heat_maps(SETTINGS)[0][2]
    assert [cell and cell.shade for cell in load.rows[0][1]] == [
        1.0,
        pytest.approx(76 / 88),
        pytest.approx(62 / 88),
        pytest.approx(34 / 88),
    ]


def test_one_knob_makes_no_map() -> None:
    assert heat_maps([setting(7, 1, "sliding"), setting(7, 28, "sliding")]) == ([], {})


def test_the_rule_as_it_is_comes_first_then_the_front_then_the_rest_by_load() -> None:
    rows = listed(SETTINGS)
    assert rows[0][0] == "learning duration 7, forget after 28, forget mode sliding"
    assert [each.is_on_front for _, each in rows[1:]] == [True] * 6 + [False] * 17


def test_what_cannot_be_compared_comes_last_and_says_so() -> None:
    late = [msgspec.structs.replace(each, is_on_front=False, is_comparable=False) for each in SETTINGS[:3]]
    assert not any(each.is_comparable for _, each in listed([*late, *SETTINGS[3:9]])[-3:])
    page = parsed(html(report(sweep=msgspec.structs.replace(sweep(), settings=[*late, *SETTINGS[3:9]]))))
    assert page.text.count("less time: not compared") == 3


def test_what_cannot_be_compared_is_no_point() -> None:
    assert len(points(SETTINGS)) == len([each for each in SETTINGS if each.is_comparable])


@pytest.fixture(scope="module")
def section() -> Element:
    page = parsed(html(report()))
    return next(each for each in page.all("section") if each.attributes["id"] == "sweep")


def test_the_page_has_the_advice_and_whether_it_hangs_on_a_reading(section: Element) -> None:
    assert sweep().advice in section.text
    assert "Forget mode: no: with forgetMode fixed the same setting is best." in section.text


def test_a_cell_says_in_words_that_it_is_the_rule_as_it_is(section: Element) -> None:
    current = [cell for cell in section.all("td") if cell.attributes.get("class") == "current"]
    assert [cell.text for cell in current] == ["6.7% (as it is)", "47% (as it is)", "27.0 (as it is)"]


def test_undefined_figures_are_called_so() -> None:
    unknown = [msgspec.structs.replace(each, signals_per_day_per_1000=None) for each in SETTINGS]
    page = parsed(html(report(sweep=msgspec.structs.replace(sweep(), settings=unknown))))
    section = next(each for each in page.all("section") if each.attributes["id"] == "sweep")
    assert "undefined" in section.text
    assert not [svg for svg in section.all("svg") if "chart" in svg.attributes.get("class", "")]
