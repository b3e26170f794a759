"""The 1Password apps people own, as the ``client`` object of the Events API describes them.

Names and forms of values follow real records: application names as Panther's allow-list has them, the
platform of a desktop app is the computer's host name, that of the extension the browser.
"""

from dataclasses import dataclass

EXTENSION, DESKTOP, MOBILE, COMMAND_LINE, WEB = KINDS = ("extension", "desktop", "mobile", "cli", "web")

HOST = "{host}"
"""Stands in `Client.platform_name` for the name of the owner's computer."""

ACTIONS_OF = {
    EXTENSION: ("fill", "reveal", "secure-copy", "select-sso-provider", "share"),
    DESKTOP: ("fill", "reveal", "secure-copy", "enter-item-edit-mode", "export", "share"),
    MOBILE: ("fill", "reveal", "secure-copy", "enter-item-edit-mode"),
    COMMAND_LINE: ("server-fetch", "server-create", "server-update"),
    WEB: ("server-fetch", "server-create", "server-update", "reveal", "secure-copy", "share"),
}
"""What each kind of client can do to an item: the item usage actions' triggers, abridged."""

SESSIONS_OF = {EXTENSION: 0.55, DESKTOP: 0.3, MOBILE: 0.15, COMMAND_LINE: 0.3, WEB: 0.05}
"""Weight of each kind of client among its owner's sessions: assumption."""


@dataclass(frozen=True, slots=True)
class Client:
    """One app on one kind of machine."""

    app_name: str
    app_version: str
    platform_name: str
    platform_version: str
    os_name: str
    os_version: str


@dataclass(frozen=True, slots=True)
class Machine:
    """A make of computer: its share of the staff and the clients it can run."""

    share: float
    extension: Client
    desktop: Client
    cli: Client
    web: Client


MACHINES = (
    Machine(
        0.55,
        Client("1Password Browser Extension", "81100032", "Chrome", "141.0.7390.108", "MacOSX", "15.6.1"),
        Client("1Password for Mac", "81100042", HOST, "MacBookPro18,3", "MacOSX", "15.6.1"),
        Client("1Password CLI", "2320001", HOST, "arm64", "MacOSX", "15.6.1"),
        Client("1Password for Web", "2094", "Chrome", "141.0.7390.108", "MacOSX", "10.15.7"),
    ),
    Machine(
        0.35,
        Client("1Password Browser Extension", "81100032", "Microsoft Edge", "141.0.3537.71", "Windows", "11"),
        Client("1Password for Windows", "81100042", HOST, "AMD64", "Windows", "11"),
        Client("1Password CLI", "2320001", HOST, "amd64", "Windows", "11"),
        Client("1Password for Web", "2094", "Microsoft Edge", "141.0.3537.71", "Windows", "10.0"),
    ),
    Machine(
        0.1,
        Client("1Password Browser Extension", "81100032", "Firefox", "143.0.4", "Linux", "6.8.0"),
        Client("1Password for Linux", "81100042", HOST, "x86_64", "Linux", "6.8.0"),
        Client("1Password CLI", "2320001", HOST, "amd64", "Linux", "6.8.0"),
        Client("1Password for Web", "2094", "Firefox", "143.0.4", "Linux", "6.8.0"),
    ),
)
"""Makes of computer; shares are an assumption."""

PHONES = (
    Client("1Password for iOS", "81100038", "iPhone15,2", "iPhone15,2", "iOS", "18.6.2"),
    Client("1Password for Android", "81100035", "Pixel 8", "Pixel 8", "Android", "16"),
)
"""Makes of telephone, equally common (assumption)."""
