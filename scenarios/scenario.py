"""A scenario: what an attacker, or a harmless look-alike, does; and where scenarios are found."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, field
from msgspec.structs import replace

from scenarios.case_id import case_id, scenario_of
from scenarios.contradiction import contradictions
from scenarios.document import ScenarioError
from scenarios.duration import Duration
from scenarios.reference import Reference
from scenarios.step import AtLeastOne, Part, Prose, Step
from scenarios.template import Argument, Template
from scenarios.vocabulary import ItemAction, SuccessType

_SHELF = Path(__file__).parent

TacticId = Annotated[str, Meta(pattern=r"^TA\d{4}$", description="an ATT&CK tactic like TA0006")]
TechniqueId = Annotated[str, Meta(pattern=r"^T\d{4}(\.\d{3})?$", description="an ATT&CK technique like T1555.005")]
Url = Annotated[str, Meta(pattern=r"^https://", description="a URL that begins with https://")]


class Casting(Part, frozen=True, kw_only=True):
    """Who may play the part, judged by what the stream shows of them."""

    role: Literal["anyone", "person", "administrator", "developer", "machine"] = "person"
    """A `machine` uses nothing but command lines; a `person` has a screen; an `administrator` is a person whose audit
    events manage other people or their access; a `developer` is a person who uses a command line too."""
    has_done: tuple[ItemAction, ...] = ()
    """Actions that they did before the incident."""
    often: tuple[ItemAction, ...] = ()
    """Actions that they do all the time: on at least a quarter of the days on which they used anything, and within the
    14 days before the incident."""
    never_did: tuple[ItemAction, ...] = ()
    """Actions that they do nowhere in the stream."""
    joined: Duration | None = None
    """Their first item usage comes at least so long after the stream's first."""
    signs_in: tuple[SuccessType, ...] = ()
    """Ways to sign in, like `mfa_ok`: the way in which most of their sign-ins succeed is one of them. In a stream
    without sign-ins anybody fits."""
    min_events: AtLeastOne = 1
    """How many item usages they have at least, over the whole stream."""
    active_days: AtLeastOne = 1
    """On how many days, of UTC, they have any at least, over the whole stream."""


class Moment(Part, frozen=True, kw_only=True):
    """When it begins: on an ordinary day of the actor's, or on the other day that one field here asks for.

    A scenario that acts before it signs in begins in a session that the stream shows: right after an item usage
    of the actor's own, unless they are absent.
    """

    after_history: Duration = Duration(0)
    """At least so long after the actor's first item usage."""
    within_history: Duration | None = None
    """At most so long after the actor's first item usage."""
    hours: Literal["work", "night", "any"] = "any"
    """In the actor's own working hours, in their night, or at any hour."""
    within_first: Duration | None = None
    """Another day: within so long of the stream's first item usage."""
    last_day: bool = False
    """Another day: within a day of the actor's last item usage, when at least a week of the stream follows."""
    after_absence: Duration | None = None
    """Another day: the first one after at least so long without an item usage."""
    while_absent: Duration | None = None
    """Another day: once the actor used nothing for so long, and nothing more until the incident is over."""
    together: Duration | None = None
    """All incidents of the scenario begin within so long of each other."""


class Scenario(Part, frozen=True, kw_only=True):
    """What an attacker, or a harmless look-alike of one, does; one file each."""

    name: Prose
    """A few words, without a full stop."""
    kind: Literal["attack", "benign"]
    """Whether it does harm, or only looks like it."""
    story: Prose
    """What happens and what a defender sees of it in item usages, sign-ins and audit events."""
    tactics: tuple[TacticId, ...] = ()
    """The ATT&CK tactics of an attack, like `TA0006`."""
    techniques: tuple[TechniqueId, ...] = ()
    """The ATT&CK techniques of an attack, like `T1555.005`."""
    references: tuple[Url, ...] = ()
    """Public write-ups that make it defensible: an incident report, a vendor's documentation."""
    arguments: dict[str, Argument] = field(default_factory=dict)
    """What a user may vary; `#{name}` stands for it in count, actor, when and steps, in name and story."""
    cases: tuple[dict[str, int | str], ...] = ()
    """Variants worth playing too: each a mapping of some arguments to other values."""
    twin: str | None = None
    """The id of the scenario of the other kind that leaves the same traces."""
    count: AtLeastOne = 1
    """How many actors play it, once each; each time is an incident."""
    actor: Casting = Casting()
    """Who may play the part, judged by what the stream shows of them."""
    when: Moment = Moment()
    """When it begins."""
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, description="a list of at least one step")]
    """What happens, in order of time."""


