"""A visit: one session on one machine, as the audit events in it name it."""

from typing import NamedTuple

from scenarios.machine import Machine
from simulator.records import Record, session


class Visit(NamedTuple):
    """The session ``uuid``, which a sign-in opened at ``at`` (nanoseconds since the epoch) on ``machine``."""

    at: int
    uuid: str
    machine: Machine

    def session(self) -> Record:
        """Return the session of an audit event."""
        return session(uuid=self.uuid, login_time=self.at, device_uuid=self.machine.device, ip=self.machine.address)
