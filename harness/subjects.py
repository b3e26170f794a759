"""The subjects of a test: what a user points at, sorted into scenarios to play and rules with tests of their own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from scenarios.reference import scenario_files

_EXPECTATIONS = re.compile(rb"""^["']?expectations["']?[ \t]*:""", re.MULTILINE)
_STEPS = re.compile(rb"""^["']?steps["']?[ \t]*:""", re.MULTILINE)
_RULE = re.compile(rb"""^["']?(queries|tests)["']?[ \t]*:""", re.MULTILINE)


class SubjectsError(ValueError):
    """There is nothing to test, or something that is no test; the text is one line."""


@dataclass(frozen=True)
class Subjects:
    """References to scenarios, and files of rules; both in the order in which they were given."""

    scenarios: list[str] = field(default_factory=list)
    rules: list[Path] = field(default_factory=list)

    @classmethod
    def sorted(cls, names: Iterable[str]) -> "Subjects":
        """Return *names* sorted: a file is a rule if it is JSON or has ``queries`` or ``tests`` on top.

        A directory stands for the YAML files in and below it. Raise `SubjectsError` where it has none, and for
        expectations, which say what to make of scenarios and are none.
        """
        subjects = cls()
        for name in names:
            path = Path(name)
            held = list(map(str, scenario_files(path))) if path.is_dir() else [name]
            if not held:
                raise SubjectsError(f"{name}: found no YAML file in it; legal: a directory with scenarios or rules")
            for each in held:
                _refuse_expectations(Path(each))
                if _is(_RULE, Path(each)) or (Path(each).suffix == ".json" and Path(each).is_file()):
                    subjects.rules.append(Path(each))
                else:
                    subjects.scenarios.append(each)
        return subjects


def _refuse_expectations(path: Path) -> None:
    if _is(_EXPECTATIONS, path) and not _is(_STEPS, path):
        legal = "a scenario or a rule; keep expectations in a folder expectations/, or give them with --expectations"
        raise SubjectsError(f"{path}: found expectations; legal: {legal}")


def _is(sort: re.Pattern[bytes], path: Path) -> bool:
    """Whether there is a file with such a field on top; what is wrong with any other is told where it is read."""
    try:
        return sort.search(path.read_bytes()) is not None
    except OSError:
        return False
