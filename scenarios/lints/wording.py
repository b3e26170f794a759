"""What a scenario file says, comments included."""

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from scenarios.lints.page import Finding, Page

SHORTEST_STORY: Final = 120
"""Characters: what happens and what a defender sees of it takes two sentences at least."""

LONGEST_NAME: Final = 72
"""Characters that fit a line of a table."""

_DETECTOR = re.compile(
    r"\b(learn\w*|forg[eo]t\w*|baseline\w*|detectors?|novel\w*|newness|unseen"
    r"|new[\s-]+values?|never[\s-]+(?:before[\s-]+)?seen|first[\s-]+seen|seen[\s-]+before)\b",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"\W+(?:\w+\W+){0,2}pass(?:word|phrase|code)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?<![\w.:])(?P<address>\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w.:]|\.\d)"
    r"(?:/(?P<bits>\d{1,3}))?",
    re.IGNORECASE,
)
_DOMAIN = re.compile(
    r"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|net|org|io|dev|app|cloud|co|info|biz|me|ru|cn|de|uk|eu)\b",
    re.IGNORECASE,
)
_DOCUMENTATION: Final = tuple(map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")))
"""The addresses that belong to nobody: RFC 5737 and RFC 3849."""

_NOBODYS: Final = ("example.com", "example.net", "example.org")
"""The domains that belong to nobody: RFC 2606."""


def wording(page: Page) -> Iterator[Finding]:
    """Yield what is wrong with the words of *page*."""
    yield from _detector_words(page)
    yield from _addresses(page)
    yield from _domains(page)
    yield from _lengths(page)


def _detector_words(page: Page) -> Iterator[Finding]:
    """Scenarios are written from what people do; what a detector makes of it is another file's matter."""
    for line, match in page.matches(_DETECTOR):
        forgotten_password = match[0].lower().startswith("forg") and _PASSWORD.match(match.string, match.end())
        if not forgotten_password:
            said = " ".join(match[0].split())
            yield page.on(
                line, "detector-word", f"found {said!r}; a scenario says what people do, not what a rule knows"
            )


def _addresses(page: Page) -> Iterator[Finding]:
    for line, match in page.matches(_ADDRESS):
        try:
            address = ip_address(match["address"])
        except ValueError:  # a version, a time of day
            continue
        bits = int(match["bits"] or address.max_prefixlen)
        if not any(address in network and bits >= network.prefixlen for network in _DOCUMENTATION):
            legal = ", ".join(map(str, _DOCUMENTATION))
            yield page.on(line, "real-address", f"found {match[0]}; legal: an address for documentation ({legal})")


def _domains(page: Page) -> Iterator[Finding]:
    cited = [urlsplit(reference).hostname or "" for reference in page.scenario.references]
    for line, match in page.matches(_DOMAIN):
        domain = match[0].lower()
        if not any(f".{known}".endswith(f".{domain}") for known in cited) and not domain.endswith(_NOBODYS):
            yield page.on(line, "real-domain", f"found {domain}; legal: example.com, or a domain of the references")


def _lengths(page: Page) -> Iterator[Finding]:
    story, name = " ".join(page.scenario.story.split()), page.scenario.name
    if len(story) < SHORTEST_STORY:
        message = f"{len(story)} characters; what happens and what a defender sees takes {SHORTEST_STORY}"
        yield page.finding(("story",), "short-story", message)
    if len(name) > LONGEST_NAME or name.endswith("."):
        yield page.finding(("name",), "long-name", f"at most {LONGEST_NAME} characters, without a full stop")
