"""The 1Password apps people use, as the ``client`` object of the Events API describes them.

Forms of values follow real records and sources as far as any are public: names of applications are those of
Panther's rule on unusual clients and, for Connect, of Monad's sample record (app.monad.com/docs, "1Password Item
Usages"). The platform is an extension's browser, a telephone's model (assumption), else the host's name; its version is
the browser's, the model or the CPU (https://developer.1password.com/docs/events-api/reference/).
Which versions were current when is approximate, and an extrapolation after 2025 (assumption).
"""

from bisect import bisect
from functools import lru_cache
from typing import Final, TypeVar

import msgspec

from simulator.draws import Ints

SLOTS: Final = ("extension", "desktop", "mobile", "cli", "web", "second", "sdk", "connect")
"""The clients somebody can have, one of each; ``second`` is the extension on a second computer."""

EXTENSION, DESKTOP, MOBILE, CLI, WEB, SECOND, SDK, CONNECT = range(len(SLOTS))

_BROWSER: Final = ("fill", "reveal", "secure-copy", "select-sso-provider", "share")
_SERVER: Final = ("server-fetch", "server-create", "server-update")

ACTIONS_OF: Final = {
    "extension": _BROWSER,
    "desktop": ("fill", "reveal", "secure-copy", "enter-item-edit-mode", "export", "share"),
    "mobile": ("fill", "reveal", "secure-copy", "enter-item-edit-mode"),
    "cli": _SERVER,
    "web": (*_SERVER, "reveal", "secure-copy", "share"),
    "second": _BROWSER,
    "sdk": ("server-fetch",),
    "connect": ("server-fetch",),
}
"""What each client can do to an item: https://developer.1password.com/docs/events-api/item-usage-actions/, abridged."""

LEGACY: Final = -1
"""The release of clients older than 8.4.0, which say no more of what they do than ``other``."""

LEGACY_SLOTS: Final = ("extension", "desktop", "mobile", "second")
"""The clients that can be so old."""

MODELS: Final = 64
"""Models, of whatever a client runs on, are numbered below this."""

RELEASE_DAYS: Final = 14
"""Days between releases, unless a profile says otherwise (assumption); the first was on 2024-01-01."""

_GENERATIONS: Final = 64
_RELEASES: Final = 4096
_HOST: Final = "{host}"

Codes = TypeVar("Codes", int, Ints)


class Client(msgspec.Struct, frozen=True):
    """One app on one machine, in the API's order; the address it is used from is the place's."""

    app_name: str
    app_version: str
    platform_name: str
    platform_version: str
    os_name: str
    os_version: str


def pack(person: Codes, slot: Codes, generation: Codes, release: Codes) -> Codes:
    """Return the code of a client: row of the population, slot, *generation* 0 to 63, *release* -1 to 4094.

    >>> pack(1, CLI, 0, LEGACY)
    2883584
    """
    return ((person * len(SLOTS) + slot) * _GENERATIONS + generation) * _RELEASES + release + 1


def unpack(code: Codes) -> tuple[Codes, Codes, Codes, Codes]:
    """Return person, slot, generation and release of `pack`.

    >>> unpack(2883584)
    (1, 3, 0, -1)
    """
    device = code // _RELEASES
    person, slot = device // (_GENERATIONS * len(SLOTS)), device // _GENERATIONS % len(SLOTS)
    return person, slot, device % _GENERATIONS, code % _RELEASES - 1


