"""Clients are named as real ones are, move with their releases, and are told by codes that lose nothing."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clients import (
    ACTIONS_OF,
    CLI,
    EXTENSION,
    LEGACY,
    LEGACY_SLOTS,
    MOBILE,
    MODELS,
    SECOND,
    SLOTS,
    Client,
    describe,
    model_of,
    pack,
    unpack,
)
from simulator.profile import ACTIONS, HABITS

COMPUTERS = ("mac", "windows", "linux")
JANUARY_2024, OCTOBER_2025, JANUARY_2026 = 0, 46, 53  # releases of 14 days
NAMES = st.tuples(st.integers(0, 2**31), st.integers(0, 7), st.integers(0, 63), st.integers(-1, 4094))


def platforms(slot: str, computer: str, release: int = JANUARY_2024) -> set[str]:
    return {describe(slot, computer, model, release, "host").platform_name for model in range(MODELS)}


def test_every_action_is_some_clients_and_other_is_nobodys() -> None:
    assert tuple(ACTIONS_OF) == SLOTS
    assert {action for actions in ACTIONS_OF.values() for action in actions} == set(HABITS)
    assert all(set(actions) < set(ACTIONS) for actions in ACTIONS_OF.values())


def test_only_the_desktop_exports_and_only_browsers_have_sign_in_providers() -> None:
    assert [slot for slot in SLOTS if "export" in ACTIONS_OF[slot]] == ["desktop"]
    assert [slot for slot in SLOTS if "select-sso-provider" in ACTIONS_OF[slot]] == ["extension", "second"]


def test_a_code_is_person_slot_generation_and_release_plus_one() -> None:
    assert pack(0, EXTENSION, 0, LEGACY) == 0
    assert pack(0, EXTENSION, 0, 0) == 1
    assert pack(0, EXTENSION, 1, LEGACY) == 4096
    assert pack(0, 1, 0, LEGACY) == 64 * 4096
    assert pack(1, 0, 0, LEGACY) == 8 * 64 * 4096


@given(st.lists(NAMES, min_size=1))
def test_what_is_packed_is_unpacked_alone_and_in_columns(names: list[tuple[int, int, int, int]]) -> None:
    assert [unpack(pack(*name)) for name in names] == names
    columns = np.array(names, dtype=np.int64).T
    codes = pack(*columns)
    assert codes.tolist() == [pack(*name) for name in names]
    assert [column.tolist() for column in unpack(codes)] == columns.tolist()


def test_a_mac_of_october_2025_has_the_clients_of_the_day() -> None:
    assert [describe(slot, "mac", 0, OCTOBER_2025, "C02TEST") for slot in SLOTS] == [
        Client("1Password Browser Extension", "81114032", "Chrome extension", "141.0.7390.72", "MacOSX", "10.15.7"),
        Client("1Password for Mac", "81114042", "C02TEST", "MacBookPro18,3", "MacOSX", "26.0"),
        Client("1Password for iOS", "81114036", "iPhone14,5", "iPhone14,5", "iOS", "26.0"),
        Client("1Password CLI", "2310201", "C02TEST", "arm64", "MacOSX", "26.0"),
        Client("1Password for Web", "2140", "Chrome", "141.0.7390.72", "MacOSX", "10.15.7"),
        Client("1Password Browser Extension", "81114032", "Chrome extension", "141.0.7390.72", "MacOSX", "10.15.7"),
        Client("1Password SDK", "0030301", "C02TEST", "x86_64", "Linux", "0.0.0"),
        Client("1Password Connect", "1080301", "C02TEST", "amd64", "MacOSX", "26.0"),
    ]


def test_names_of_applications_are_those_of_real_records() -> None:
    names = {
        describe(slot, computer, model, 0, "h").app_name for slot in SLOTS for computer in COMPUTERS for model in (0, 2)
    }
    assert names == {
        "1Password Browser Extension", "1Password for Mac", "1Password for Windows", "1Password for Linux",
        "1Password for iOS", "1Password for Android", "1Password CLI", "1Password for Web", "1Password SDK",
        "1Password Connect",
    }  # fmt: skip


def test_systems_are_those_of_their_day() -> None:
    days = (JANUARY_2024, OCTOBER_2025, JANUARY_2026)
    versions = {c: [describe("desktop", c, 0, day, "h").os_version for day in days] for c in COMPUTERS}
    assert versions == {
        "mac": ["14.2", "26.0", "26.2"],
        "windows": ["10.0.22631", "10.0.26200", "10.0.26200"],
        "linux": ["6.5.0", "6.14.0", "6.17.0"],
    }
    assert [describe("mobile", "mac", 2, day, "h").os_version for day in days] == ["14", "16", "16"]


def test_a_day_has_its_versions_however_often_releases_come() -> None:
    monthly = describe("desktop", "mac", 0, 23, "h", 28)
    assert monthly.os_version == describe("desktop", "mac", 0, 46, "h", 14).os_version == "26.0"


@pytest.mark.parametrize("slot", SLOTS)
def test_each_release_has_another_version_in_the_form_of_a_whole_number(slot: str) -> None:
    versions = [describe(slot, "linux", 0, release, "h").app_version for release in range(4095)]
    assert len(set(versions)) == 4095
    assert all(re.fullmatch(r"\d+", version) for version in versions)
    assert versions == sorted(versions, key=int)


@pytest.mark.parametrize("slot", LEGACY_SLOTS)
def test_a_legacy_client_is_older_than_8_4_0(slot: str) -> None:
    version = describe(slot, "mac", 0, LEGACY, "h").app_version
    assert version in {"70902005", "20195"}
    assert int(version) < 80400000


@pytest.mark.parametrize("slot", sorted(set(SLOTS) - set(LEGACY_SLOTS)))
def test_other_clients_have_no_legacy_release(slot: str) -> None:
    with pytest.raises(ValueError, match=rf"\Arelease: found -1 of {slot}; legal: 0 or more, -1 of extension, "):
        describe(slot, "mac", 0, LEGACY, "h")


def test_browsers_suit_the_computer_and_are_named_as_each_client_names_them() -> None:
    assert platforms("extension", "mac") == {f"{b} extension" for b in ("Chrome", "Safari", "Firefox", "Brave")}
    assert platforms("extension", "windows") == {f"{b} extension" for b in ("Chrome", "Edge", "Firefox", "Brave")}
    assert platforms("second", "linux") == {f"{b} extension" for b in ("Chrome", "Firefox", "Brave")}
    assert platforms("web", "windows") == {"Chrome", "Microsoft Edge", "Firefox"}
    assert platforms("extension", "linux", LEGACY) == {"Chrome", "Firefox", "Brave"}


@pytest.mark.parametrize("slot", ["desktop", "cli", "sdk", "connect"])
def test_what_runs_on_a_host_says_its_name(slot: str) -> None:
    assert platforms(slot, "linux") == {"host"}


def test_the_command_line_tells_the_processor() -> None:
    found = {computer: describe("cli", computer, 0, 0, "h").platform_version for computer in COMPUTERS}
    assert found == {"mac": "arm64", "windows": "amd64", "linux": "amd64"}


def test_no_part_of_a_client_is_empty() -> None:
    for slot in SLOTS:
        for computer in COMPUTERS:
            for model in range(MODELS):
                client = describe(slot, computer, model, OCTOBER_2025, "host")
                assert all(getattr(client, field) for field in client.__struct_fields__)


@given(st.integers(0, 7), st.integers(0, 2**64 - 1), st.integers(0, 63))
def test_models_are_numbered_within_bounds(slot: int, bits: int, generation: int) -> None:
    assert 0 <= model_of(slot, bits, generation) < MODELS


@given(st.integers(0, 2**64 - 1))
def test_a_replaced_telephone_is_of_the_same_system_and_never_an_earlier_model(bits: int) -> None:
    models = [model_of(MOBILE, bits, generation) for generation in range(64)]
    assert models == sorted(models)
    phones = [describe("mobile", "mac", model, 0, "h") for model in models]
    assert len({phone.app_name for phone in phones}) == 1
    assert phones[0].platform_name != phones[2].platform_name


def test_other_slots_draw_again_for_each_generation() -> None:
    assert [model_of(CLI, 0b000010_000001, generation) for generation in range(3)] == [1, 2, 0]
    assert model_of(SECOND, 2**63, 9) == 0
