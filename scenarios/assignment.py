"""Assignments: which actor of a stream plays which scenario, and when."""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from scenarios.actor import Actor
from scenarios.administrators import Administrators
from scenarios.case_id import run_id
from scenarios.cast import Cast
from scenarios.draws import below, draw, pick
from scenarios.duration import HOUR
from scenarios.eligibility import unfit, untimely
from scenarios.opening import Opening, openings
from scenarios.persons import Persons
from scenarios.scenario import Scenario
from scenarios.trail import WAKE

_NO_HELP: Final = "without an administrator who is free and active around then"


class Assignment(NamedTuple):
    """One incident to be: its case, the name of the run, what is played, by whom and from when.

    ``start`` is in nanoseconds since the epoch. A scenario that begins in a session of the actor's own
    (`scenarios.opening.in_session`) begins where `Trail.anchored` moves it, within the hour of ``start``.
    ``administrator`` does what the scenario has done by one, if anything.
    """

    case: str
    run: str
    scenario: Scenario
    actor: Actor
    start: int
    administrator: Actor | None = None

    @property
    def emails(self) -> set[str]:
        """The emails of those who act."""
        return {each.email for each in (self.actor, self.administrator) if each is not None}


def assign(scenarios: Mapping[str, Scenario], cast: Cast, seed: int) -> tuple[list[Assignment], list[tuple[str, str]]]:
    """Return who of *cast* plays which of *scenarios*, given by case id, and when; and what could not be placed.

    Each case ranks the actors by a hash of seed, case and email and takes the first that are fit for the part
    and free: no person (`Persons`) plays twice, or plays and helps as an administrator. Those choose first that the
    fewest actors could play, or administrators help in, and of equals in order of id; so one scenario more changes
    the others only where it takes somebody from them. The assignments are in order of case and run; with them come
    the cases that fewer actors play than they ask for, with the reason in words.
    """
    persons = Persons(cast.actors.values())
    choices = {case: _Choice(case, scenario, cast, persons, seed) for case, scenario in sorted(scenarios.items())}
    busy: set[str] = set()
    made: dict[str, list[Assignment]] = {}
    missing: dict[str, str] = {}
    for case, choice in sorted(choices.items(), key=lambda each: (each[1].most, each[0])):
        made[case] = choice.made(busy)
        if len(made[case]) < choice.scenario.count:
            missing[case] = choice.shortage(made[case], busy)
        busy |= persons.emails(email for assignment in made[case] for email in assignment.emails)
    return [assignment for case in choices for assignment in made[case]], sorted(missing.items())


class _Choice:
    """The choice of the actors of one case; ``able`` are all that could play it, best rank first."""

    def __init__(self, case: str, scenario: Scenario, cast: Cast, persons: Persons, seed: int) -> None:
        self.case, self.scenario, self._cast, self._persons, self._seed = case, scenario, cast, persons, seed
        fit = (actor for actor in cast.actors.values() if unfit(scenario, actor, cast) is None)
        able = (actor for actor in fit if next(openings(scenario, actor, cast), None))
        self.able = sorted(able, key=lambda actor: draw(seed, case, actor.email))
        self._administrators = Administrators(scenario, cast)

    @property
    def most(self) -> int:
        """How many incidents there could be at most."""
        return len(self.able) if self._administrators.most is None else min(len(self.able), self._administrators.most)

    def made(self, busy: Set[str]) -> list[Assignment]:
        """Return the incidents of those of the able that are not *busy*, as many as the scenario asks for."""
        free = [actor for actor in self.able if actor.email not in busy]
        window = self._window(free, busy)
        taken, made = set(busy), list[Assignment]()
        for actor in free:
            hours = self._hours(actor, taken) if actor.email not in taken else []
            hours = [hour for hour in hours if hour.begin // HOUR in window] if window is not None else hours
            if hours:
                made.append(self._assignment(len(made) + 1, actor, hours, taken))
                taken |= self._persons.emails(made[-1].emails)
            if len(made) == self.scenario.count:
                break
        return made

    def _hours(self, actor: Actor, busy: Set[str]) -> list[Opening]:
        """Return when *actor* may begin, if those who are *busy* cannot help."""
        others = busy | self._persons.emails({actor.email})
        return self._administrators.staffed(openings(self.scenario, actor, self._cast), others)

    def _window(self, free: list[Actor], busy: Set[str]) -> range | None:
        """Return the hours since the epoch in which all of *free* begin who play; None if it need not be together.

        Drawn among the windows in which enough of them can begin, or else among those in which the most can. A
        window is an hour and the wake of a usage longer than these hours: what begins in a session needs as much.
        """
        if self.scenario.when.together is None:
            return None
        last = max(self.scenario.when.together - HOUR - WAKE, 0) // HOUR
        crowds = _crowds([{hour.begin // HOUR for hour in self._hours(actor, busy)} for actor in free], last)
        if not crowds:
            return range(0)
        enough = min(self.scenario.count, max(crowds.values()))
        windows = sorted(hour for hour, actors in crowds.items() if actors >= enough)
        begin = windows[below(len(windows), self._seed, self.case, "window")]
        return range(begin, begin + last + 1)

    def _assignment(self, n: int, actor: Actor, hours: list[Opening], busy: Set[str]) -> Assignment:
        """Return the n-th incident: by *actor*, who begins in one of *hours*, helped by somebody who is not *busy*."""
        purpose = (self._seed, self.case, actor.email)
        hour = pick(hours, [hour.weight for hour in hours], *purpose, "hour")
        start = hour.begin + below(hour.end - hour.begin, *purpose, "moment")
        administrator = self._administrators.served(
            hour, busy | self._persons.emails({actor.email}), *purpose, "administrator"
        )
        return Assignment(self.case, run_id(self.case, n), self.scenario, actor, start, administrator)

    def shortage(self, made: list[Assignment], busy: Set[str]) -> str:
        """Return in words why only those *made* could be placed, when those who are *busy* play elsewhere."""
        able = {actor.email for actor in self.able}
        taken = busy | self._persons.emails(email for each in made for email in each.emails)
        refusals = Counter({"playing in another scenario": len(able & busy)})
        for actor in self.able:
            if actor.email not in taken:
                alone = not self._hours(actor, taken)
                refusals[_NO_HELP if alone else "not at the same time as the others"] += 1
        for actor in self._cast.actors.values():
            if actor.email not in able:
                refusals[unfit(self.scenario, actor, self._cast) or untimely(self.scenario, actor, self._cast)] += 1
        why = ", ".join(f"{number} {reason}" for reason, number in sorted(refusals.items()) if number)
        others = "the other actors" if made else "of all actors"
        return f"{len(made)} of {self.scenario.count} placed; {others}: {why or 'none'}"


def _crowds(actors: Iterable[set[int]], last: int) -> dict[int, int]:
    """Return for each window, named by its first hour, how many of *actors* have one of their hours in it.

    A window has *last* hours after its first; windows that nobody has an hour in are left out.

    >>> _crowds([{5}, {6, 9}], 1)
    {4: 1, 5: 2, 6: 1, 8: 1, 9: 1}
    """
    changes: Counter[int] = Counter()
    for hours in actors:
        covered = None
        for hour in sorted(hours):
            begin = hour - last if covered is None else max(hour - last, covered)
            changes[begin] += 1
            changes[hour + 1] -= 1
            covered = hour + 1
    spans = pairwise(sorted(changes))
    crowds = zip(spans, accumulate(changes[hour] for hour in sorted(changes)), strict=False)
    return {hour: actors for (begin, end), actors in crowds if actors for hour in range(begin, end)}
