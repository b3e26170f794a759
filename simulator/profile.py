"""An organisation's habits as numbers, each with its unit; `profile_file` reads them from YAML beside their sources."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

ACTIONS: Final = (
    "enter-item-edit-mode",
    "export",
    "fill",
    "reveal",
    "secure-copy",
    "select-sso-provider",
    "server-create",
    "server-fetch",
    "server-update",
    "share",
    "other",
)
"""What can be done to an item (https://developer.1password.com/docs/events-api/item-usage-actions/).

``other``, the last, is all that clients older than 8.4.0 say; it is nobody's habit.
"""

HABITS: Final = ACTIONS[:-1]
"""The actions that a person can have a habit of."""

Text = Annotated[str, Meta(min_length=1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Rate = Annotated[float, Meta(ge=0, le=1_000_000)]
Factor = Annotated[float, Meta(ge=0, le=100)]
Mean = Annotated[float, Meta(ge=0, le=10_000)]  # of what one person or session does at once
Yearly = Annotated[float, Meta(ge=0, le=1_000_000)]  # more than once a day is once a day
PerHundred = Annotated[float, Meta(ge=0, le=1_000)]
People = Annotated[int, Meta(ge=1, le=10_000_000)]
Days = Annotated[int, Meta(ge=1, le=36_525)]  # a century
MeanDays = Annotated[float, Meta(ge=0, le=36_525)]
Size = Annotated[int, Meta(ge=1, le=4_000)]
Milliseconds = Annotated[tuple[Annotated[int, Meta(ge=0, le=2**40)], ...], Meta(min_length=2)]
Quantiles = Annotated[tuple[Annotated[float, Meta(ge=0, le=100_000)], ...], Meta(min_length=2)]
ByRole = dict[str, Factor]
YearlyByRole = dict[str, Yearly]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place; *country* is the full name, as the API's ``location.country`` has it."""

    country: Text
    country_code: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    region: Text
    city: Text
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Office(Place, frozen=True, forbid_unknown_fields=True):
    """A place of work: its share of the staff, its clock, its address, and whose public holidays it keeps."""

    timezone: Text
    share: Rate
    ip: Text
    subdivision: str = ""  # ISO 3166-2 code within the country, "" for the country's own holidays


def figure(unit: str) -> Meta:
    """Return the note that a field of `Profile` is a figure in *unit*."""
    return Meta(extra={"unit": unit})


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a company of this kind works. Every field but the first two is a figure with its unit.

    *Quantiles* are equally spaced, the least and the greatest included, one more than a power of two.
    """

    name: Text
    description: Text

    # The staff
    people: Annotated[People, figure("people")]
    role_share: Annotated[ByRole, figure("share of staff")]
    role_activity: Annotated[ByRole, figure("factor on events_a_day")]
    role_weekend: Annotated[ByRole, figure("factor on the rate on Saturdays and Sundays")]
    offices: Annotated[Annotated[tuple[Office, ...], Meta(min_length=1)], figure("place, and share of staff")]
    years_here: Annotated[
        Annotated[float, Meta(gt=0, le=1_000)], figure("years, mean tenure of those here on the first day")
    ]

    # Rhythm
    events_a_day: Annotated[Quantiles, figure("item usages a working day, quantiles over people")]
    events_a_session: Annotated[Mean, figure("item usages a session, mean")]
    session_ms: Annotated[Milliseconds, figure("milliseconds, quantiles over sessions")]
    weekdays: Annotated[
        Annotated[tuple[Factor, ...], Meta(min_length=7, max_length=7)],
        figure("factor on events_a_day, Monday to Sunday"),
    ]
    hours: Annotated[
        Annotated[tuple[Rate, ...], Meta(min_length=24, max_length=24)],
        figure("weight, by hours since the person's start of work"),
    ]
    work_starts: Annotated[Annotated[float, Meta(ge=0, lt=24)], figure("local hour, mean over people")]
    work_starts_spread: Annotated[Annotated[float, Meta(ge=0, le=24)], figure("hours, standard deviation over people")]
    office_days: Annotated[Share, figure("share of working days spent in the office, mean over people")]
    weeks_away: Annotated[Share, figure("share of weeks on vacation")]
    holiday_activity: Annotated[Share, figure("factor on events_a_day on a public holiday")]

    # Habits
    action_people: Annotated[dict[str, Share], figure("share of people who do it at all")]
    action_per_fill: Annotated[dict[str, Rate], figure("times for each fill, of those who do it, median")]
    action_strength: Annotated[Quantiles, figure("factor on action_per_fill, quantiles over people")]
    role_actions: Annotated[dict[str, dict[str, Rate]], figure("factor on action_people")]

    # Clients
    computers: Annotated[dict[str, Rate], figure("share of staff")]
    extension: Annotated[Share, figure("share of people with the browser extension")]
    desktop: Annotated[Share, figure("share of people with the desktop app")]
    mobile: Annotated[Share, figure("share of people with a telephone app")]
    web: Annotated[Share, figure("share of people who use 1Password.com")]
    second_computer: Annotated[Share, figure("share of people with a second computer")]
    role_command_line: Annotated[dict[str, Share], figure("share of the role with the command line")]
    client_sessions: Annotated[dict[str, Rate], figure("weight among the owner's sessions")]
    release_days: Annotated[Days, figure("days between releases of the clients")]
    update_days: Annotated[MeanDays, figure("days from a release to its installation, mean over people")]
    legacy_clients: Annotated[Share, figure("share of people with clients older than 8.4.0 on the first day")]
    home_ipv6: Annotated[Share, figure("share of homes with IPv6")]

    # Sign-ins and the audit log
    two_factor: Annotated[Share, figure("share of people with a second factor")]
    single_sign_on: Annotated[Share, figure("share of people who sign in with single sign-on on the first day")]
    failures: Annotated[dict[str, Share], figure("share of sign-ins that such a failure precedes")]
    firewall_reports: Annotated[Share, figure("share of sign-ins away from home and office that the firewall reports")]
    delegations: Annotated[Mean, figure("delegated sessions a session, mean, beyond the first")]
    tokens: Annotated[Mean, figure("single sign-on tokens verified a session with single sign-on, mean")]
    patches: Annotated[Share, figure("share of edits that change the item")]
    vault_exports: Annotated[Share, figure("share of exports of a whole vault")]

    # Vaults
    team_size: Annotated[People, figure("people who share a team vault")]
    project_size: Annotated[People, figure("people who share a project vault")]
    projects_most: Annotated[Annotated[int, Meta(ge=0, le=8)], figure("projects of a person at once, most")]
    vault_use: Annotated[dict[str, Rate], figure("weight of a kind of vault in a person's use")]
    vault_items: Annotated[tuple[Size, Size], figure("items in a vault, least and most")]
    item_zipf: Annotated[Annotated[float, Meta(ge=0, le=100)], figure("exponent of an item's popularity by rank")]
    item_days: Annotated[tuple[Days, Days], figure("days from an item's creation to its archiving, least and most")]
    item_edit_days: Annotated[Days, figure("days between edits of an item, median")]
    project_days: Annotated[tuple[Days, Days], figure("days a project lasts, least and most")]

    # Machines
    service_accounts: Annotated[PerHundred, figure("for each 100 people")]
    service_sessions: Annotated[Quantiles, figure("jobs a day, quantiles over service accounts")]
    service_fetches: Annotated[Mean, figure("server-fetch a job, mean")]
    connect_servers: Annotated[PerHundred, figure("for each 100 people")]
    connect_fetches: Annotated[Quantiles, figure("server-fetch an hour, quantiles over Connect servers")]

    # Change that harms nobody
    leavers: Annotated[Yearly, figure("for each person and year; each is replaced")]
    growth: Annotated[Yearly, figure("further joiners for each person and year")]
    vacancy_days: Annotated[Days, figure("days until a leaver is replaced, mean")]
    leaver_takes: Annotated[Share, figure("share of leavers who take what is theirs")]
    leaver_exports: Annotated[Mean, figure("items exported by such a leaver, mean")]
    role_changes: Annotated[Yearly, figure("for each person and year")]
    first_cli: Annotated[
        Yearly, figure("for each person without the command line and year, of the role with most; less in proportion")
    ]
    phones: Annotated[Yearly, figure("replaced for each person with a telephone and year")]
    role_trips: Annotated[YearlyByRole, figure("for each person and year")]
    trip_days: Annotated[tuple[Days, Days], figure("days, least and most")]
    destinations: Annotated[Annotated[tuple[Place, ...], Meta(min_length=1)], figure("places visited")]
    sso_roll_outs: Annotated[Yearly, figure("for each company and year, until the first")]
    sso_days: Annotated[Days, figure("days a roll-out lasts")]
    upgrade_days: Annotated[MeanDays, figure("days until old clients are upgraded, mean")]
    role_rotation: Annotated[dict[str, Share], figure("share of the role who rotate secrets each quarter")]
    rotation_edits: Annotated[Mean, figure("items edited in a person's rotation, mean")]
    role_on_call: Annotated[YearlyByRole, figure("weeks on call for each person and year")]
    on_call_calls: Annotated[Mean, figure("incidents in a week on call, mean")]
    parental_leaves: Annotated[Yearly, figure("for each person and year")]
    parental_days: Annotated[tuple[Days, Days], figure("days, least and most")]
    migrations: Annotated[PerHundred, figure("for each 100 people and year")]
    migration_people: Annotated[Annotated[int, Meta(ge=1, le=1_000)], figure("people at work on a migration")]
    migration_days: Annotated[Days, figure("days a migration lasts")]
    migration_items: Annotated[Mean, figure("items moved by each of them, mean")]
    settling_days: Annotated[Days, figure("days for which an event counts as brought about by a change")]

    # Delivery, where it is asked for
    sync_ms: Annotated[Milliseconds, figure("milliseconds from an item usage to its upload, quantiles")]
    offline: Annotated[Share, figure("share of a person's days whose item usages wait for a later day")]
    offline_days: Annotated[tuple[Days, Days], figure("days they wait, least and most")]
    disorder_ms: Annotated[Milliseconds, figure("milliseconds from an upload to the collector, quantiles")]
    duplicates: Annotated[Share, figure("share of records that arrive twice")]
    outages: Annotated[Yearly, figure("of the collector, a year")]
    outage_ms: Annotated[Milliseconds, figure("milliseconds an outage lasts, quantiles")]
    catch_up: Annotated[Annotated[float, Meta(gt=0, le=1)], figure("duration of the catch-up for each hour of outage")]
