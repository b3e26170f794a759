"""A reference: how a user names scenarios, ``attacks/bulk-export[items=5,pace=1s]``."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from scenarios.document import ScenarioError
from scenarios.mismatch import shown

_WRITTEN = re.compile(r"(?P<name>[^\[\]]+)(\[(?P<given>[^\[\]]*)\])?")
_GIVEN = re.compile(r"([^=]+)=(.+)", re.DOTALL)
_SUFFIXES = (".yaml", ".yml")
_NAME = re.compile(r"[^\[\],#~=\s]+")


@dataclass(frozen=True, slots=True)
class Reference:
    """Which scenarios, and the texts of the arguments they are given."""

    name: str
    arguments: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Return the reference that *text* writes, or raise `ScenarioError`.

        >>> Reference.parse("attacks/bulk-export[items=5,pace=1s]")
        Reference(name='attacks/bulk-export', arguments={'items': '5', 'pace': '1s'})
        """
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise ScenarioError(f"scenario: found {shown(text)}; legal: id[name=value,...]")
        if written["given"] is None:
            return cls(text, {})
        arguments: dict[str, str] = {}
        for part in written["given"].split(","):
            pair = _GIVEN.fullmatch(part.strip())
            if pair is None or pair[1] in arguments:
                raise ScenarioError(f"{text}: found {shown(part)}; legal: name=value, each name once")
            arguments[pair[1]] = pair[2]
        return cls(written["name"], arguments)

    def files(self, library: Mapping[str, Path]) -> Iterable[tuple[str, Path]]:
        """Return id and file of each scenario it names, of the *library* or wherever a path leads."""
        if self.name == "all":
            return library.items()
        if self.name in library:
            return [(self.name, library[self.name])]
        path = Path(self.name)
        if path.is_dir():
            return [(_id(each), each) for each in scenario_files(path)]
        if self.name.endswith(_SUFFIXES):
            return [(_id(path), path)]
        near = get_close_matches(self.name, library, n=3, cutoff=0.4) or sorted(library)[:1]
        legal = f"all, an id like {', '.join(near)}, a YAML file, a directory of them"
        raise ScenarioError(f"scenario: found {shown(self.name)}; legal: {legal}")


def scenario_files(directory: Path) -> list[Path]:
    """Return the YAML files in and below *directory*, in order; those in a folder ``expectations`` are none."""
    files = (path for suffix in _SUFFIXES for path in directory.rglob(f"*{suffix}"))
    return sorted(path for path in files if "expectations" not in path.relative_to(directory).parts[:-1])


def _id(path: Path) -> str:
    """Return ``<parent directory>/<stem>``, which must be able to stand in a case id."""
    name = "/".join(filter(None, (path.resolve().parent.name, path.stem)))
    if not _NAME.fullmatch(name):
        raise ScenarioError(f"{path}: found {shown(name)} as an id; legal: a name without space or any of [],#~=")
    return name
