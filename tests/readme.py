"""What the README shows of runs: the blocks under `<!-- shown: NAME -->`, and the picture of the demo's report.

`python tests/readme.py` makes them anew, `python tests/readme.py --check` tells which are stale and ends with 1 if any
is. Timings differ from run to run and are never stale.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Final, NamedTuple

import report_picture

ROOT: Final = Path(__file__).parents[1]
README: Final = ROOT / "README.md"
_BLOCK: Final = re.compile(r"^<!-- shown: (?P<name>[\w-]+) -->\n```text\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_MISSES: Final = 4
"""So many of the demo's missed attacks are shown."""


class Shown(NamedTuple):
    """A command of the README, what is shown of that which it prints, and the commands that have to go before."""

    command: str
    cut: Callable[[str], str] = str.strip
    after: tuple[str, ...] = ()


def scorecard(story: str) -> str:
    """The demo's scorecard, but for what stands below it."""
    return story.partition("The scorecard.\n\n")[2].partition("\n\nOn simulated people")[0]


def misses(story: str) -> str:
    lines = story.partition("What became of the attacks:\n\n")[2].partition("\n\nand of the harmless")[0].splitlines()
    missed = [f"{who}\n{why}" for who, why in pairwise(lines) if why.lstrip().startswith("no signal")]
    return "\n".join(missed[:_MISSES])


def conclusion(comparison: str) -> str:
    """How a comparison ends, and the figures down to the load."""
    told, _, figures, *_ = comparison.split("\n\n")
    return f"{told}\n\n" + "\n".join(takewhile(lambda line: not line.startswith("- "), figures.splitlines()))


def advice(sweep: str) -> str:
    """What a sweep advises, its front, and what hangs on the documentation."""
    told, _, table, _, *hanging = sweep.split("\n\n")
    return "\n\n".join([told, table, *(each for each in hanging if each.startswith("Does it hang"))])


BLOCKS: Final = {
    "scorecard": Shown("vaultdrill demo", scorecard),
    "misses": Shown("vaultdrill demo", misses),
    "comparison": Shown("vaultdrill compare shipped short-memory.yaml --seeds 2 --people 200", conclusion),
    "advice": Shown("vaultdrill sweep --seeds 2 --people 200", advice),
    "drill": Shown("vaultdrill test --seeds 2 --filter 'id=*export*'"),
    "red-drill": Shown(
        "vaultdrill test --seeds 1 --rule short-memory.yaml attacks/everyday-actions benign/busy-day",
    ),
    "explanation": Shown(
        "vaultdrill explain company --uuid JQQQFSLITSUJN6BMGQY4CD5ELY",
        after=(
            "vaultdrill simulate --profile midsize-1000 --people 400 --days 75 --seed 7 --scenario all --out company",
        ),
    ),
}
"""By the name that stands above each block."""


def short_memory() -> str:
    """The example rule, which forgets after a week and has no tests."""
    text = (ROOT / "detector" / "data" / "example-rule.yaml").read_text("utf-8")
    return text.partition("# Events are fed")[0].replace("forgetAfter: 28", "forgetAfter: 7")


@cache
def printed(command: str, folder: Path) -> str:
    """What *command* prints in *folder*, where the rule `short-memory.yaml` is. 1 says that an expectation failed."""
    (folder / "short-memory.yaml").write_text(short_memory(), "utf-8")
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True)
    if ran.returncode > 1:
        raise SystemExit(f"{command}: {ran.stderr.strip()}")
    return ran.stdout


def now(name: str, folder: Path) -> str:
    """What the block of that name has to show."""
    shown = BLOCKS[name]
    for command in shown.after:
        printed(command, folder)
    return shown.cut(printed(shown.command, folder)).strip("\n")


def blocks() -> dict[str, str]:
    """What the README shows, by name."""
    return {found["name"]: found["text"].strip("\n") for found in _BLOCK.finditer(README.read_text("utf-8"))}


def without_timings(text: str) -> str:
    """A block but for what differs from run to run: the throughput, and all of a stage but its name."""
    return "\n".join(_without_timings(text))


def _without_timings(text: str) -> Iterator[str]:
    among_stages = False
    for line in text.splitlines():
        among_stages = line.startswith("stage ") or (among_stages and bool(line))
        if not line.startswith("throughput"):
            yield line.split("  ")[0].strip("-") if among_stages else line.rstrip()


def report(folder: Path) -> tuple[Path, bytes]:
    """The page of the demo's report, and the figures that it shows."""
    page, kept = folder / "report.html", folder / "drilled"
    printed(f"vaultdrill demo --html {page.name} --out {kept.name}", folder)
    return page, report_picture.figures((kept / "scorecard.json").read_bytes())


def stale(folder: Path) -> list[str]:
    """What the README shows that is not so any more."""
    found = [name for name, text in blocks().items() if without_timings(now(name, folder)) != without_timings(text)]
    _page, figures = report(folder)
    return found + stale_pictures(figures)


def stale_pictures(figures: bytes) -> list[str]:
    """The files of the picture that are of other figures, or too large, or not there."""
    told, taken = report_picture.FOLDER / report_picture.FIGURES, map(report_picture.picture, report_picture.SCHEMES)
    missing = [path.name for path in (told, *taken) if not path.is_file()]
    if missing:
        return missing
    old = [scheme for scheme in report_picture.SCHEMES if not report_picture.is_of(scheme, figures)]
    return [told.name] * (told.read_bytes() != figures) + [report_picture.picture(scheme).name for scheme in old]


def renew(folder: Path) -> None:
    """Make everything anew."""

    def block(found: re.Match[str]) -> str:
        return f"<!-- shown: {found['name']} -->\n```text\n{now(found['name'], folder)}\n```"

    README.write_text(_BLOCK.sub(block, README.read_text("utf-8")), "utf-8")
    report_picture.take(*report(folder))


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        raise SystemExit("usage: python tests/readme.py [--check]")
    with tempfile.TemporaryDirectory(prefix="vaultdrill-readme-") as scratch:
        if not arguments:
            renew(Path(scratch))
            return 0
        found = stale(Path(scratch))
    sys.stdout.writelines(f"stale: {name}; run python tests/readme.py\n" for name in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
