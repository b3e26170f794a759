"""The page: a report as one HTML file."""

from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from harness.output import opened
from harness.report.html.report import Report

NEEDED: Final = ("jinja2", "markupsafe", "altair", "vl_convert")


class ReportError(ValueError):
    """The page cannot be made; the text is one line."""


def refuse_without_library(option: str = "--html") -> None:
    """Raise `ReportError` where a package that the page needs is not installed; to be asked before any work."""
    for name in NEEDED:
        try:
            import_module(name)
        except ModuleNotFoundError as error:
            raise ReportError(f"{option}: needs the package {error.name}: pip install 'vaultdrill[report]'") from None


def html(report: Report) -> str:
    """The page of *report*: the same text for the same report, wherever and whenever it is made."""
    from harness.report.html.sections import sections

    page: str = _environment().get_template("page.html").render(report=report, card=report.card, **sections(report))
    return page


def write_html(report: Report, path: Path) -> None:
    """Write the page to *path*, which appears whole or not at all. Raises `ReportError` and `OutputError`."""
    refuse_without_library()
    page = html(report).encode()
    with opened(path) as stream:
        stream.write(page)


@cache
def _environment() -> Any:
    import jinja2
    from markupsafe import Markup

    from harness.report.html.strips import whisker
    from harness.report.html.wording import FILTERS, cause, interval, number

    folder = files("harness.report.html").joinpath("templates")
    texts = {each.name: each.read_text("utf-8") for each in folder.iterdir() if each.is_file()}
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(texts),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    style = Markup(texts["style.css"])  # noqa: S704 - our own file
    environment.globals.update(style=style, whisker=whisker, interval=interval, written=number, cause=cause)
    return environment
