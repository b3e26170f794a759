"""Columns of what people did -> encoded records of the Events API, with what orders them."""

import numpy as np

from simulator import records
from simulator.behaviour import AUDIT_KINDS, Activity, AuditEvents, ItemUsages, SignIns
from simulator.draws import Ints, stream, words
from simulator.identifiers import event_uuids, item_uuids
from simulator.lines import Lines
from simulator.population import Population
from simulator.profile import ACTIONS
from simulator.scene import Scene, scene_of
from simulator.sessions import Sessions

_VERSIONS = 9  # versions an item has gone through, at most (assumption)
_MOST = 1024  # sessions a day, and events of one kind a session, stay below this: an order is unique


class Renderer:
    """Writes down, for the three feeds, what the people of a population did."""

    def __init__(self, population: Population) -> None:
        self._seed = population.seed
        self._population = population
        self._devices = [device for person in population.people for device in person.devices]

    def render(self, activity: Activity) -> dict[str, Lines]:
        """Return for each of `records.FEEDS` its lines, in no particular order."""
        scene = scene_of(self._population, self._devices, activity.sessions)
        feeds = (
            self._item_usages(scene, activity.item_usages),
            self._sign_ins(scene, activity.sign_ins),
            self._audit_events(scene, activity.audit_events),
        )
        return dict(zip(records.FEEDS, feeds, strict=True))

    def _item_usages(self, scene: Scene, usages: ItemUsages) -> Lines:
        versions = words(stream(self._seed, "version"), usages.item) % np.uint64(_VERSIONS)
        rows = zip(
            event_uuids(self._seed, "item usage", scene.held, usages.session, usages.number),
            usages.session.tolist(),
            usages.time.tolist(),
            versions.tolist(),
            usages.vault.tolist(),
            item_uuids(self._seed, usages.item),
            usages.action.tolist(),
            strict=True,
        )
        text = [
            records.encode(
                records.item_usage(
                    uuid=uuid,
                    timestamp=time,
                    used_version=version + 1,
                    vault_uuid=self._population.vaults[vault].uuid,
                    item_uuid=item,
                    action=ACTIONS[action],
                    user=scene.users[at],
                    client=scene.clients[at],
                    location=scene.places[at],
                )
            )
            for uuid, at, time, version, vault, item, action in rows
        ]
        return _lines(scene.held, usages.session, usages.time, usages.number, text)

    def _sign_ins(self, scene: Scene, sign_ins: SignIns) -> Lines:
        failed = sign_ins.failed.astype(np.int64)
        rows = zip(
            event_uuids(self._seed, "sign-in", scene.held, sign_ins.session, failed),
            event_uuids(self._seed, "failed session", scene.held, sign_ins.session, failed),
            sign_ins.session.tolist(),
            sign_ins.time.tolist(),
            sign_ins.failed.tolist(),
            strict=True,
        )
        text = [
            records.encode(
                records.sign_in(
                    uuid=uuid,
                    session_uuid=refused if is_failed else scene.uuids[at],
                    timestamp=time,
                    category="credentials_failed" if is_failed else "success",
                    type="password_secret_bad" if is_failed else _accepted(scene, at),
                    country=scene.people[at].office.country_code,
                    target_user=scene.users[at],
                    client=scene.clients[at],
                    location=scene.places[at],
                )
            )
            for uuid, refused, at, time, is_failed in rows
        ]
        return _lines(scene.held, sign_ins.session, sign_ins.time, failed, text)

    def _audit_events(self, scene: Scene, events: AuditEvents) -> Lines:
        number = events.kind * _MOST + events.number
        rows = zip(
            event_uuids(self._seed, "audit event", scene.held, events.session, number),
            self._subjects(scene, events, number),
            events.session.tolist(),
            events.time.tolist(),
            events.kind.tolist(),
            strict=True,
        )
        text = [
            records.encode(
                records.audit_event(
                    uuid=uuid,
                    timestamp=time,
                    actor_uuid=scene.people[at].uuid,
                    actor_details=scene.users[at],
                    action=AUDIT_KINDS[kind][0],
                    object_type=AUDIT_KINDS[kind][1],
                    object_uuid=subject,
                    aux_uuid=aux_uuid,
                    aux_details=None if aux_uuid != scene.people[at].uuid else scene.users[at],
                    session=scene.sessions[at],
                    location=scene.places[at],
                )
            )
            for uuid, (subject, aux_uuid), at, time, kind in rows
        ]
        return _lines(scene.held, events.session, events.time, number, text)

    def _subjects(self, scene: Scene, events: AuditEvents, number: Ints) -> list[tuple[str, str | None]]:
        """Return each event's object and, where the API gives one, its auxiliary object."""
        tokens = event_uuids(self._seed, "audit object", scene.held, events.session, number)
        rows = zip(
            events.kind.tolist(),
            tokens,
            events.session.tolist(),
            item_uuids(self._seed, events.item),
            events.vault.tolist(),
            strict=True,
        )
        return [
            _subject(scene, AUDIT_KINDS[kind][1], token, at, item, self._population.vaults[vault].uuid)
            for kind, token, at, item, vault in rows
        ]


def _subject(scene: Scene, object_type: str, token: str, at: int, item: str, vault: str) -> tuple[str, str | None]:
    """Return what an audit event is about; delegated sessions and tokens have a fresh identifier."""
    match object_type:
        case "device":
            return scene.devices[at].uuid, scene.people[at].uuid
        case "item":
            return item, vault
        case "vault":
            return vault, None
        case _:
            return token, None


def _accepted(scene: Scene, at: int) -> str:
    return "mfa_ok" if scene.people[at].two_factor else "credentials_ok"


def _lines(held: Sessions, session: Ints, time: Ints, number: Ints, text: list[bytes]) -> Lines:
    name = held.day[session] * _MOST + held.number[session]
    return Lines(time, held.person[session], name * _MOST * len(AUDIT_KINDS) + number, text)
