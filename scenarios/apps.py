"""The apps of 1Password: which kind each is, and what each kind can do with an item.

Source of the names: the ``app_name`` of the Events API's clients; of what they can do:
https://developer.1password.com/docs/events-api/item-usage-actions/ (an app that moves or duplicates an item creates
it anew) and https://support.1password.com/export/.
"""

from typing import Final, Literal

AppKind = Literal["browser", "desktop", "phone", "web", "command-line"]
"""The browser extension, a desktop or phone app, 1Password.com, or a client without a screen."""

_KINDS: Final[dict[str, AppKind]] = {
    "1Password Browser Extension": "browser",
    "1Password Extension": "browser",
    "1Password for Mac": "desktop",
    "1Password for Windows": "desktop",
    "1Password for Linux": "desktop",
    "1Password for iOS": "phone",
    "1Password for Android": "phone",
    "1Password for Web": "web",
    "1Password CLI": "command-line",
    "1Password SDK": "command-line",
    "1Password Connect": "command-line",
}
_TOOL: Final = "1Password CLI"
_ABLE: Final[dict[str, frozenset[AppKind]]] = {
    "enter-item-edit-mode": frozenset({"desktop", "phone"}),
    "export": frozenset({"desktop"}),
    "fill": frozenset({"browser", "desktop", "phone"}),
    "select-sso-provider": frozenset({"browser"}),
    "server-create": frozenset({"desktop", "phone", "web", "command-line"}),
    "server-fetch": frozenset({"web", "command-line"}),
    "server-update": frozenset({"web", "command-line"}),
}
_SCREENS: Final[frozenset[AppKind]] = frozenset({"browser", "desktop", "phone", "web"})

HOSTED: Final = frozenset[AppKind]({"desktop", "command-line"})
"""The kinds whose ``platform_name`` is the name of the host."""

LENT: Final = frozenset[AppKind]({"web", "command-line"})
"""The kinds with which somebody may act on a machine of their own although they never did so: 1Password.com needs no
app, and whoever acts brings a command line along. An app or extension is on their machine only if they use it."""


def kind_of(app: str) -> AppKind | None:
    """Return the kind of the app that calls itself *app*, or None if the API's reference has no such app.

    >>> kind_of("1Password for iOS")
    'phone'
    """
    return _KINDS.get(app)


def capable(kind: AppKind, action: str) -> bool:
    """Return whether an app of that *kind* can do *action* with an item.

    >>> capable("desktop", "export"), capable("web", "fill")
    (True, False)
    """
    return kind in _ABLE.get(action, _SCREENS)


def able(app: str, action: str) -> bool:
    """Return whether *app* can do *action* with an item; of an app of no known kind nothing can be denied.

    >>> able("1Password for Mac", "export"), able("1Password CLI", "reveal"), able("", "export")
    (True, False, True)
    """
    kind = kind_of(app)
    return kind is None or capable(kind, action)


def lendable(app: str) -> bool:
    """Return whether somebody may borrow *app* from others: of the command lines only the tool that a person types at.

    >>> lendable("1Password CLI"), lendable("1Password Connect"), lendable("1Password for Mac")
    (True, False, True)
    """
    return app == _TOOL or kind_of(app) != "command-line"
