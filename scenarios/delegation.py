"""Delegated sessions: the audit events that an app's session brings about by itself."""

from collections.abc import Iterator

from scenarios.draws import below, draw
from scenarios.visit import Visit
from simulator.records import Record, audit_event, upper_uuid

_MOST = 4  # of a session (assumption)
_LATENCY = 300_000_000  # nanoseconds from a sign-in to the first, at least, and less than twice that (assumption)


def delegations(visit: Visit, person: dict[str, str], last: int, tick: int) -> Iterator[tuple[int, str, Record]]:
    """Yield time, uuid and record of each: one right after the sign-in, up to three more until *last*.

    Times are nanoseconds since the epoch, whole multiples of *tick*; *person* is ``{uuid, name, email}``.
    """
    for k in range(1 + below(_MOST, visit.uuid, "delegations")):
        uuid = upper_uuid(*draw(visit.uuid, "delegation", k))
        later = below(last - visit.at, uuid, "later") if k else 0
        at = visit.at + later + _LATENCY + below(_LATENCY, uuid, "latency")
        record = audit_event(
            uuid=uuid,
            timestamp=at - at % tick,
            actor_uuid=person["uuid"],
            actor_details=person,
            action="dlgsess",
            object_type="dlgdsess",
            object_uuid=upper_uuid(*draw(uuid, "object")),
            session=visit.session(),
            location=visit.machine.location,
        )
        yield at - at % tick, uuid, record
