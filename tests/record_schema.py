"""What the Events API v2 promises of its records, stated apart from the code that writes them.

Sources: the OpenAPI description 1.2.0 of the Events API and the reference of version 1.4.1
(https://developer.1password.com/docs/events-api/reference/). Its description does not say which letter case an
identifier has and how a time is written; that is as in real records.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any, TypeAlias

Check: TypeAlias = Callable[[str, Any], Iterator[str]]
"""Takes a field's path and value, yields what is wrong with it: one line each."""


def words_of(text: str) -> frozenset[str]:
    """Return the words of *text*."""
    return frozenset(text.split())


ITEM_ACTIONS = words_of(
    "enter-item-edit-mode export fill other reveal secure-copy select-sso-provider server-create server-fetch "
    "server-update share"
)
CATEGORIES = words_of(
    "success credentials_failed mfa_failed sso_failed modern_version_failed firewall_failed firewall_reported_success"
)
TYPES = words_of(
    "credentials_ok mfa_ok federated password_secret_bad mfa_missing totp_disabled totp_bad totp_timeout u2f_disabled "
    "u2f_bad u2f_timeout duo_disabled duo_bad duo_timeout duo_native_bad code_disabled code_bad code_timeout "
    "service_account_sso_denied non_sso_user sso_user_mismatch platform_secret_disabled platform_secret_bad "
    "platform_secret_proxy ip_blocked continent_blocked country_blocked anonymous_blocked all_blocked "
    "modern_version_missing modern_version_old"
)
AUDIT_ACTIONS = words_of(
    "activate addgsso begin beginr cancel cancelr changeks changela changemp changenm changesk chngasso chngdsso "
    "chngpsso complete completr convert create dealldev delete delgsso delshare deolddev detchild disblduo disblmfa "
    "disblsso dlgsess dvrfydmn enblduo enblmfa enblsso expire export grant hide join launchi leave musercom muserdec "
    "patch propose provsn prsndall purge rdmchild reactive reauth replace resendts revoke role sdvcsso sendpkg sendts "
    "share ssotknv suspend tdvcsso trename trevoke trvlaway trvlback tverify uisas unhide unknown unlink updatduo "
    "update updatea updatfw updatmfa upguest uvrfydmn verify view vrfydmn"
)
OBJECT_TYPES = words_of(
    "account card cred device dlgdsess ec famchild file gm group gva invite item itemhist items miguser mngdacc pm "
    "report sa satoken slackapp sso ssotkn sub template user uva vault vaultkey"
)
NAMED_IN_LOWER_CASE = words_of("device gm group gva item items uva vault")
"""Object types whose identifier is that of a vault, an item, a device or a group."""
NAMED_IN_UPPER_CASE = words_of("account user")

COUNTRIES = words_of(  # ISO 3166-1 alpha-2
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{0,8}[1-9])?Z", re.ASCII)


def check(feed: str, record: Any) -> list[str]:
    """Return what is wrong with *record*, a decoded object of *feed*: lines ``field: found X; legal: Y``, none if fine.

    >>> check("itemusages", [])
    ['record: found []; legal: an object']
    """
    wrong = list(_SCHEMAS[feed]("", record))
    return wrong or list(_RELATIONS[feed](record))


def _complaint(path: str, found: object, legal: str) -> str:
    return f"{path or 'record'}: found {found!r}; legal: {legal}"


def matching(pattern: str, legal: str) -> Check:
    """Return the check of a text that *pattern* matches as a whole."""
    compiled = re.compile(pattern, re.ASCII)

    def checked(path: str, value: Any) -> Iterator[str]:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            yield _complaint(path, value, legal)

    return checked


def one_of(legal: frozenset[str], name: str) -> Check:
    """Return the check of a text that is among *legal*, which are called *name*."""

    def checked(path: str, value: Any) -> Iterator[str]:
        if not isinstance(value, str) or value not in legal:
            yield _complaint(path, value, name)

    return checked


def number(least: float, most: float) -> Check:
    """Return the check of a number, whole or not, within bounds."""

    def checked(path: str, value: Any) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            yield _complaint(path, value, f"a number from {least} to {most}")

    return checked


def whole(path: str, value: Any) -> Iterator[str]:
    """Check a whole number from 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        yield _complaint(path, value, "a whole number from 0")


def instant(path: str, value: Any) -> Iterator[str]:
    """Check a time as Go's RFC3339Nano writes it in UTC: no zero at the end of a fraction."""
    parts = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    try:
        if parts is not None:
            datetime.fromisoformat(parts[1])
            return
    except ValueError:
        pass
    yield _complaint(path, value, "UTC like 2026-01-31T09:30:00.25Z, 0 to 9 digits, no trailing zero")


def address(path: str, value: Any) -> Iterator[str]:
    """Check an IP address in its shortest form."""
    try:
        if isinstance(value, str) and str(ip_address(value)) == value:
            return
    except ValueError:
        pass
    yield _complaint(path, value, "an IPv4 or IPv6 address")


def nullable(inner: Check) -> Check:
    """Return the check of null or what *inner* checks."""
    return lambda path, value: iter(()) if value is None else inner(path, value)


