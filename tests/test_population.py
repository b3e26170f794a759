"""The people, devices and vaults of a company are plausible, sparse in their habits, and stable."""

import re
from ipaddress import ip_address, ip_network

import pytest

from simulator.clients import ACTIONS_OF
from simulator.population import Population, build_population
from simulator.profile import ACTIONS, DEFAULT

PEOPLE = 1_500
DOCUMENTATION = [ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]


@pytest.fixture(scope="module")
def company() -> Population:
    return build_population(PEOPLE, seed=7)


def share_with(company: Population, action: str) -> float:
    return sum(person.propensity[ACTIONS.index(action)] > 0 for person in company.people) / PEOPLE


def test_the_same_seed_makes_the_same_company_and_another_seed_another() -> None:
    assert build_population(20, seed=7) == build_population(20, seed=7)
    assert build_population(20, seed=7).people != build_population(20, seed=8).people


def test_a_person_is_the_same_in_a_larger_company(company: Population) -> None:
    assert build_population(40, seed=7).people == company.people[:40]


def test_no_two_people_share_an_identifier_or_an_address(company: Population) -> None:
    assert len({person.uuid for person in company.people}) == PEOPLE
    assert len({person.email for person in company.people}) == PEOPLE
    for person in company.people:
        assert re.fullmatch(r"[a-z]+\.[a-z]+(\.\d+)?@example\.com", person.email)


def test_identifiers_have_the_letter_case_of_the_api(company: Population) -> None:
    assert all(re.fullmatch("[A-Z2-7]{26}", person.uuid) for person in company.people)
    devices = [device.uuid for person in company.people for device in person.devices]
    vaults = [vault.uuid for vault in company.vaults]
    assert all(re.fullmatch("[a-z2-7]{26}", uuid) for uuid in devices + vaults)
    assert len(set(devices + vaults)) == len(devices) + len(vaults)


def test_every_address_is_reserved_for_documentation(company: Population) -> None:
    used = {person.home_ip for person in company.people} | {person.office.ip for person in company.people}
    assert all(any(ip_address(ip) in net for net in DOCUMENTATION) for ip in used)
    assert all(str(ip_address(ip)) == ip for ip in used)
    assert not {person.home_ip for person in company.people} & {office.ip for office in DEFAULT.offices}


def test_everybody_has_one_to_three_devices_and_the_extension_among_them(company: Population) -> None:
    for person in company.people:
        kinds = [device.kind for device in person.devices]
        assert 1 <= len(kinds) == len(set(kinds)) <= 3
        assert "extension" in kinds


def test_a_client_is_described_by_texts_and_names_no_placeholder(company: Population) -> None:
    clients = [device.client for person in company.people for device in person.devices]
    for client in clients:
        values = [getattr(client, field) for field in client.__slots__]
        assert all(isinstance(value, str) and value and "{" not in value for value in values)


def test_everybody_fills_most_reveal_or_copy_and_very_few_export_or_share(company: Population) -> None:
    assert share_with(company, "fill") == 1
    assert 0.4 < share_with(company, "reveal") < 0.7
    assert 0.4 < share_with(company, "secure-copy") < 0.75
    assert 0.005 < share_with(company, "export") < 0.08
    assert 0.02 < share_with(company, "share") < 0.15
    assert share_with(company, "server-update") < 0.15


def test_nobody_has_a_habit_that_none_of_their_devices_can_follow(company: Population) -> None:
    for person in company.people:
        possible = {action for device in person.devices for action in ACTIONS_OF[device.kind]}
        habits = {action for action, weight in zip(ACTIONS, person.propensity, strict=True) if weight}
        assert habits <= possible


def test_activity_has_a_heavy_tail(company: Population) -> None:
    rates = sorted(person.events_a_day for person in company.people)
    assert 1 < rates[PEOPLE // 2] < 4
    assert sum(rate <= 6 for rate in rates) / PEOPLE > 0.75
    assert sum(rates[-PEOPLE // 10 :]) / sum(rates) > 0.25
    assert rates[-1] <= DEFAULT.events_most


def test_roles_come_in_the_profiles_shares(company: Population) -> None:
    for role in DEFAULT.roles:
        assert sum(person.role == role for person in company.people) / PEOPLE == pytest.approx(role.share, abs=0.04)


def test_two_vaults_are_everybodys_and_everyone_is_in_one_team(company: Population) -> None:
    assert [vault.members for vault in company.vaults if vault.kind == "company"] == [tuple(range(PEOPLE))] * 2
    teams = [person for vault in company.vaults if vault.kind == "team" for person in vault.members]
    assert sorted(teams) == list(range(PEOPLE))
    assert all(
        len({company.people[person].role for person in vault.members}) == 1
        for vault in company.vaults
        if vault.kind == "team"
    )


def test_items_are_numbered_through_the_company_without_gap_or_overlap(company: Population) -> None:
    expected = 0
    for vault in company.vaults:
        assert vault.first_item == expected
        assert DEFAULT.vault_items[0] <= vault.items <= DEFAULT.vault_items[1]
        expected += vault.items


@pytest.mark.parametrize("people", [0, -3])
def test_a_company_of_nobody_is_refused(people: int) -> None:
    with pytest.raises(ValueError, match=rf"\Apeople: found {people}; legal: 1 or more\Z"):
        build_population(people, seed=7)
