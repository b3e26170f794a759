"""Feeds seen: which feeds of a dataset a rule can select anything of, so that the others need not be read."""

from pathlib import Path
from typing import Final

from detector.dataset import FEEDS, feeds
from detector.onepassword import Kind, constants
from detector.query import compile_query
from detector.rules import NewValueRule

_KINDS: Final = dict(zip(FEEDS, (Kind.ITEM_USAGE, Kind.SIGN_IN, Kind.AUDIT_EVENT), strict=True))


def feeds_seen(directory: Path, rule: NewValueRule) -> list[str]:
    """Return what of the dataset in *directory* a reader of *rule* has to be given: files, or the directory itself.

    Several feeds have to be merged by time, which is what reading a directory does. Raises `SourceError` where
    *directory* is no dataset.
    """
    held = feeds(directory)
    seen = [feed for feed in held if sees(rule, _KINDS[feed.stem])]
    return [str(feed) for feed in seen] if len(seen) == 1 else [str(directory)]


def sees(rule: NewValueRule, kind: Kind) -> bool:
    """Return whether *rule* may select records of *kind*; False only where no such record can match.

    >>> from detector.rules import shipped_rule
    >>> sees(shipped_rule(), Kind.ITEM_USAGE), sees(shipped_rule(), Kind.AUDIT_EVENT)
    (True, False)
    """
    known = constants(kind)
    unmatched = any(compile_query(query).verdict(known) is False for query in (rule.query, *rule.required))
    return not unmatched and not any(compile_query(query).verdict(known) for query in rule.excluded)