def structure(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Return the check of an object with all of *required*, some of *optional* and no other fields."""
    fields = {**required, **(optional or {})}

    def checked(path: str, value: Any) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _complaint(path, value, "an object")
            return
        under = f"{path}." if path else ""
        yield from (_complaint(under + name, None, "given") for name in required if name not in value)
        yield from (_complaint(under + name, value[name], "no such field") for name in value if name not in fields)
        for name, inner in fields.items():
            if name in value:
                yield from inner(under + name, value[name])

    return checked


TEXT = matching(r"(?s).*", "a text")
NAME = matching(r"(?s).+", "a text, not empty")
EMAIL = matching(r"[^@\s]+@[^@\s]+\.[^@\s.]+", "an email address")
UPPER = matching("[A-Z2-7]{26}", "26 characters of A-Z2-7")
LOWER = matching("[a-z2-7]{26}", "26 characters of a-z2-7")
EITHER = matching("[A-Z2-7]{26}|[a-z2-7]{26}", "26 characters of A-Z2-7 or of a-z2-7")
USER_TYPE = one_of(words_of("user external_user"), "user, external_user")

# What is optional in a user and named after accounts is for accounts of managed service providers only.
USER = structure({"uuid": UPPER, "name": NAME, "email": EMAIL}, {"user_type": USER_TYPE, "user_account_uuid": UPPER})
DETAILS_OF_USER = structure({"uuid": UPPER, "name": NAME, "email": EMAIL})
CLIENT = structure(
    {
        "app_name": NAME,
        "app_version": NAME,
        "platform_name": TEXT,
        "platform_version": TEXT,
        "os_name": TEXT,
        "os_version": TEXT,
        "ip_address": address,
    }
)
LOCATION = structure(
    {
        "country": matching(r"[^a-z\d\s].{2,}", "a country's full name"),
        "region": TEXT,
        "city": TEXT,
        "latitude": number(-90, 90),
        "longitude": number(-180, 180),
    }
)
SESSION = structure({"uuid": UPPER, "login_time": instant, "device_uuid": LOWER, "ip": address})

_SCHEMAS = {
    "itemusages": structure(
        {
            "uuid": UPPER,
            "timestamp": instant,
            "used_version": whole,
            "vault_uuid": LOWER,
            "item_uuid": LOWER,
            "action": one_of(ITEM_ACTIONS, "an item usage action"),
            "user": USER,
            "client": CLIENT,
        },
        {"location": LOCATION, "account_uuid": UPPER},
    ),
    "signinattempts": structure(
        {
            "uuid": UPPER,
            "session_uuid": UPPER,
            "timestamp": instant,
            "category": one_of(CATEGORIES, "a sign-in category"),
            "type": one_of(TYPES, "a sign-in type"),
            "country": one_of(COUNTRIES, "an ISO 3166-1 two-letter code"),
            "details": nullable(structure({"value": NAME})),
            "target_user": USER,
            "client": CLIENT,
        },
        {"location": LOCATION, "account_uuid": UPPER},
    ),
    "auditevents": structure(
        {
            "uuid": UPPER,
            "timestamp": instant,
            "actor_uuid": UPPER,
            "actor_details": USER,
            "action": one_of(AUDIT_ACTIONS, "an audit event's action"),
            "object_type": one_of(OBJECT_TYPES, "an audit event's object type"),
            "object_uuid": EITHER,
            "session": SESSION,
        },
        {
            "object_details": DETAILS_OF_USER,
            "aux_id": whole,
            "aux_uuid": EITHER,
            "aux_details": DETAILS_OF_USER,
            "aux_info": TEXT,
            "location": LOCATION,
            "actor_type": USER_TYPE,
            "actor_account_uuid": UPPER,
            "account_uuid": UPPER,
        },
    ),
}


def _nothing_more(record: dict[str, Any]) -> Iterator[str]:
    yield from ()


def _of_audit_event(record: dict[str, Any]) -> Iterator[str]:
    """Check that details describe whom an identifier names, that its case suits the type, that login came first."""
    for name in ("actor", "object", "aux"):
        details, uuid = record.get(f"{name}_details"), record.get(f"{name}_uuid")
        if details is not None and details["uuid"] != uuid:
            yield _complaint(f"{name}_details.uuid", details["uuid"], f"{name}_uuid, which is {uuid!r}")
    kind = record["object_type"]
    if "object_details" in record and kind != "user":
        yield _complaint("object_details", record["object_details"], "only of a user")
    if kind in NAMED_IN_LOWER_CASE:
        yield from LOWER("object_uuid", record["object_uuid"])
    if kind in NAMED_IN_UPPER_CASE:
        yield from UPPER("object_uuid", record["object_uuid"])
    login = record["session"]["login_time"]
    if _sortable(login) > _sortable(record["timestamp"]):
        yield _complaint("session.login_time", login, f"not after {record['timestamp']}")


def _sortable(time: str) -> str:
    seconds, _, fraction = time.removesuffix("Z").partition(".")
    return f"{seconds}.{fraction:<09}"


_RELATIONS = {"itemusages": _nothing_more, "signinattempts": _nothing_more, "auditevents": _of_audit_event}
