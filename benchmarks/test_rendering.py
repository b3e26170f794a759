"""Writing records against its limits: write() of the same bytes, pyarrow on ready tables; and against plain Python.

Ratios in one process, the two sides in turn, on one pinned core, by processor time, medians. The columns are ready
in both; SHA-256 is in neither, `simulator.hashed_file` works it out beside.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any

import msgspec
import orjson
import pyarrow as pa
import pytest
from faker import Faker
from pyarrow import parquet as pq

from benchmarks.company_days import blocks, directory_of
from benchmarks.interleaved import ratio, seconds
from simulator.activity import Activity
from simulator.directory import Directory
from simulator.draws import Ints
from simulator.identifiers import event_words
from simulator.parquet import ROWS_A_GROUP, TableFile, canonical, options
from simulator.profile import ACTIONS
from simulator.records import lower_uuid, timestamp_text, upper_uuid
from simulator.rendering import Renderer
from simulator.schemas import SCHEMAS
from simulator.tables import Tabulator

PEOPLE, DAYS = 1_000, 60
PLAIN, FAKED = 20_000, 200  # records of the slow ways, whose time is scaled

Block = tuple[Activity, dict[str, Ints]]


@pytest.fixture(scope="module")
def directory() -> Directory:
    return directory_of(PEOPLE)


@pytest.fixture(scope="module")
def days() -> list[Block]:
    return list(blocks(PEOPLE, DAYS))


def only_usages(days: Iterable[Block]) -> list[Block]:
    return [
        (block, {feed: at if feed == "itemusages" else at[:0] for feed, at in rows.items()}) for block, rows in days
    ]


def records_of(days: Iterable[Block]) -> int:
    return sum(len(at) for _, rows in days for at in rows.values())


def pieces(directory: Directory, days: Iterable[Block]) -> Iterator[bytes]:
    """All lines, by a renderer that has kept nothing yet."""
    renderer = Renderer(directory)
    for activity, rows in days:
        yield from (piece.data for _, piece in renderer.pieces(activity, rows))


def written(data: Iterable[bytes]) -> None:
    """Write to memory, as a file: no disk's temper is measured."""
    descriptor = os.memfd_create("lines")
    for piece in data:
        os.write(descriptor, piece)
    os.close(descriptor)


def looped(directory: Directory, activity: Activity, rows: Mapping[str, Ints]) -> Iterator[bytes]:
    """Item usages as a plain loop makes them: what sessions share is ready, each record is a dict for orjson."""
    sessions, usages = activity.sessions, activity.item_usages.where(rows["itemusages"][:PLAIN])
    users = [{"uuid": who.uuid, "name": who.name, "email": who.email} for who in directory.people]
    clients = [msgspec.to_builtins(directory.client(code)) for code in sessions.client.tolist()]
    places = [directory.place(code) for code in sessions.place.tolist()]
    fields = ("country", "region", "city", "latitude", "longitude")
    locations = [{field: getattr(place, field) for field in fields} for place, _ in places]
    words = event_words(directory.seed, "item usage", sessions, usages.session, usages.number)
    columns = [
        *words, usages.session, sessions.person[usages.session], usages.time, usages.version, usages.action,
        usages.vault_high, usages.vault_low, usages.item_high, usages.item_low,
    ]  # fmt: skip
    for high, low, at, who, time, version, action, *names in zip(*(column.tolist() for column in columns), strict=True):
        record = {
            "uuid": upper_uuid(high, low),
            "timestamp": timestamp_text(time),
            "used_version": version,
            "vault_uuid": lower_uuid(names[0], names[1]),
            "item_uuid": lower_uuid(names[2], names[3]),
            "action": ACTIONS[action],
            "user": users[who],
            "client": {**clients[at], "ip_address": places[at][1]},
            "location": locations[at],
        }
        yield orjson.dumps(record) + b"\n"


