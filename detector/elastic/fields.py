"""Fields of Elastic's 1Password integration, as Datadog names them.

The integration keeps a record under `onepassword`, moves what the Elastic Common Schema has a name for there, and adds
what it knows of each stream. Source: the ingest pipelines in
https://github.com/elastic/integrations/tree/main/packages/1password/data_stream.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from detector.elastic.kql import Field
from detector.elastic.piece import ONE, OR, joined, one
from detector.elastic.values import KqlError, Value

_NAMES: Final = {
    "event.action": "@evt.name",
    "user.email": "@usr.email",
    "user.id": "@usr.id",
    "user.full_name": "@usr.name",
    "user.name": "@usr.name",
    "source.ip": "@network.client.ip",
    "os.name": "@client.os_name",
    "os.version": "@client.os_version",
    "host.os.name": "@client.os_name",
    "host.os.version": "@client.os_version",
}
_RECORD: Final = "onepassword."
"""What stands before the fields that the integration leaves as they are."""

_STREAMS: Final = {
    "1password.item_usages": "@evt.type:1password-item-usages",
    "1password.signin_attempts": "@evt.type:1password-signin-attempts",
    "1password.audit_events": "@evt.type:1password-audit-events",
}
_USAGES, _SIGN_INS, _AUDITS = _STREAMS.values()
_SUCCESSES: Final = "@evt.name:(success OR firewall_reported_success)"
_FACTS: Final = {
    # what the integration says of a record: the values that there are, each with the search for its records
    "event.dataset": _STREAMS,
    "data_stream.dataset": _STREAMS,
    "event.module": {"1password": "source:1password"},
    "event.kind": {"event": "source:1password"},
    "event.category": {"file": _USAGES, "authentication": _SIGN_INS, "configuration": _AUDITS},
    "event.type": {"access": joined(OR, [one(_USAGES), one(_AUDITS)]).text, "info": _SIGN_INS},
    "event.outcome": {
        "success": f"({_SIGN_INS} AND {_SUCCESSES})",
        "failure": f"({_SIGN_INS} AND NOT {_SUCCESSES})",
    },
}
WHO: Final = ("user.email", "user.id", "user.full_name", "user.name", "onepassword.session.device_uuid")
"""The fields that say whose activity it is: a person, or their machine."""

LEGAL: Final = f"{', '.join(_NAMES)}, or onepassword.* (as onepassword.item_uuid)"
"""The fields that hold something of a record."""


def datadog_name(field: str) -> str | None:
    """Datadog's name of Elastic's *field*, None where no part of a 1Password record is behind it.

    >>> datadog_name("user.email"), datadog_name("onepassword.vault_uuid"), datadog_name("process.name")
    ('@usr.email', '@vault_uuid', None)
    """
    if field.startswith(_RECORD) and len(field) > len(_RECORD):
        return f"@{field.removeprefix(_RECORD)}"
    return _NAMES.get(field)


def find(field: str) -> Field:
    """How a query asks for Elastic's *field*. Raises `KqlError` where a 1Password record cannot answer.

    >>> find("event.category").value(Value("file", pattern=False))
    '@evt.type:1password-item-usages'
    """
    if field in _FACTS:
        return Field(None, lambda value: _fact(field, value))
    name = datadog_name(field)
    if name is None:
        raise KqlError(f"no 1Password record has the field {field[:60]!r}; legal: {LEGAL}, {', '.join(_FACTS)}")
    return Field(name, Value.search)


def _fact(field: str, value: Value) -> str:
    facts = _FACTS[field]
    searches = list(dict.fromkeys(search for text, search in facts.items() if value.matches(text)))
    if not searches:
        found = value.text.replace("\0", "*")
        raise KqlError(f"no 1Password record has {field} {found[:60]!r}; legal: {', '.join(facts)}")
    return joined(OR, [one(search) for search in searches]).within(ONE)


def streams_search(patterns: Iterable[str]) -> str | None:
    """The search for the records in the indices that *patterns* name; empty for all, None where there are none.

    >>> streams_search(["logs-*"]), streams_search(["logs-1password.item_usages-*"]), streams_search(["logs-okta*"])
    ('', '@evt.type:1password-item-usages', None)
    """
    wanted = [pattern for pattern in patterns if not pattern.startswith("-")]
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("-")]
    named = [
        search for stream, search in _STREAMS.items() if _any_names(wanted, stream) and not _any_names(unwanted, stream)
    ]
    if len(named) == len(_STREAMS):
        return ""
    return joined(OR, [one(search) for search in named]).within(ONE) if named else None


def _any_names(patterns: Iterable[str], stream: str) -> bool:
    """Whether an index of *stream* is named, here or in another cluster; it is logs-STREAM-NAMESPACE in Elastic."""
    local = [pattern.rpartition(":")[2] for pattern in patterns]
    start = f"logs-{stream}-"
    return any(fnmatchcase(f"{start}default", pattern) or pattern.startswith(start) for pattern in local)
