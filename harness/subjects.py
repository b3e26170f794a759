"""The subjects of a test: what a user points at, sorted into scenarios to play and rules with tests of their own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from scenarios.reference import scenario_files

_RULE = re.compile(rb"""^["']?(queries|tests)["']?[ \t]*:""", re.MULTILINE)


class SubjectsError(ValueError):
    """There is nothing to test; the text is one line."""


@dataclass(frozen=True)
class Subjects:
    """References to scenarios, and files of rules; both in the order in which they were given."""

    scenarios: list[str] = field(default_factory=list)
    rules: list[Path] = field(default_factory=list)

    @classmethod
    def sorted(cls, names: Iterable[str]) -> "Subjects":
        """Return *names* sorted: a file is a rule if it is JSON or has ``queries`` or ``tests`` on top.

        A directory stands for the YAML files in and below it. Raise `SubjectsError` where it has none.
        """
        subjects = cls()
        for name in names:
            path = Path(name)
            held = list(map(str, scenario_files(path))) if path.is_dir() else [name]
            if not held:
                raise SubjectsError(f"{name}: found no YAML file in it; legal: a directory with scenarios or rules")
            for each in held:
                if _is_rule(Path(each)):
                    subjects.rules.append(Path(each))
                else:
                    subjects.scenarios.append(each)
        return subjects


def _is_rule(path: Path) -> bool:
    """Whether there is a file that looks like a rule; what is wrong with any other is told where it is read."""
    try:
        return path.suffix == ".json" or _RULE.search(path.read_bytes()) is not None
    except OSError:
        return False
