"""The picture of the demo's report in the README, by light and in the dark, and beside it the figures that it shows.

Each picture carries a digest of the figures with which it was taken, so that one that is older than they are is seen.
"""

import hashlib
import json
import shutil
import struct
import zlib
from pathlib import Path
from typing import Any, Final, Literal

FOLDER: Final = Path(__file__).parents[1] / ".github"
FIGURES: Final = "report.json"
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
LARGEST: Final = 300_000
"""Bytes of a picture: a README is read on telephones too."""
_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
_WIDTH, _MARGIN = 1280, 16
_BEHIND_THE_HEADER: Final = 33
"""Bytes: PNG's signature, and the chunk IHDR, which comes first (RFC 2083)."""


def figures(scorecard: bytes) -> bytes:
    """A scorecard's JSON but for its timings, which differ from run to run, and for digits that rounding decides."""
    card = json.loads(scorecard, parse_float=lambda text: float(f"{float(text):.9g}"))
    stages = [{"name": stage["name"], "events": stage["events"]} for stage in card["stages"]]
    told = {**{name: figure for name, figure in card.items() if name != "throughput"}, "stages": stages}
    return json.dumps(told, indent=2).encode() + b"\n"


def picture(scheme: str) -> Path:
    return FOLDER / f"report-{scheme}.png"


def take(page: Path, shown: bytes) -> None:
    """Take the pictures of *page*, from its top to the end of the key figures, and keep what is *shown* beside them."""
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if chromium is None:
        raise SystemExit("needs Chromium: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for scheme in SCHEMES:
            with browser.new_context(viewport={"width": _WIDTH, "height": 800}, color_scheme=scheme) as context:
                taken = _taken(context.new_page(), page)
            picture(scheme).write_bytes(taken[:_BEHIND_THE_HEADER] + _stamp(shown) + taken[_BEHIND_THE_HEADER:])
        browser.close()
    (FOLDER / FIGURES).write_bytes(shown)


def _taken(tab: Any, page: Path) -> bytes:
    tab.goto(page.as_uri())
    cards = tab.locator("dl.figures").bounding_box()
    clip = {"x": 0, "y": 0, "width": _WIDTH, "height": int(cards["y"] + cards["height"]) + _MARGIN}
    taken: bytes = tab.screenshot(clip=clip, full_page=True)
    return taken


def is_of(scheme: str, shown: bytes) -> bool:
    """Whether the picture was taken of the figures *shown*."""
    return _stamp(shown) in picture(scheme).read_bytes()


def _stamp(shown: bytes) -> bytes:
    """A chunk of text, as PNG has it."""
    told = b"tEXt" + FIGURES.encode() + b"\0" + hashlib.sha256(shown).hexdigest().encode()
    return struct.pack(">I", len(told) - 4) + told + struct.pack(">I", zlib.crc32(told))
