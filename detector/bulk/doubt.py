"""Doubt: what a bulk reader says of whatever the scalar reader had better look at."""


class Doubt(Exception):  # noqa: N818 - nothing is wrong yet
    """A bulk reader cannot vouch for what follows; no user sees it."""
