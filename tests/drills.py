"""Small datasets made by hand, with ground truth, for the tests of scoring."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from scenarios.ground_truth import Incident, Label, encode
from simulator.records import encode as encode_record
from simulator.records import item_usage, lower_uuid, parse_timestamp, upper_uuid
from simulator.writers import DatasetWriter, Header, Period

CLIENT = {"app_name": "1Password for Mac", "ip_address": "192.0.2.7"}


class Usage(NamedTuple):
    """One item usage; *run* names the incident that it belongs to."""

    at: str
    who: str
    action: str
    run: str | None = None


def uuid_of(number: int) -> str:
    """The uuid of the usage at a position of the list."""
    return upper_uuid(number, 7)


def kind_of(run: str) -> str:
    return "attack" if run.startswith("attacks/") else "benign"


def write_drill(directory: Path, usages: Sequence[Usage], end: str, people: int | None = 10) -> Path:
    """A dataset of *usages*, which begin on 2026-01-01; its incidents are those that the usages name.

    Without *people* its manifest does not say how many they are, as after injecting into real logs.
    """
    header = Header(
        seed=1,
        parameters={} if people is None else {"people": people},
        period=Period("2026-01-01T00:00:00Z", end),
        scenarios=(),
        versions={},
    )
    with DatasetWriter(directory, header) as dataset:
        dataset.write("itemusages", map(_line, range(len(usages)), usages))
        dataset.write("labels", _labels(usages))
        dataset.write("incidents", _incidents(usages))
    return directory


def _line(number: int, usage: Usage) -> bytes:
    return encode_record(
        item_usage(
            uuid=uuid_of(number),
            timestamp=parse_timestamp(usage.at),
            used_version=1,
            vault_uuid=lower_uuid(1, 1),
            item_uuid=lower_uuid(2, 2),
            action=usage.action,
            user={"uuid": upper_uuid(3, 3), "name": usage.who, "email": f"{usage.who}@example.com"},
            client=CLIENT,
        )
    )


def _labels(usages: Sequence[Usage]) -> Iterable[bytes]:
    for number, usage in enumerate(usages):
        if usage.run:
            kind = kind_of(usage.run)
            yield encode(Label(uuid_of(number), usage.run.partition("#")[0], usage.run, 1, kind))  # type: ignore[arg-type]


def _incidents(usages: Sequence[Usage]) -> Iterable[bytes]:
    for run in dict.fromkeys(usage.run for usage in usages if usage.run):
        own = [usage for usage in usages if usage.run == run]
        yield encode(
            Incident(
                run=run,
                scenario=run.partition("#")[0],
                kind=kind_of(run),  # type: ignore[arg-type]
                actor=f"{own[0].who}@example.com",
                started_at=own[0].at,
                ended_at=own[-1].at,
                techniques=("T1555.005",),
                events=len(own),
            )
        )
