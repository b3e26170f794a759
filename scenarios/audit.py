"""Audit events: what each kind is about, in the fields of the Events API.

Which object an action names and what stands beside it: https://developer.1password.com/docs/events-api/audit-events/
and real records (``patch/items`` and ``grant/uva`` name the vault, ``share/item`` has the vault beside the item,
``join/gm`` names the group and has the member beside it).
"""

from dataclasses import dataclass
from typing import Final, Required, TypedDict

from scenarios.draws import draw
from simulator.records import lower_uuid, upper_uuid

_OF_VAULTS: Final = frozenset({"vault", "items", "uva", "gva", "vaultkey"})
_OF_ITEMS: Final = frozenset({"item", "itemhist"})
_LOWER: Final = frozenset({"group", "template", "file"})
_BESIDE_ACTOR: Final = frozenset({"device", "uva", "gm"})


class About(TypedDict, total=False):
    """The fields of an audit event that say what it is about; those that its kind does not have are absent."""

    object_uuid: Required[str]
    object_details: dict[str, str]
    aux_uuid: str
    aux_details: dict[str, str]


@dataclass(frozen=True, slots=True)
class Topic:
    """What the audit events of an incident may name; *purpose* draws identifiers that nothing else names.

    ``person`` is the actor of the incident, whoever does what is told of; ``group`` one of the stream's, empty if it
    shows none.
    """

    person: dict[str, str]
    vault: str
    item: str
    device: str
    group: str
    purpose: tuple[object, ...]

    def about(self, object_type: str) -> About:
        """Return what an audit event about an *object_type* says of it."""
        about: About = {"object_uuid": self._object(object_type)}
        if object_type == "user":
            about["object_details"] = self.person
        if object_type in _BESIDE_ACTOR:
            about["aux_uuid"], about["aux_details"] = self.person["uuid"], self.person
        if object_type in _OF_ITEMS:
            about["aux_uuid"] = self.vault
        if object_type == "gva":
            about["aux_uuid"] = self._group
        return about

    def _object(self, object_type: str) -> str:
        if object_type in _OF_VAULTS:
            return self.vault
        if object_type in _OF_ITEMS:
            return self.item
        named = {"user": self.person["uuid"], "device": self.device, "gm": self._group}
        return named.get(object_type) or self._drawn(object_type)

    @property
    def _group(self) -> str:
        return self.group or self._drawn("group")

    def _drawn(self, object_type: str) -> str:
        """Return an identifier in the letter case of its kind."""
        write = lower_uuid if object_type in _LOWER else upper_uuid
        return write(*draw(*self.purpose, "object", object_type))