def library() -> dict[str, Path]:
    """Return the scenarios that come with the package: id to file, in order of id.

    The id is the file's path below ``scenarios/`` without its suffix: ``attacks/bulk-export``.
    """
    return {
        f"{folder}/{path.stem}": path
        for folder in ("attacks", "benign")
        for path in sorted((_SHELF / folder).glob("*.yaml"))
    }


def files(references: Iterable[str]) -> dict[str, Path]:
    """Return the file of each scenario that *references* name, by id, in order of id; they are not read.

    Raise `ScenarioError` for a reference that names nothing, or two files of one id.
    """
    known = library()
    found: dict[str, Path] = {}
    for reference in references:
        for name, path in Reference.parse(reference).files(known):
            if found.setdefault(name, path).resolve() != path.resolve():
                raise ScenarioError(f"scenario: found {name} in {found[name]} and in {path}; legal: one file of an id")
    return dict(sorted(found.items()))


def find(references: Iterable[str]) -> dict[str, Scenario]:
    """Return the scenarios that *references* name, by case id, in order of it.

    A reference is ``all``, an id of the library, a YAML file, or a directory of them, whose ids are
    ``<parent directory>/<stem>``; arguments may follow: ``attacks/bulk-export[items=5]``. Raise
    `ScenarioError` for one that names nothing, two files of one id, or a file that cannot be used.
    """
    wanted = list(references)
    files(wanted)
    found = {}
    for reference in wanted:
        for name, template, given in _meant(reference):
            found[case_id(name, template.arguments, given)] = _told(template, given, reference)
    return dict(sorted(found.items()))


def cases(reference: str) -> dict[str, Scenario]:
    """Return what *reference* names and, where it gives no arguments, each of the file's ``cases`` after it.

    The keys are case ids. With the defaults it is played as often as its file says; a variant once, unless it is about
    several who do it together.
    """
    found = {}
    for name, template, given in _meant(reference):
        for values in [given] if given else [{}, *_read(template, {}).cases]:
            scenario = _told(template, values, reference) if given else _read(template, values)
            once = bool(values) and scenario.when.together is None
            found[case_id(name, template.arguments, values)] = replace(scenario, count=1) if once else scenario
    return found


def case_ids(name: str, scenario: Scenario) -> list[str]:
    """Return the ids of the ``cases`` of the *scenario* whose id, or one of whose case ids, is *name*."""
    return [case_id(scenario_of(name), scenario.arguments, case) for case in scenario.cases]


def load_scenario(path: Path, arguments: Mapping[str, int | str] | None = None) -> Scenario:
    """Return the scenario in the YAML file *path*, with *arguments* instead of its defaults.

    Raise `ScenarioError`, one line with file, line, field, found and legal, for a file that cannot be used
    or an argument that it does not declare or that is not of the declared type.
    """
    return _read(Template.read(path), arguments or {})


def _meant(text: str) -> Iterator[tuple[str, Template, dict[str, int | str]]]:
    """Yield id, file and given arguments of everything that the reference *text* names."""
    reference = Reference.parse(text)
    for name, path in reference.files(library()):
        template = Template.read(path)
        yield name, template, template.typed(reference.arguments, text)


def _told(template: Template, given: Mapping[str, int | str], reference: str) -> Scenario:
    """Return the scenario of *template*; what is wrong with an argument that *reference* gives is said of that."""
    try:
        return _read(template, given)
    except ScenarioError as error:
        wrong = error.mismatch
        name = template.argument(wrong.keys) if wrong else None
        if wrong is None or name not in given:
            raise
        raise ScenarioError(f"{reference}: {name}: found {wrong.found}; legal: {wrong.legal}") from error


def _read(template: Template, given: Mapping[str, int | str]) -> Scenario:
    """Return the scenario of *template*; raise `ScenarioError` for what does not fit, by type or by sense."""
    scenario = template.document.convert(template.filled(given), Scenario)
    for index, case in enumerate(scenario.cases):
        for name, value in case.items():
            template.check(name, value, ("cases", index, name))
    for mismatch in contradictions(scenario):
        raise template.document.complaint(mismatch)
    return scenario