def faked(count: int) -> Iterator[bytes]:
    """Item usages with Faker for every field, as a test's fixture would have them."""
    fake = Faker()
    Faker.seed(1)
    uuid = "?" * 26
    for _ in range(count):
        record = {
            "uuid": fake.bothify(uuid).upper(),
            "timestamp": fake.iso8601(),
            "used_version": fake.random_int(1, 9),
            "vault_uuid": fake.bothify(uuid).lower(),
            "item_uuid": fake.bothify(uuid).lower(),
            "action": fake.random_element(ACTIONS),
            "user": {"uuid": fake.bothify(uuid).upper(), "name": fake.name(), "email": fake.email()},
            "client": {
                "app_name": fake.random_element(["1Password for Mac", "1Password CLI"]),
                "app_version": fake.numerify("########"),
                "platform_name": fake.hostname(),
                "platform_version": fake.numerify("##.#.#"),
                "os_name": fake.random_element(["MacOSX", "Windows"]),
                "os_version": fake.numerify("##.#"),
                "ip_address": fake.ipv4(),
            },
            "location": {
                "country": fake.country(),
                "region": fake.state(),
                "city": fake.city(),
                "latitude": float(fake.latitude()),
                "longitude": float(fake.longitude()),
            },
        }
        yield orjson.dumps(record) + b"\n"


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs files in memory, which Linux has")
def test_rendering_and_writing_keeps_a_quarter_of_writing_the_same_bytes(
    directory: Directory, days: list[Block]
) -> None:
    ready = list(pieces(directory, days))
    reached = ratio(lambda: written(ready), lambda: written(pieces(directory, days)))
    size = sum(map(len, ready)) / records_of(days)
    print(f"\nNDJSON, {records_of(days):,} records of {size:.0f} bytes: {reached:.2f} of write()")
    assert reached >= 0.25


def test_lines_come_fifteen_times_as_fast_as_from_a_loop_with_orjson_and_500_times_as_from_faker(
    directory: Directory, days: list[Block]
) -> None:
    usages = only_usages(days)
    block, rows = max(usages, key=lambda day: len(day[1]["itemusages"]))
    few = {feed: at[:PLAIN] for feed, at in rows.items()}
    assert b"".join(looped(directory, block, few)) == b"".join(pieces(directory, [(block, few)]))

    def ours() -> None:
        for _ in pieces(directory, usages):
            pass

    each = records_of(usages)
    loop = ratio(lambda: list(looped(directory, block, few)), ours, rounds=5) * each / len(few["itemusages"])
    fakes = ratio(lambda: list(faked(FAKED)), ours, rounds=5) * each / FAKED
    print(f"\nitem usages: {loop:.0f} times a loop with orjson, {fakes:.0f} times Faker for every field")
    assert loop >= 15
    assert fakes >= 500


def test_tables_and_parquet_keep_a_third_of_pyarrow_on_ready_tables(directory: Directory, days: list[Block]) -> None:
    def tables() -> Iterator[tuple[str, Any]]:
        tabulator = Tabulator(directory)
        for activity, rows in days:
            yield from tabulator.render(activity, rows).items()

    def ours() -> None:
        files = {name: TableFile(name, BytesIO()) for name in SCHEMAS}
        for name, table in tables():
            files[name].append(table)
        for file in files.values():
            file.close()

    made = list(tables())
    ready = {name: canonical(pa.concat_tables([table for of, table in made if of == name])) for name in SCHEMAS}

    def limit() -> None:
        for name, table in ready.items():
            pq.write_table(table, BytesIO(), row_group_size=ROWS_A_GROUP, **options(name))

    reached = ratio(limit, ours, rounds=5)
    rate = records_of(days) / seconds(ours) / 1e6
    print(
        f"\nParquet (zstd), {records_of(days):,} rows: {reached:.2f} of pyarrow alone, {rate:.2f} million rows a second"
    )
    assert reached >= 0.33
