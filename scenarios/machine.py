"""A machine: an app on a host, seen from somewhere."""

from typing import NamedTuple

from simulator.records import Part


class Machine(NamedTuple):
    """A client with its address, where it stands (None if the stream never says), and the uuid of its device."""

    client: dict[str, object]
    location: Part | None
    country: str
    device: str

    @property
    def app(self) -> str:
        """The name of its app."""
        return str(self.client.get("app_name", ""))

    @property
    def address(self) -> str:
        """The IP address it is seen from; empty if the stream never says."""
        return str(self.client.get("ip_address", ""))
