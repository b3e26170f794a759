"""The population's habits as numpy columns, so that a whole company acts in one stroke."""

from dataclasses import dataclass

import numpy as np

from simulator.clients import ACTIONS_OF, SESSIONS_OF
from simulator.devices import MOST_DEVICES, Device
from simulator.draws import Floats, Ints, cumulative
from simulator.population import Person, Population
from simulator.profile import ACTIONS, Profile
from simulator.vaults import COMPANY, PROJECT, TEAM

_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Habits:
    """Columns by person, device (numbered through the company) or vault; shares are cumulative.

    *vaults* and *vault_shares* have a row for each person, as wide as the most vaults anyone has;
    *device_shares* a row for each person, *action_shares* a row for each device.
    """

    profile: Profile
    sessions_a_day: Floats
    weekend: Floats
    work_starts_ms: Ints
    zones: tuple[str, ...]
    zone: Ints
    office_days: Floats
    first_device: Ints
    device_shares: Floats
    action_shares: Floats
    vaults: Ints
    vault_shares: Floats
    vault_items: Ints
    vault_first_item: Ints


def habits_of(population: Population) -> Habits:
    """Return the columns of *population*."""
    people, profile = population.people, population.profile
    zones = tuple(sorted({person.office.timezone for person in people}))
    owned = np.array([len(person.devices) for person in people])
    vaults, vault_shares = _vault_choices(population)
    return Habits(
        profile=profile,
        sessions_a_day=np.array([person.events_a_day for person in people]) / profile.events_a_session,
        weekend=np.array([person.role.weekend for person in people]),
        work_starts_ms=np.array([round(person.work_starts * _HOUR_MS) for person in people]),
        zones=zones,
        zone=np.array([zones.index(person.office.timezone) for person in people]),
        office_days=np.array([person.office_days for person in people]),
        first_device=np.cumsum(owned) - owned,
        device_shares=cumulative([_device_weights(person) for person in people]),
        action_shares=cumulative([_action_weights(person, at) for person in people for at in person.devices]),
        vaults=vaults,
        vault_shares=vault_shares,
        vault_items=np.array([vault.items for vault in population.vaults]),
        vault_first_item=np.array([vault.first_item for vault in population.vaults]),
    )


def _device_weights(person: Person) -> list[float]:
    weights = [SESSIONS_OF[device.kind] for device in person.devices]
    return weights + [0.0] * (MOST_DEVICES - len(weights))


def _action_weights(person: Person, device: Device) -> list[float]:
    possible = ACTIONS_OF[device.kind]
    habit = zip(ACTIONS, person.propensity, strict=True)
    return [weight if action in possible else 0.0 for action, weight in habit]


def _vault_choices(population: Population) -> tuple[Ints, Floats]:
    """Return each person's vaults and the cumulative shares of their use, equal within a kind."""
    profile = population.profile
    use = {COMPANY: profile.company_use, TEAM: profile.team_use, PROJECT: profile.project_use}
    mine: list[list[int]] = [[] for _ in population.people]
    for vault in population.vaults:
        for person in vault.members:
            mine[person].append(vault.index)
    width = max(map(len, mine))
    kinds = [[population.vaults[vault].kind for vault in vaults] for vaults in mine]
    weights = [[use[kind] / have.count(kind) for kind in have] + [0.0] * (width - len(have)) for have in kinds]
    return np.array([vaults + [0] * (width - len(vaults)) for vaults in mine]), cumulative(weights)
