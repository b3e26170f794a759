"""The page in a real browser: by desk and phone, by light and in the dark, by keyboard, read aloud, and on paper."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = ("ordinary", "large", "hostile")
WIDTHS = {"phone": 390, "small phone": 360, "desk": 1280, "wide desk": 1440}
FOCUSABLE = """[...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
    .filter(each => each.checkVisibility({contentVisibilityAuto: true}))
    .map(each => each.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("name", PAGES)
def test_it_loads_without_a_network_and_without_a_complaint(
    browser: "Browser", pages: dict[str, str], name: str
) -> None:
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        asked: list[str] = []
        told: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.goto(pages[name], wait_until="networkidle")
        assert asked == [pages[name]]
        assert told == []


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_share_of_each_scenario_is_seen_whole_without_scrolling(
    browser: "Browser", pages: dict[str, str], width: int
) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(pages["ordinary"])
        within = "each => each.getBoundingClientRect().right <= each.closest('.scroll').getBoundingClientRect().right"
        assert page.evaluate(f"[...document.querySelectorAll('#scenarios table .whisker')].every({within})")


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_only_wide_tables_scroll_sideways(browser: "Browser", pages: dict[str, str], name: str, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(pages[name])
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [390, 1280])
def test_one_size_of_each_chart_is_shown(browser: "Browser", pages: dict[str, str], width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(pages["ordinary"])
        assert page.locator("#budget svg.chart:visible").count() == 1


def test_it_reads_the_same_without_scripts(browser: "Browser", pages: dict[str, str]) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(pages["ordinary"])
        assert page.locator("h1").inner_text().startswith("3 of 6 attacks found")
        page.locator("#missed summary").first.click()
        assert page.locator("#missed details p").first.is_visible()


def test_the_keyboard_reaches_every_link_box_and_summary_in_order(browser: "Browser", pages: dict[str, str]) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(pages["ordinary"])
        expected = page.evaluate(FOCUSABLE)
        reached = []
        for _ in expected:
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
        assert reached == expected
        assert 'class="skip"' in reached[0]


def test_the_skip_link_can_be_seen_when_it_is_reached(browser: "Browser", pages: dict[str, str]) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(pages["ordinary"])
        page.keyboard.press("Tab")
        box = page.locator(".skip").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_the_dark_changes_the_page_and_its_charts(browser: "Browser", pages: dict[str, str]) -> None:
    schemes: list[Literal["light", "dark"]] = ["light", "dark"]
    seen = {scheme: colours(browser, pages["ordinary"], scheme) for scheme in schemes}
    assert all(light != dark for light, dark in zip(seen["light"], seen["dark"], strict=True))


def colours(browser: "Browser", address: str, scheme: Literal["light", "dark"]) -> list[str]:
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(address)
        found: list[str] = page.evaluate(
            """[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,
               getComputedStyle(document.querySelector('.wide .mark-rect path[fill^="var(--c"]')).fill,
               getComputedStyle(document.querySelector('.held')).fill]"""
        )
        return found


@pytest.mark.parametrize("name", PAGES)
def test_on_paper_every_missed_attack_is_told(browser: "Browser", pages: dict[str, str], name: str) -> None:
    pypdf = pytest.importorskip("pypdf", reason="needs the package pypdf: pip install '.[browser]'")
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(pages[name])
        missed = page.locator("#missed li .who bdi:first-child").all_text_contents()
        knew = page.locator("#missed details p").first.text_content()
        paper = pypdf.PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    text = "".join("".join(sheet.extract_text().split()) for sheet in paper.pages)
    assert missed
    assert [run for run in missed if "".join(run.split()) not in text] == []
    assert "".join((knew or "?").split()) in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_the_way_of_anybody(
    browser: "Browser", pages: dict[str, str], name: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs axe-playwright-python: pip install '.[browser]'"
    )
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(pages[name])
        found = axe.Axe().run(page, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_picture_of_it_can_be_taken(
    browser: "Browser", pages: dict[str, str], width: int, scheme: Literal["light", "dark"], tmp_path: Path
) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(pages["ordinary"])
        picture = tmp_path / f"report-{width}-{scheme}.png"
        page.screenshot(path=picture, full_page=True)
        assert picture.stat().st_size > 50_000
