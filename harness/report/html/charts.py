"""Charts, drawn by Altair and vl-convert to SVG whose colours are the style sheet's, to follow light and dark.

Each is drawn twice, for a desk and for a phone; the style sheet shows one of them.
"""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from itertools import count
from typing import Any, Final

from markupsafe import Markup, escape

from harness.report.html.budget import Budget
from harness.report.html.report import Report

_WIDTHS: Final = (("wide", 880, 200), ("narrow", 255, 170))
_SHORT_MS: Final = 14 * 86_400_000
"""A fortnight."""
_SPOKEN = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
_NAMED = re.compile(r'(id="|url\(#)(?=[a-z])')
_ROOT = re.compile(r'^<svg [^>]*?width="(?P<width>[\d.]+)" height="(?P<height>[\d.]+)"[^>]*>')


class Charts:
    """Draws charts; asked for once a page, since each gets names of its own. Raises `ModuleNotFoundError`."""

    def __init__(self) -> None:
        self._altair = import_module("altair")
        self._convert = import_module("vl_convert").vegalite_to_svg
        self._numbers = count(1)

    def signals(self, report: Report, budget: Budget) -> Markup:
        """Signals over time, stacked by cause."""
        a = self._altair
        bars = a.Data(values=budget.bars)
        learning = a.Data(values=[{"from": report.begin // 10**6, "to": report.scored_from // 10**6}])
        span = [report.begin // 10**6, report.end // 10**6]
        scale = a.Scale(type="utc", domain=span, nice=False)
        dates = a.Axis(format="%-d %b", grid=False, labelOverlap=True, **_ticks(span))
        x = {"x": a.X("from:T", scale=scale, title=None, axis=dates), "x2": "to:T"}
        colours = a.Scale(domain=[*budget.names], range=[f"var(--{each})" for each in budget.names.values()])

        def chart(width: int, height: int) -> Any:
            legend = a.Legend(columns=_columns(width, 6, 2))
            shade = a.Chart(learning).mark_rect(color="var(--learning)").encode(**x)
            layer = (
                a.Chart(bars)
                .mark_bar(stroke="var(--paper)", strokeWidth=0.6)
                .encode(
                    **x,
                    y=a.Y("low:Q", title=None, axis=a.Axis(tickCount=4, tickMinStep=1, format="d")),
                    y2="high:Q",
                    color=a.Color("cause:N", scale=colours, legend=legend),
                )
            )
            return (shade + layer).properties(width=width, height=height)

        each = {1: "day", 7: "week", 28: "four weeks"}[budget.days_a_bar]
        return self._drawn(
            chart, f"Signals a {each} by cause", "Stacked bars; the same figures are in a table below the chart."
        )

    def front(self, points: list[dict[str, Any]]) -> Markup:
        """Settings of a sweep: recall over load. A point has `load`, `recall` and `sort`."""
        a = self._altair
        sorts = ["a setting", "on the front", "the rule as it is"]

        def chart(width: int, height: int) -> Any:
            return (
                a.Chart(a.Data(values=points))
                .mark_point(filled=True, opacity=0.9)
                .encode(
                    x=a.X("load:Q", title="signals a day per 1,000 people", scale=a.Scale(zero=False, padding=10)),
                    y=a.Y("recall:Q", title="recall", axis=a.Axis(format="%", tickCount=5)),
                    color=a.Color(
                        "sort:N",
                        scale=a.Scale(domain=sorts, range=["var(--c0)", "var(--c1)", "var(--c2)"]),
                        legend=a.Legend(columns=_columns(width, 3, 1)),
                    ),
                    size=a.Size("sort:N", scale=a.Scale(domain=sorts, range=[35, 70, 110]), legend=None),
                )
                .properties(width=width, height=height)
            )

        return self._drawn(chart, "Recall over load, each point a setting", "The settings are in the table below.")

    def _drawn(self, chart: Callable[[int, int], Any], title: str, description: str) -> Markup:
        drawn = (
            self._svg(name, _styled(chart(width, height)).to_dict(), title, description)
            for name, width, height in _WIDTHS
        )
        return Markup("").join(drawn)

    def _svg(self, name: str, spec: Mapping[str, Any], title: str, description: str) -> Markup:
        number = next(self._numbers)
        svg = _SPOKEN.sub("", self._convert(spec))
        svg = _NAMED.sub(rf"\g<1>chart{number}-", svg)
        size = _ROOT.match(svg)
        if size is None:
            raise AssertionError(f"vl-convert drew no SVG: {svg[:100]}")
        root = (
            f'<svg class="chart {name}" role="img" aria-labelledby="chart{number}-title chart{number}-desc"'
            f' viewBox="0 0 {size["width"]} {size["height"]}" width="{size["width"]}" height="{size["height"]}">'
            f'<title id="chart{number}-title">{escape(title)}</title>'
            f'<desc id="chart{number}-desc">{escape(description)}</desc>'
        )
        return Markup(root + svg[size.end() :])  # noqa: S704 - drawn by vl-convert, which escapes what is data


def _ticks(span: list[int]) -> dict[str, str]:
    """Where dates stand: at each day of a period so short that more of them would name a day twice."""
    return {"tickCount": "day"} if span[1] - span[0] <= _SHORT_MS else {}


def _columns(width: int, desk: int, phone: int) -> int:
    """In how many columns a legend fits above a chart of that width."""
    return desk if width == _WIDTHS[0][1] else phone


def _styled(chart: Any) -> Any:
    return (
        chart.configure(background="transparent", font="system-ui, sans-serif", aria=False, padding=2)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="var(--muted)",
            titleColor="var(--muted)",
            titleFontWeight="normal",
            labelFontSize=12,
            titleFontSize=12,
            gridColor="var(--line)",
            domainColor="var(--line)",
            tickColor="var(--line)",
        )
        .configure_legend(
            orient="top",
            title=None,
            columnPadding=26,
            labelLimit=200,
            labelColor="var(--ink)",
            labelFontSize=12,
            symbolType="square",
            symbolStrokeWidth=0,
        )
    )
