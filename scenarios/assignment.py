"""Assignments: which actor of a stream plays which scenario, and when."""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from itertools import accumulate, pairwise
from typing import NamedTuple

from scenarios.actor import HOUR, Actor
from scenarios.audition import unfit, untimely
from scenarios.cast import Cast
from scenarios.draws import below, draw, pick
from scenarios.opening import Opening, openings
from scenarios.scenario import Scenario
from scenarios.trail import WAKE


class Assignment(NamedTuple):
    """One incident to be: its case, the name of the run, what is played, by whom and from when.

    ``start`` is in nanoseconds since the epoch. A scenario that begins in a session of the actor's own
    (`scenarios.opening.in_session`) begins where `Trail.anchored` moves it, within the hour of ``start``.
    """

    case: str
    run: str
    scenario: Scenario
    actor: Actor
    start: int


def assign(scenarios: Mapping[str, Scenario], cast: Cast, seed: int) -> tuple[list[Assignment], list[tuple[str, str]]]:
    """Return who of *cast* plays which of *scenarios*, given by case id, and when; and what could not be placed.

    Each case ranks the actors by a hash of seed, case and email and takes the first that are fit for the part
    and free: nobody plays twice. Those choose first that the fewest actors could play, and of equals in
    order of id; so one scenario more changes the others only where it takes an actor from them. The
    assignments are in order of case and run; with them come the cases that fewer actors play than they ask
    for, with the reason in words.
    """
    choices = {case: _Choice(case, scenario, cast, seed) for case, scenario in sorted(scenarios.items())}
    busy: set[str] = set()
    made: dict[str, list[Assignment]] = {}
    missing: dict[str, str] = {}
    for case, choice in sorted(choices.items(), key=lambda each: (len(each[1].able), each[0])):
        made[case] = choice.made(busy)
        if len(made[case]) < choice.scenario.count:
            missing[case] = choice.shortage(len(made[case]), busy)
        busy.update(assignment.actor.email for assignment in made[case])
    return [assignment for case in choices for assignment in made[case]], sorted(missing.items())


class _Choice:
    """The choice of the actors of one case; ``able`` are all that could play it, best rank first."""

    def __init__(self, case: str, scenario: Scenario, cast: Cast, seed: int) -> None:
        self.case, self.scenario, self._cast, self._seed = case, scenario, cast, seed
        fit = (actor for actor in cast.actors.values() if unfit(scenario, actor, cast) is None)
        able = (actor for actor in fit if next(openings(scenario, actor, cast), None))
        self.able = sorted(able, key=lambda actor: draw(seed, case, actor.email))

    def made(self, busy: Set[str]) -> list[Assignment]:
        """Return the incidents of those of the able that are not *busy*, as many as the scenario asks for."""
        free = [actor for actor in self.able if actor.email not in busy]
        if self.scenario.when.together is None:
            hours = {
                actor.email: list(openings(self.scenario, actor, self._cast)) for actor in free[: self.scenario.count]
            }
        else:
            hours = self._together(free, self.scenario.when.together)
        chosen = [actor for actor in free if hours.get(actor.email)][: self.scenario.count]
        return [
            Assignment(self.case, f"{self.case}#{n}", self.scenario, actor, self._start(actor, hours[actor.email]))
            for n, actor in enumerate(chosen, 1)
        ]

    def _together(self, free: list[Actor], length: int) -> dict[str, list[Opening]]:
        """Return the openings of each of *free* that lie in one window of *length*, drawn for the case.

        Drawn among those in which enough of them can begin, or else among those in which the most can. A
        window is never shorter than an hour and the wake of a usage: what begins in a session needs as much.
        """
        hours = {actor.email: list(openings(self.scenario, actor, self._cast)) for actor in free}
        last = max(length - HOUR - WAKE, 0) // HOUR
        crowds = _crowds([{opening.begin // HOUR for opening in found} for found in hours.values()], last)
        if not crowds:
            return {}
        enough = min(self.scenario.count, max(crowds.values()))
        windows = sorted(hour for hour, actors in crowds.items() if actors >= enough)
        begin = windows[below(len(windows), self._seed, self.case, "window")]
        return {
            email: [opening for opening in found if begin <= opening.begin // HOUR <= begin + last]
            for email, found in hours.items()
        }

    def _start(self, actor: Actor, hours: list[Opening]) -> int:
        """Return when *actor* begins, drawn from *hours*."""
        purpose = (self._seed, self.case, actor.email)
        opening = pick(hours, [opening.weight for opening in hours], *purpose, "hour")
        return opening.begin + below(opening.end - opening.begin, *purpose, "moment")

    def shortage(self, placed: int, busy: Set[str]) -> str:
        """Return in words why only *placed* incidents could be placed, when those who are *busy* play elsewhere."""
        able = {actor.email for actor in self.able}
        refusals = Counter({"playing in another scenario": len(able & busy)})
        refusals["not at the same time as the others"] = len(able - busy) - placed
        for actor in self._cast.actors.values():
            if actor.email not in able:
                refusals[unfit(self.scenario, actor, self._cast) or untimely(self.scenario, actor, self._cast)] += 1
        why = ", ".join(f"{number} {reason}" for reason, number in sorted(refusals.items()) if number)
        return f"{placed} of {self.scenario.count} placed; the other actors: {why or 'none'}"


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
