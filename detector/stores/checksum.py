"""The checksum of what a store holds, for engines that have none, or may have them turned off."""

from zlib import crc32


def checksum(*parts: bytes) -> int:
    """The CRC-32 of the parts, one after the other.

    >>> checksum(b"a", b"b") == checksum(b"ab")
    True
    """
    found = 0
    for part in parts:
        found = crc32(part, found)
    return found
