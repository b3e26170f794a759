"""A simulated company counted as its records would be, without writing any."""

from collections.abc import Mapping

import numpy as np

from simulator.activity import AUDIT_KINDS, OUTCOMES, Activity
from simulator.company import Company, simulate
from simulator.delivery import Arrived
from simulator.directory import Directory
from simulator.draws import Ints
from simulator.observation import Observation

_OUTCOMES = [(outcome.category, outcome.type) for outcome in OUTCOMES]
_KINDS = [(kind.action, kind.object_type) for kind in AUDIT_KINDS]
_RELEASES = 4096  # what an app is called does not depend on its release, see `clients.pack`


class Counting:
    """A rendering of `company.simulate` that adds all records to an `Observation`."""

    def __init__(self, directory: Directory, seen: Observation) -> None:
        self._directory = directory
        self._seen = seen
        self._apps: dict[int, int] = {}
        self._names: dict[str, int] = {}

    def render(self, activity: Activity, arrived: Mapping[str, Arrived]) -> Mapping[str, int]:
        """Count what arrived of each feed, a second time not at all; return how many item usages there were."""
        held = activity.sessions
        rows = {feed: rows.row[~rows.again] for feed, rows in arrived.items()}
        self._seen.repeats += int(arrived["itemusages"].again.sum())
        usages = activity.item_usages.where(rows["itemusages"])
        client = self._clients(held.client[usages.session])
        self._seen.add_usages(held.person[usages.session], usages.time, usages.action, client, list(self._names))
        sign_ins = activity.sign_ins.where(rows["signinattempts"])
        self._seen.add_sign_ins(held.person[sign_ins.session], sign_ins.outcome, _OUTCOMES)
        self._seen.add_audit_events(activity.audit_events.kind[rows["auditevents"]], _KINDS)
        return {"itemusages": len(client)}

    def _clients(self, codes: Ints) -> Ints:
        devices, row = np.unique(codes // _RELEASES, return_inverse=True)
        numbers = []
        for device in devices.tolist():
            if device not in self._apps:
                name = self._directory.client(device * _RELEASES + 1).app_name
                self._apps[device] = self._names.setdefault(name, len(self._names))
            numbers.append(self._apps[device])
        return np.array(numbers, dtype=np.int64)[row]


def counted(company: Company) -> Observation:
    """Return what is seen of *company*, the same as of its records."""
    seen = Observation()
    for _ in simulate(company, rendering=lambda directory: Counting(directory, seen)):
        pass
    return seen
