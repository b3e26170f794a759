"""The colours of the page: enough contrast for everybody, by light and in the dark (WCAG 2.2, AA)."""

import re
from importlib.resources import files

import pytest

STYLE = files("harness.report.html").joinpath("templates", "style.css").read_text("utf-8")
TEXT, GRAPHIC = 4.5, 3.0
"""The least contrast of text, and of what a picture says (1.4.3 and 1.4.11)."""


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))


LIGHT = colours(STYLE.partition("@media screen and (prefers-color-scheme: dark)")[0])
DARK = colours(STYLE.partition("@media screen and (prefers-color-scheme: dark)")[2])
SCHEMES = {"light": LIGHT, "dark": DARK}


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_what_everybody_calls_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["paper", "ground"])
@pytest.mark.parametrize("ink", ["ink", "muted", "link", "bad", "warn"])
def test_text_can_be_read(scheme: str, ground: str, ink: str) -> None:
    assert contrast(SCHEMES[scheme][ink], SCHEMES[scheme][ground]) >= TEXT


@pytest.mark.parametrize("scheme", SCHEMES)
def test_figures_can_be_read_on_the_darkest_cell_of_a_heat_map(scheme: str) -> None:
    assert contrast(SCHEMES[scheme]["ink"], SCHEMES[scheme]["heat"]) >= TEXT


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("mark", ["bad", "warn", "link", "c0", "c1", "c2", "c3", "c4", "c5", "c6"])
@pytest.mark.parametrize("ground", ["paper", "track"])
def test_marks_can_be_seen(scheme: str, mark: str, ground: str) -> None:
    assert contrast(SCHEMES[scheme][mark], SCHEMES[scheme][ground]) >= GRAPHIC


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("mark", ["bad", "warn", "c1"])
def test_a_new_value_can_be_seen_on_a_remembered_one(scheme: str, mark: str) -> None:
    assert contrast(SCHEMES[scheme][mark], SCHEMES[scheme]["held"]) >= GRAPHIC


def test_every_colour_that_is_used_is_defined_by_light_and_in_the_dark() -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", STYLE)) - {"s", "columns"}
    assert used <= LIGHT.keys()
    assert LIGHT.keys() == DARK.keys()
