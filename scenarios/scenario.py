"""A scenario: what an attacker, or a harmless look-alike, does; and where scenarios are found."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from scenarios.document import Document, ScenarioError
from scenarios.duration import Duration
from scenarios.mismatch import Keys, Mismatch, shown
from scenarios.step import AtLeastOne, Part, Prose, Step
from scenarios.vocabulary import ItemAction

_SHELF = Path(__file__).parent
_TYPES: dict[str, type] = {"integer": int, "duration": Duration, "string": str}
_PLACEHOLDER = re.compile(r"#\{([^}]*)\}")

Tactic = Annotated[str, Meta(pattern=r"^TA\d{4}$", description="an ATT&CK tactic like TA0006")]
Technique = Annotated[str, Meta(pattern=r"^T\d{4}(\.\d{3})?$", description="an ATT&CK technique like T1555.005")]
Reference = Annotated[str, Meta(pattern=r"^https://", description="a URL that begins with https://")]


class Argument(Part, frozen=True, kw_only=True):
    """Something about a scenario that its user may set; ``#{name}`` stands for it in the file."""

    type: Literal["integer", "duration", "string"]
    default: int | str
    description: Prose


class Casting(Part, frozen=True, kw_only=True):
    """Who may play the part, judged by what the stream shows of them.

    ``role``: a machine uses nothing but command lines; a person has a screen; an administrator is a person whose
    audit events manage other people or their access; a developer is a person who uses a command line too.
    ``has_done`` was done before the incident, ``often`` on at least a quarter of the days on which they used
    anything, and before the incident too; ``never_did`` nowhere in the stream. ``joined`` asks that their first
    item usage comes at least so long after the stream's first. ``min_events`` counts item usages,
    ``active_days`` the UTC days that have any, both over the whole stream.
    """

    role: Literal["anyone", "person", "administrator", "developer", "machine"] = "person"
    has_done: tuple[ItemAction, ...] = ()
    often: tuple[ItemAction, ...] = ()
    never_did: tuple[ItemAction, ...] = ()
    joined: Duration | None = None
    min_events: AtLeastOne = 1
    active_days: AtLeastOne = 1


class Moment(Part, frozen=True, kw_only=True):
    """When it begins.

    ``after_history`` and ``within_history``: at least and at most so long after the actor's first item usage.
    ``hours``: of the actor's own working hours, their night, or any. ``together``: all incidents of the scenario
    begin within so long of each other.

    At most one of these picks another day than an ordinary day of theirs: ``within_first`` (so long after the
    stream's first record), ``last_day`` (within a day of their last item usage, when at least a week of the
    stream follows), ``after_absence`` (on the first day after at least so long without an item usage),
    ``while_absent`` (once they used nothing for so long, and nothing more until the incident is over).

    A scenario whose first step is no sign-in that succeeds begins in a session that the stream shows: right
    after an item usage of the actor's own, unless they are absent.
    """

    after_history: Duration = Duration(0)
    within_history: Duration | None = None
    hours: Literal["work", "night", "any"] = "any"
    within_first: Duration | None = None
    last_day: bool = False
    after_absence: Duration | None = None
    while_absent: Duration | None = None
    together: Duration | None = None


class Scenario(Part, frozen=True, kw_only=True):
    """One scenario file. Each of ``count`` actors plays it once, and each time is an incident.

    ``cases`` vary the arguments; each is a mapping of some of them to other values. ``twin`` is the id of the
    scenario of the other kind that leaves the same traces.
    """

    name: Prose
    kind: Literal["attack", "benign"]
    story: Prose
    tactics: tuple[Tactic, ...] = ()
    techniques: tuple[Technique, ...] = ()
    references: tuple[Reference, ...] = ()
    arguments: dict[str, Argument] = field(default_factory=dict)
    cases: tuple[dict[str, int | str], ...] = ()
    twin: str | None = None
    count: AtLeastOne = 1
    actor: Casting = Casting()
    when: Moment = Moment()
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, description="a list of at least one step")]


def library() -> dict[str, Path]:
    """Return the scenarios that come with the package: id to file, in order of id.

    The id is the file's path below ``scenarios/`` without its suffix: ``attacks/bulk-export``.
    """
    return {
        f"{folder}/{path.stem}": path
        for folder in ("attacks", "benign")
        for path in sorted((_SHELF / folder).glob("*.yaml"))
    }


def find(ids: Iterable[str]) -> dict[str, Scenario]:
    """Return the scenarios of the library that *ids* name, ``all`` being every one, in order of id.

    Raise `ScenarioError` for an id that is not in the library, naming those that are.
    """
    known, wanted = library(), set(ids)
    for name in sorted(wanted - known.keys() - {"all"}):
        raise ScenarioError(f"scenario: found {shown(name)}; legal: all, {', '.join(known)}")
    return {name: load_scenario(path) for name, path in known.items() if wanted & {name, "all"}}


def load_scenario(path: Path, arguments: Mapping[str, int | str] | None = None) -> Scenario:
    """Return the scenario in the YAML file *path*, with *arguments* instead of its defaults.

    Raise `ScenarioError`, one line with file, line, field, found and legal, for a file that cannot be used
    or an argument that it does not declare or that is not of the declared type.
    """
    document = Document.read(path)
    if not isinstance(document.value, dict):
        return document.convert(document.value, Scenario)  # which says that it is no scenario
    values = _values(document, arguments or {})
    filled = {
        name: part if name == "arguments" else _filled(document, part, values, (name,))
        for name, part in document.value.items()
    }
    return document.convert(filled, Scenario)


def _values(document: Document, given: Mapping[str, int | str]) -> dict[str, Any]:
    """Return what stands for each declared argument: the value given, else its default, both checked."""
    declared = document.convert(document.value.get("arguments", {}), dict[str, Any], ("arguments",))
    for name in sorted(given.keys() - declared.keys()):
        raise document.complaint(Mismatch(("arguments",), shown(name), ", ".join(declared) or "no argument"))
    values = {}
    for name, written in declared.items():
        argument = document.convert(written, Argument, ("arguments", name))
        document.convert(argument.default, _TYPES[argument.type], ("arguments", name, "default"))
        values[name] = given.get(name, argument.default)
        document.convert(values[name], _TYPES[argument.type], ("arguments", name))
    return values


def _filled(document: Document, part: Any, values: Mapping[str, Any], keys: Keys) -> Any:
    """Return *part*, which stands at *keys*, with every ``#{name}`` replaced by the value of that argument.

    Text that is nothing but one placeholder becomes the value itself, so that an integer stays one.
    """
    if isinstance(part, dict):
        return {key: _filled(document, below, values, (*keys, key)) for key, below in part.items()}
    if isinstance(part, list):
        return [_filled(document, below, values, (*keys, i)) for i, below in enumerate(part)]
    names = _PLACEHOLDER.findall(part) if isinstance(part, str) else []
    for name in names:
        if name not in values:
            raise document.complaint(Mismatch(keys, f"#{{{name}}}", ", ".join(values) or "no argument"))
    if len(names) == 1 and _PLACEHOLDER.fullmatch(part):
        return values[names[0]]
    return _PLACEHOLDER.sub(lambda hole: str(values[hole[1]]), part) if names else part
