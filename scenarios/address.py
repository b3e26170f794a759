"""Addresses: which one in a network a stranger has."""

from collections.abc import Collection
from ipaddress import ip_network

from scenarios.draws import draw

_TRIES = 64


def address_in(network: str, taken: Collection[str], *purpose: object) -> str:
    """Return the address that *network* writes, or of a network one in it that is none of *taken*.

    Which one, *purpose* draws. It is neither the first nor the last of the network where that has others; these
    stand for the network and for everyone in it. Where it finds none that is free it returns one of *taken*.

    >>> address_in("198.51.100.7", {"198.51.100.7"}, 7)
    '198.51.100.7'
    >>> address_in("198.51.100.4/30", {"198.51.100.5"}, 7)
    '198.51.100.6'
    """
    found = ip_network(network)
    edge = int(found.num_addresses > 2)
    drawn = ""
    for k in range(_TRIES):
        high, low = draw(*purpose, found, k)
        drawn = str(found[edge + (high << 64 | low) % (found.num_addresses - 2 * edge)])
        if drawn not in taken:
            break
    return drawn
