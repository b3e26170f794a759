"""Writing records against its limits: write() of the same bytes, pyarrow on ready tables; and against plain Python.

Ratios in one process, the sides in turn, on one pinned core, by processor time, medians. Columns of what happened are
ready in all but the last row; SHA-256 is in none, `simulator.hashed_file` works it out beside.
"""

import os
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import msgspec
import orjson
import pyarrow as pa
import pytest
from faker import Faker

from benchmarks.blocks import Happened, company, happenings, records_of
from benchmarks.interleaved import ratio, seconds
from simulator.activity import Activity
from simulator.company import simulate
from simulator.delivery import Arrived
from simulator.directory import Directory
from simulator.draws import Ints
from simulator.identifiers import event_words
from simulator.parquet import TableFile
from simulator.profile import ACTIONS
from simulator.records import lower_uuid, timestamp_text, upper_uuid
from simulator.rendering import Renderer
from simulator.row_groups import Facts, RowGroups
from simulator.schemas import SCHEMAS
from simulator.tables import Columns, Tabulator

COMPANY = company(days=20)
PLAIN, FAKED = 20_000, 200  # records of the slow ways, whose time is scaled

needs_memfd = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs files in memory, which Linux has")


@pytest.fixture(scope="module")
def directory() -> Directory:
    return COMPANY.world().directory


@pytest.fixture(scope="module")
def blocks() -> list[Happened]:
    return happenings(COMPANY)


def only_usages(blocks: Iterable[Happened], most: int | None = None) -> list[Happened]:
    """What the feed of item usages has of *blocks*, *most* records of each."""
    return [
        (activity, {feed: first(came, most if feed == "itemusages" else 0) for feed, came in arrived.items()})
        for activity, arrived in blocks
    ]


def first(came: Arrived, most: int | None) -> Arrived:
    return Arrived(came.row[:most], came.time[:most], came.again[:most])


def lines(directory: Directory, blocks: Iterable[Happened]) -> Iterator[bytes | memoryview]:
    """All lines, causes too, by a renderer that has kept nothing yet."""
    renderer = Renderer(directory)
    for activity, arrived in blocks:
        for piece in renderer.render(activity, arrived).values():
            yield from piece.parts


def written(data: Iterable[bytes | memoryview]) -> None:
    """Write to memory, as a file: no disk's temper is measured."""
    descriptor = os.memfd_create("lines")
    for piece in data:
        os.write(descriptor, piece)
    os.close(descriptor)


def looped(directory: Directory, activity: Activity, rows: Ints) -> Iterator[bytes]:
    """Item usages as a plain loop makes them: what sessions share is ready, each record is a dict for orjson."""
    sessions, usages = activity.sessions, activity.item_usages.where(rows)
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


@needs_memfd
def test_rendering_and_writing_keeps_a_quarter_of_writing_the_same_bytes(
    directory: Directory, blocks: list[Happened]
) -> None:
    ready = list(lines(directory, blocks))

    def simulated() -> None:
        written(part for block in simulate(COMPANY) for piece in block.pieces.values() for part in piece.parts)

    reached = ratio(lambda: written(ready), lambda: written(lines(directory, blocks)))
    behaviour_too = ratio(lambda: written(ready), simulated, rounds=5)
    records = records_of(blocks)
    size = sum(map(len, ready)) / records
    rate = records / seconds(simulated) / 1e6
    print(f"\nNDJSON, {records:,} records of {size:.0f} bytes: {reached:.2f} of write()")
    print(f"simulated too: {behaviour_too:.2f} of write(), {rate:.2f} million records a second")
    assert reached >= 0.25


def test_lines_come_fifteen_times_as_fast_as_from_a_loop_with_orjson_and_500_times_as_from_faker(
    directory: Directory, blocks: list[Happened]
) -> None:
    usages = only_usages(blocks)
    activity, arrived = only_usages(blocks, PLAIN)[0]
    rows = arrived["itemusages"].row
    ready = b"".join(Renderer(directory).render(activity, arrived)["itemusages"].parts)
    assert b"".join(looped(directory, activity, rows)) == ready

    def ours() -> None:
        for _ in lines(directory, usages):
            pass

    each = sum(len(arrived["itemusages"].row) for _, arrived in usages)
    loop = ratio(lambda: list(looped(directory, activity, rows)), ours, rounds=5) * each / len(rows)
    fakes = ratio(lambda: list(faked(FAKED)), ours, rounds=5) * each / FAKED
    print(f"\nitem usages: {loop:.0f} times a loop with orjson, {fakes:.0f} times Faker for every field")
    assert loop >= 15
    assert fakes >= 500


Table = tuple[str, Any]


def columns(directory: Directory, blocks: Iterable[Happened]) -> Iterator[dict[str, Columns]]:
    tabulator = Tabulator(directory)
    for activity, arrived in blocks:
        yield tabulator.render(activity, arrived)


def row_groups(directory: Directory, made: Iterable[dict[str, Columns]]) -> Iterator[Table]:
    facts = Facts(directory)
    groups = {name: RowGroups(name, facts) for name in SCHEMAS}
    for block in made:
        for name, held in block.items():
            yield from ((name, table) for table in groups[name].add(held))
    for name, group in groups.items():
        yield from ((name, table) for table in group.rest())


def ready_table(table: Any) -> Any:
    """A copy, in one piece and dictionaries as they are."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return pa.ipc.open_stream(sink.getvalue()).read_all()


def tables_written(tables: Iterable[Table]) -> None:
    files = {name: TableFile(name, BytesIO()) for name in SCHEMAS}
    for name, table in tables:
        files[name].append(table)
    for file in files.values():
        file.close()


@pytest.fixture(scope="module")
def parquet_shares(directory: Directory, blocks: list[Happened]) -> tuple[float, float]:
    """Of pyarrow on ready columns: of the whole way, and of the part of the process that writes."""
    made = list(columns(directory, blocks))
    ready = [(name, ready_table(table)) for name, table in row_groups(directory, made)]

    def limit() -> None:
        tables_written(ready)

    def ours() -> None:
        tables_written(row_groups(directory, columns(directory, blocks)))

    reached = ratio(limit, ours)
    beside = ratio(limit, lambda: tables_written(row_groups(directory, made)))
    rate = records_of(blocks) / seconds(ours) / 1e6
    print(f"\nParquet (zstd): {reached:.2f} of pyarrow alone, {rate:.2f} million rows a second")
    print(f"what is left to the process that writes, columns made by another: {beside:.2f}")
    return reached, beside


def test_tables_and_parquet_keep_four_tenths_of_pyarrow_on_ready_columns(parquet_shares: tuple[float, float]) -> None:
    reached, beside = parquet_shares
    assert reached >= 0.4
    assert beside >= 0.65


@pytest.mark.xfail(reason="about 0.55: order of arrival and identifiers take twice what 0.8 would leave; see README")
def test_tables_and_parquet_keep_eight_tenths_of_pyarrow_on_ready_columns(parquet_shares: tuple[float, float]) -> None:
    assert parquet_shares[0] >= 0.8
