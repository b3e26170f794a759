"""An organisation's habits as numbers, all in one place, each with its unit and its source.

Hardly any of these numbers is published; the word *assumption* marks those that are ours.
"""

from dataclasses import dataclass

ACTIONS = (
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
)
"""What can be done to an item (https://developer.1password.com/docs/events-api/item-usage-actions/).

``other`` is missing: only clients older than 8.4.0 send it, and nobody here runs one.
"""


@dataclass(frozen=True, slots=True)
class Habit:
    """One action: the share of people who do it at all, and how often they do it per fill."""

    action: str
    people: float
    per_fill: float


@dataclass(frozen=True, slots=True)
class Role:
    """A line of work: its share of the staff and how it differs from the profile's average."""

    name: str
    share: float
    activity: float = 1.0  # factor on the rate of events
    command_line: float = 0.0  # share of the role that works with the 1Password CLI
    weekend: float = 1.0  # factor on the rate on Saturdays and Sundays
    habits: tuple[tuple[str, float], ...] = ()  # (action, factor on the share of people who do it)


@dataclass(frozen=True, slots=True)
class Office:
    """A place of work; *country* is the full name, as the API's ``location.country`` has it."""

    country: str
    country_code: str
    region: str
    city: str
    latitude: float
    longitude: float
    timezone: str
    share: float
    ip: str


@dataclass(frozen=True, slots=True)
class Profile:
    """How a company of this kind works. The defaults are a software company on three continents."""

    # Shares of staff by role: assumption. On-call duty brings site reliability engineers in at weekends.
    roles: tuple[Role, ...] = (
        Role("engineer", 0.34, 1.2, 0.35, habits=(("server-create", 1.5), ("server-update", 1.5))),
        Role("sre", 0.08, 2.0, 0.7, 3.0, habits=(("reveal", 1.4), ("export", 2.0))),
        Role("finance", 0.09, habits=(("export", 2.5),)),
        Role("sales", 0.19, 0.8, habits=(("share", 1.5),)),
        Role("support", 0.19, 1.7, habits=(("reveal", 1.2), ("secure-copy", 1.3))),
        Role("executive", 0.05, 0.5, habits=(("enter-item-edit-mode", 0.5),)),
        Role("hr", 0.06, habits=(("share", 2.0),)),
    )
    # Addresses: RFC 5737. Shares of staff by office: assumption.
    offices: tuple[Office, ...] = (
        Office("Canada", "CA", "Ontario", "Toronto", 43.6532, -79.3832, "America/Toronto", 0.4, "192.0.2.10"),
        Office("Germany", "DE", "Berlin", "Berlin", 52.52, 13.405, "Europe/Berlin", 0.25, "192.0.2.20"),
        Office(
            "United States", "US", "California", "San Francisco", 37.7749, -122.4194,
            "America/Los_Angeles", 0.2, "192.0.2.30",
        ),
        Office(
            "Australia", "AU", "Victoria", "Melbourne", -37.8136, 144.9631,
            "Australia/Melbourne", 0.15, "192.0.2.40",
        ),
    )  # fmt: skip
    # No split of actions is published (assumption); their order follows a Devo operator guide.
    habits: tuple[Habit, ...] = (
        Habit("enter-item-edit-mode", 0.3, 0.2),
        Habit("export", 0.05, 0.3),
        Habit("fill", 1.0, 1.0),
        Habit("reveal", 0.55, 0.2),
        Habit("secure-copy", 0.6, 0.3),
        Habit("select-sso-provider", 0.2, 0.15),
        Habit("server-create", 0.35, 0.15),
        Habit("server-fetch", 1.0, 1.0),
        Habit("server-update", 0.3, 0.12),
        Habit("share", 0.08, 0.1),
    )
    # Spread of a person's own strength around `Habit.per_fill`, sigma of its logarithm: assumption.
    habit_spread: float = 0.5

    # Events on items in shared vaults, a working day: median and sigma of the logarithm. Assumption: 0 to 6
    # for most, from 7 fills a day in all vaults (LastPass, "Password Exposé", 2017) of which few are shared.
    events_a_day: float = 1.9
    events_spread: float = 0.9
    events_most: float = 60.0  # events a working day; no human does more by habit (assumption)
    events_a_session: float = 2.0  # mean; a session may use no shared item (assumption)
    session_most_events: int = 60

    # Monday to Sunday, factor on a working day's rate: assumption.
    weekdays: tuple[float, ...] = (1.05, 1.08, 1.05, 1.0, 0.85, 0.12, 0.1)
    weeks_away: float = 0.08  # share of weeks a person is away, about 4 of 52 (assumption)
    # Weight of each hour counted from the person's own start of work, hour 0 being the first: assumption.
    hours: tuple[float, ...] = (
        1.0, 1.1, 1.0, 0.6, 0.6, 0.95, 1.0, 0.85, 0.5, 0.2, 0.1, 0.07,
        0.06, 0.03, 0.01, 0.005, 0.004, 0.003, 0.003, 0.003, 0.005, 0.01, 0.03, 0.1,
    )  # fmt: skip
    work_starts: float = 9.0  # local hour, mean over people (assumption)
    work_starts_spread: float = 0.8  # hours, standard deviation (assumption)
    office_days: float = 0.5  # share of working days spent in the office, mean over people (assumption)

    # Equally spaced quantiles of a session's length, milliseconds: assumption.
    session_ms: tuple[int, ...] = (
        5_000, 15_000, 40_000, 90_000, 180_000, 420_000, 900_000, 2_400_000, 10_800_000,
    )  # fmt: skip
    mistyped: float = 0.03  # share of sign-ins that follow a mistyped account password (assumption)
    two_factor: float = 0.6  # share of people who sign in with a second factor (assumption)
    sso_token: float = 0.02  # share of sessions that verify a single sign-on token (assumption)
    vault_export: float = 0.1  # share of exports that an audit event `export/vault` follows (assumption)

    # Share of people who own a client of the kind, before the CLI's share by role: assumption.
    desktop: float = 0.6
    mobile: float = 0.4
    web: float = 0.1
    home_ipv6: float = 0.45  # share of homes with IPv6, as Google measures its users, rounded

    team_size: int = 12  # people who share a team vault (assumption)
    project_size: int = 8  # people who share a project vault (assumption)
    projects_most: int = 3  # projects a person can be in at once (assumption)
    # Share of a person's use by kind of vault: assumption.
    company_use: float = 0.25
    team_use: float = 0.5
    project_use: float = 0.25
    vault_items: tuple[int, int] = (24, 96)  # items in a vault, least and most (assumption)
    item_zipf: float = 0.9  # exponent of item popularity by rank within a vault (assumption)


DEFAULT = Profile()
"""The company that `simulate` makes when no other is asked for."""