def model_of(slot: int, bits: int, generation: int) -> int:
    """Return a model below `MODELS` from 64 random *bits*; another *generation* may have another.

    A replaced telephone is of the same make and a later year.

    >>> [model_of(MOBILE, 0b101, generation) % 4 for generation in range(3)]
    [1, 1, 1]
    """
    if slot == MOBILE:
        make, age = bits % 4, bits // 4 % 2 + generation
        return make + 4 * min(age, MODELS // 4 - 1)
    return (bits >> 6 * (generation % 10)) % MODELS


def describe(slot: str, computer: str, model: int, release: int, host: str, release_days: int = RELEASE_DAYS) -> Client:
    """Return the client in *slot* of somebody who works on a *computer* ("mac", "windows" or "linux") named *host*.

    *release* counts the releases, one each *release_days* days since 2024-01-01, up to the installed one. Raise
    ValueError for a `LEGACY` release of a client that has none.

    >>> describe("cli", "mac", 0, 52, "build-7").app_version
    '2320201'
    """
    client = _client(slot, computer, model, release, release_days)
    return msgspec.structs.replace(client, platform_name=host) if client.platform_name == _HOST else client


@lru_cache(maxsize=1 << 14)
def _client(slot: str, computer: str, model: int, release: int, release_days: int) -> Client:
    if release == LEGACY and slot not in LEGACY_SLOTS:
        raise ValueError(f"release: found {release} of {slot}; legal: 0 or more, -1 of {', '.join(LEGACY_SLOTS)}")
    day = max(release, 0) * release_days
    match slot:
        case "extension" | "second":
            return _extension(computer, model, release, day)
        case "desktop":
            name, version = _DESKTOPS[computer], _app_version(release, 42)
            return Client(name, version, _HOST, _of(_COMPUTERS[computer], model), *_system(computer, day))
        case "mobile":
            return _telephone(model, release, day)
        case "web":
            name, version = _browser(computer, model, day)
            name = {"Edge": "Microsoft Edge", "Brave": "Chrome"}.get(name, name)  # as their user agents have it
            return Client("1Password for Web", str(2094 + release), name, version, *_USER_AGENTS[computer])
        case "cli":
            version, cpu = _tool_version(2, 24, release, 6), "arm64" if computer == "mac" else "amd64"
            return Client("1Password CLI", version, _HOST, cpu, *_system(computer, day))
        case "sdk":
            # A version of seven digits and no version of the system, as the Python SDK's defaults have it.
            version = _tool_version(0, 1, release, 20)
            return Client("1Password SDK", version, _HOST, "x86_64", "Linux", "0.0.0")
        case _:
            version = _tool_version(1, 7, release, 40)
            return Client("1Password Connect", version, _HOST, "amd64", *_system(computer, day))


def _extension(computer: str, model: int, release: int, day: int) -> Client:
    name, version = _browser(computer, model, day)
    legacy = ("20195", name)  # as in Panther's samples of 2022
    app, platform = legacy if release == LEGACY else (_app_version(release, 32), f"{name} extension")
    return Client("1Password Browser Extension", app, platform, version, *_USER_AGENTS[computer])


def _telephone(model: int, release: int, day: int) -> Client:
    years = _TELEPHONES[model % len(_TELEPHONES)]
    name = years[min(model // len(_TELEPHONES), len(years) - 1)]
    system, version = ("iOS", _apple(day, 17)) if name.startswith("iPhone") else ("Android", _android(day))
    return Client(f"1Password for {system}", _app_version(release, 36), name, name, system, version)


def _app_version(release: int, build: int) -> str:
    """Return 8.10.22 for the first release, 8.11.0 in July 2025, as an integer like 81100042."""
    if release == LEGACY:
        return "70902005"  # 7.9.2, seen in real records
    minor, half = divmod(11 + release, 50)
    return str(((8 * 100 + 10 + minor) * 100 + 2 * half) * 1000 + build)


def _tool_version(major: int, minor: int, release: int, pace: int) -> str:
    """Return a version as seven digits like 2320003, which is 2.32.0: one minor version in *pace* releases."""
    more, patch = divmod(release, pace)
    return f"{((major * 100 + minor + more) * 100 + patch // 2) * 100 + patch % 2 + 1:07d}"


def _of(choices: tuple[str, ...], model: int) -> str:
    return choices[model % len(choices)]


def _system(computer: str, day: int) -> tuple[str, str]:
    """Return name and version of a computer's operating system *day* days after 2024-01-01."""
    match computer:
        case "mac":
            return "MacOSX", _apple(day, 14)
        case "windows":
            return "Windows", _WINDOWS[bisect(_WINDOWS_DAYS, day)]
        case _:
            return "Linux", f"6.{5 + 3 * (day // 182)}.0"  # kernels of Ubuntu, one in half a year


def _apple(day: int, first: int) -> str:
    """Return the version of a system that was at *first* in 2023 and has borne the coming year's number since 2025."""
    year, since = divmod(day + 107, 365)  # 16 September 2023 and its anniversaries
    return f"{first + year if year < 2 else 24 + year}.{bisect(_APPLE_DAYS, since)}"


def _android(day: int) -> str:
    return str(14 + (day >= 288) + (day >= 526) + max(day - 526, 0) // 365)


def _browser(computer: str, model: int, day: int) -> tuple[str, str]:
    name = _of(_BROWSERS[computer], model)
    cycle, since = divmod((day + 27) * 3, 95)  # Chrome 120 of 5 December 2023 to 141 of 30 September 2025
    match name:
        case "Safari":
            return name, _apple(day, 17)
        case "Firefox":
            version, since = divmod(day + 13, 29)  # Firefox 121 of 19 December 2023 to 143 of 16 September 2025
            return name, f"{121 + version}.0.{since // 8}" if since >= 8 else f"{121 + version}.0"
        case "Edge":
            return name, f"{120 + cycle}.0.{2210 + cycle * 1327 // 21}.{61 + since}"
        case _:
            return name, f"{120 + cycle}.0.{6099 + cycle * 123 // 2}.{54 + since}"


_DESKTOPS: Final = {"mac": "1Password for Mac", "windows": "1Password for Windows", "linux": "1Password for Linux"}
# Shares of browsers and models: assumption. A name that stands twice is twice as common.
_BROWSERS: Final = {
    "mac": ("Chrome", "Chrome", "Chrome", "Chrome", "Safari", "Safari", "Firefox", "Brave"),
    "windows": ("Chrome", "Chrome", "Chrome", "Edge", "Edge", "Edge", "Firefox", "Brave"),
    "linux": ("Chrome", "Chrome", "Firefox", "Firefox", "Brave"),
}
_COMPUTERS: Final = {
    "mac": ("MacBookPro18,3", "Mac14,2", "Mac14,7", "Mac15,3", "Mac15,12", "Mac16,1"),
    "windows": ("Latitude 5440", "EliteBook 840 G10", "ThinkPad T14 Gen 4", "Surface Laptop 5"),
    "linux": ("XPS 13 9310", "ThinkPad X1 Carbon Gen 11", "Framework Laptop 13"),
}
_TELEPHONES: Final = (  # four makes, models from earlier to later years
    ("iPhone14,5", "iPhone14,7", "iPhone15,4", "iPhone17,3", "iPhone18,3"),
    ("iPhone14,2", "iPhone15,2", "iPhone16,1", "iPhone17,1", "iPhone18,1"),
    ("Pixel 6", "Pixel 7", "Pixel 8", "Pixel 9", "Pixel 10"),
    ("SM-S901B", "SM-S911B", "SM-S921B", "SM-S931B"),
)
# What browsers say in their user agents, which name a fixed version of the system.
_USER_AGENTS: Final = {"mac": ("MacOSX", "10.15.7"), "windows": ("Windows", "10.0"), "linux": ("Linux", "x86_64")}
_WINDOWS: Final = ("10.0.22631", "10.0.26100", "10.0.26200")
_WINDOWS_DAYS: Final = (274, 638)
_APPLE_DAYS: Final = (40, 85, 130, 190, 240, 315)  # from a September's x.0 to x.1, x.2 ...
