"""The columns of the Parquet files, one for each field of a record; see `simulator.row_groups`."""

from typing import Any, Final

import pyarrow as pa

from simulator.clients import Client

USER: Final = ("uuid", "name", "email")
CLIENT: Final = Client.__struct_fields__
LOCATION: Final = ("country", "region", "city", "latitude", "longitude")

_TEXT, _REPEATED = pa.string(), pa.dictionary(pa.int32(), pa.string())
_TIMES = {"timestamp": pa.timestamp("us", "UTC"), "timestamp_ns": pa.int64()}
_APP = {f"client.{field}": _REPEATED for field in (*CLIENT, "ip_address")}
_WHERE = {f"location.{field}": _REPEATED for field in LOCATION[:3]} | dict.fromkeys(
    ("location.latitude", "location.longitude"), pa.float64()
)


def _user(part: str) -> dict[str, Any]:
    return {f"{part}.{field}": _REPEATED for field in USER}


SCHEMAS: Final = {
    "itemusages": pa.schema(
        {"uuid": _TEXT, **_TIMES, "used_version": pa.int64(), "vault_uuid": _TEXT, "item_uuid": _TEXT}
        | {"action": _REPEATED, **_user("user"), **_APP, **_WHERE}
    ),
    "signinattempts": pa.schema(
        {"uuid": _TEXT, "session_uuid": _TEXT, **_TIMES}
        | dict.fromkeys(("category", "type", "country", "details.value"), _REPEATED)
        | {**_user("target_user"), **_APP, **_WHERE}
    ),
    "auditevents": pa.schema(
        {"uuid": _TEXT, **_TIMES, "actor_uuid": _REPEATED, **_user("actor_details")}
        | {"action": _REPEATED, "object_type": _REPEATED, "object_uuid": _TEXT, **_user("object_details")}
        | {"aux_uuid": _TEXT, **_user("aux_details"), "session.uuid": _TEXT}
        | {"session.login_time": _TIMES["timestamp"], "session.login_time_ns": pa.int64()}
        | {"session.device_uuid": _TEXT, "session.ip": _REPEATED, **_WHERE}
    ),
    "causes": pa.schema({"uuid": _TEXT, "process": _REPEATED}),
}
"""The columns of each file's table."""
