"""Footsteps: what a trail says of where its actor was, with what, and in which session."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import TypeVar

from scenarios.actor import Setting
from scenarios.apps import HOSTED, AppKind, able, kind_of
from scenarios.duration import HOUR
from scenarios.trail import Session, Trail, Usage

_at = attrgetter("at")
_Timed = TypeVar("_Timed", Usage, Session)


@dataclass(frozen=True)
class Footsteps:
    """Questions to a trail that has at least one usage; times are nanoseconds since the epoch.

    ``does`` says whether an app is of a kind with which an action is done (`scenarios.cast.Cast.does`).
    """

    trail: Trail
    does: Callable[[str, str], bool] = able

    def suited(self, kind: AppKind | None, actions: frozenset[str], host: str = "") -> Sequence[Usage]:
        """Return their usages with clients of *kind*, or that do all *actions*, or that show items; else all.

        Where they have none with which all *actions* are done, with clients that can do them. What somebody did with
        a client, that can do it, whatever is said of its kind. Given a *host*, those that are not on another one, if
        there are any.
        """
        if (kind, actions, host) not in self._suited:
            fit = {each for each in self._settings if self._suits(each.app, kind, actions, self.does)}
            fit = fit or {each for each in self._settings if self._suits(each.app, kind, actions, able)}
            here = {each for each in fit if not _elsewhere(each, host)}
            self._suited[kind, actions, host] = [usage for usage in self.trail.usages if usage.setting in here]
        return self._suited[kind, actions, host] or (self.suited(kind, actions) if host else self.trail.usages)

    def _suits(self, app: str, kind: AppKind | None, actions: frozenset[str], does: Callable[[str, str], bool]) -> bool:
        if kind is not None:
            return kind_of(app) == kind
        if not actions:
            return kind_of(app) != "command-line"
        return all(does(app, action) or (action, app) in self._done for action in actions)

    def session(self, usage: Usage, at: int) -> Session | None:
        """Return the session in which what they do at *at* lies, if *usage* is what they did before."""
        close = self.trail.session_at(at, usage.setting.app, usage.setting.client)
        return close or next((session for session in reversed(self.trail.sessions) if session.at <= at), None)

    def sign_in_type(self, at: int, among: Collection[str] = ()) -> str:
        """Return the type of the sign-in that succeeded nearest to *at*, *among* these if any; empty without one."""
        fit = [session for session in self.trail.sessions if session.type in among or (session.type and not among)]
        return nearest(fit, at).type if fit else ""

    def updated(self, usage: Usage, at: int) -> Setting:
        """Return the setting of *usage*, or that in which they signed in with the same app after it until *at*."""
        session = self.trail.session_at(at, usage.setting.app)
        return session.setting if session and session.at > usage.at else usage.setting

    def open(self, setting: Setting, at: int) -> bool:
        """Return whether a session at *setting* can be open at *at*.

        It can for as long as they ever used an item after signing in there, and an hour at least (assumption).
        Where most usages follow no sign-in, the stream does not tell, and it can always.
        """
        if self._longest is None:
            return True
        since = self._opened(setting, at)
        return since is not None and at - since <= max(HOUR, self._longest)

    def audited(self, app: str) -> bool:
        """Return whether most of their sessions of *app*, or of all where there are none, are in the audit log."""
        of_app = [session for session in self.trail.sessions if session.setting.app == app]
        sessions = of_app or self.trail.sessions
        return 2 * sum(session.device is not None for session in sessions) > len(sessions)

    @cached_property
    def located(self) -> bool:
        """Whether the stream says where they are."""
        return any(setting.location for setting in self._settings)

    @cached_property
    def _longest(self) -> int | None:
        """The longest time from a sign-in to an item usage at the same setting, None if most follow none."""
        opened = [(usage.at, self._opened(usage.setting, usage.at)) for usage in self.trail.usages]
        lasted = [at - since for at, since in opened if since is not None]
        return max(lasted) if 2 * len(lasted) > len(opened) else None

    def _opened(self, setting: Setting, at: int) -> int | None:
        """Return when they last signed in at *setting* until *at*, or None if they did not."""
        times = self._sign_ins.get(setting, [])
        k = bisect_right(times, at)
        return times[k - 1] if k else None

    @cached_property
    def _sign_ins(self) -> dict[Setting, list[int]]:
        found: dict[Setting, list[int]] = {}
        for session in self.trail.sessions:
            found.setdefault(session.setting, []).append(session.at)
        return found

    @cached_property
    def _suited(self) -> dict[tuple[AppKind | None, frozenset[str], str], list[Usage]]:
        return {}

    @cached_property
    def _settings(self) -> set[Setting]:
        return {usage.setting for usage in self.trail.usages}

    @cached_property
    def _done(self) -> set[tuple[str, str]]:
        """Each action that they did with an app."""
        seen = {(usage.action, usage.setting) for usage in self.trail.usages}
        return {(action, setting.app) for action, setting in seen}


def _elsewhere(setting: Setting, host: str) -> bool:
    """Return whether *setting* is on another host than *host*, if that is one and the client names its own."""
    return bool(host) and kind_of(setting.app) in HOSTED and setting.details.get("platform_name") != host


def nearest(events: Sequence[_Timed], at: int) -> _Timed:
    """Return of *events*, in order of time, the one nearest to *at*, the earlier of two."""
    k = bisect_right(events, at, key=_at)
    return min(events[max(k - 1, 0) : k + 1], key=lambda event: abs(event.at - at))


def latest(usages: Sequence[Usage], at: int) -> Usage:
    """Return of *usages*, in order of time, the last until *at*, or else the first."""
    return usages[max(bisect_right(usages, at, key=_at) - 1, 0)]
