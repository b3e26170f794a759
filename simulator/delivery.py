"""What reaches the collector, and when: late syncs, days offline, disorder, records that come twice, and outages.

The Events API promises neither that an item usage is there once it has happened ("only sent when client apps
sync", https://developer.1password.com/docs/events-api/reference/) nor that records come in order. An arrival is
drawn from the names of person, day, session and record, so any cut of time or of the staff gives the same.
"""

from typing import Final, NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.activity import Activity, AuditEvents, ItemUsages, Sessions, SignIns
from simulator.clients import CLI, CONNECT, SDK, WEB, unpack
from simulator.draws import Ints, Words, quantile, stream, uniform, words
from simulator.profile import Profile
from simulator.timeline import DAY, DAY_MS, HOUR_MS, MS, YEAR, Period

AGAIN_MS: Final = (60_000, 1_800_000)
"""Milliseconds until a record comes again, least and most: a page is fetched once more (assumption)."""

_SESSIONS_A_DAY = 1 << 12
_RECORDS_A_SESSION = 1 << 24
_EARLIEST = np.iinfo(np.int64).min
_ITEM_USAGES = "itemusages"  # the one feed that clients report; the others are the server's own
_SERVED = (CLI, WEB, SDK, CONNECT)  # what these do, the server sees at once

Columns = ItemUsages | SignIns | AuditEvents


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What comes between an event and its record's arrival; the figures are those of `Profile` of the same name.

    Quantiles are those of `simulator.draws.quantile`.
    """

    sync_ms: tuple[int, ...]
    offline: float
    offline_days: tuple[int, int]
    disorder_ms: tuple[int, ...]
    duplicates: float
    outages: float
    outage_ms: tuple[int, ...]
    catch_up: float

    @classmethod
    def off(cls) -> Self:
        """Return the delivery of every record at the time of its event.

        Days offline would last one day and outages an hour, were there any.

        >>> Delivery.off().duplicates
        0.0
        """
        return cls(
            sync_ms=(0, 0),
            offline=0.0,
            offline_days=(1, 1),
            disorder_ms=(0, 0),
            duplicates=0.0,
            outages=0.0,
            outage_ms=(HOUR_MS, HOUR_MS),
            catch_up=0.1,
        )

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """Return the delivery that *profile* calls realistic."""
        return cls(**{name: getattr(profile, name) for name in cls.__struct_fields__})


class Arrived(NamedTuple):
    """Rows of a feed's columns by (arrival, person, `order`); *time* of arrival, *again*: for a second time."""

    row: Ints
    time: Ints
    again: NDArray[np.bool_]


def order(day: Ints, session: Ints, number: Ints) -> Ints:
    """Return a person's own count of the records of a feed, which ascends by *day*, *session* and *number*.

    *session* is the session's number within the day, below 2**12; *number* the record's within it, below 2**24.

    >>> order(np.array([0, 1]), np.array([1, 0]), np.array([2, 3])).tolist()
    [16777218, 68719476739]
    """
    return (day * _SESSIONS_A_DAY + session) * _RECORDS_A_SESSION + number


class Collector:
    """The far end of the Events API: it sees records when they arrive. All times are nanoseconds since the epoch."""

    def __init__(self, delivery: Delivery, seed: int, period: Period) -> None:
        self.delivery = delivery
        self.seed = seed
        self.outages = _outages(delivery, seed, period)
        """Columns begin, end and caught up; no two of them overlap."""
        self.longest_wait = delivery.offline_days[1] if delivery.offline > 0 else 0
        """The greatest of `waits`, in days."""

    def lookback(self, begin: int, end: int) -> int:
        """Return how long before *begin* an event can have happened and still arrive in [*begin*, *end*).

        The item usages of an offline day arrive as if they had happened at their upload, see `waits`.
        """
        again = AGAIN_MS[-1] if self.delivery.duplicates > 0 else 0
        usual = (self.delivery.sync_ms[-1] + self.delivery.disorder_ms[-1] + again) * MS
        down, up, caught_up = self.outages
        held_back = down[(up < end) & (caught_up >= begin)]
        return usual + max(0, begin - int(held_back.min(initial=begin)))

    def waits(self, keys: Words, days: Ints) -> Ints:
        """Return for each person's key and local day, which broadcast, how many days its item usages wait.

        0 is a day that is not offline. The item usages of another are uploaded together within the UTC day
        ``day + wait``; one that happens after that upload is uploaded at once.
        """
        bits = words(stream(self.seed, "offline"), keys, days)
        waits = np.zeros(bits.shape, dtype=np.int64)
        offline = uniform(bits) < self.delivery.offline
        least, most = self.delivery.offline_days
        waits[offline] = least + _below(most - least + 1, words(stream(self.seed, "offline days"), bits[offline]))
        return waits

    def deliver(self, activity: Activity, keys: Words, begin: int, end: int) -> dict[str, Arrived]:
        """Return for each feed what arrives in [*begin*, *end*).

        *keys* are the persons' keys by row of the population. What arrives twice is there twice. An *end* of
        2**63 - 1 takes all that is still to come.
        """
        arrived = {}
        for feed, columns in activity.feeds().items():
            sent = self._uploads(activity, keys) if feed == _ITEM_USAGES else columns.time
            rows, arrival = self._on_the_way(feed, activity.sessions, columns, sent)
            arrival = self._after_outages(arrival)
            inside = np.flatnonzero((arrival >= begin) & (arrival < end))
            arrived[feed] = _sorted(activity.sessions, columns, rows[inside], arrival[inside], inside >= len(sent))
        return arrived

    def _uploads(self, activity: Activity, keys: Words) -> Ints:
        """Return when each item usage is uploaded: its session's delay later, or when its offline day is over."""
        held, usages = activity.sessions, activity.item_usages
        delay = np.zeros(held.key.shape, dtype=np.int64)
        if self.delivery.sync_ms[-1] > 0:
            delay = quantile(np.array(self.delivery.sync_ms), words(stream(self.seed, "sync"), held.key)) * MS
        _, slot, _, _ = unpack(held.client)
        served = np.isin(slot, _SERVED)
        delay[served] = 0
        if self.delivery.offline == 0:
            return usages.time + delay[usages.session]
        key = keys[held.person]
        waits = np.where(served, 0, self.waits(key, held.day))
        clock = _below(DAY_MS, words(stream(self.seed, "online"), key, held.day)) * MS
        online = np.where(waits > 0, (held.day + waits) * DAY + clock, _EARLIEST)
        delay[waits > 0] = 0
        sent: Ints = np.maximum(usages.time + delay[usages.session], online[usages.session])
        return sent

    def _on_the_way(self, feed: str, held: Sessions, columns: Columns, sent: Ints) -> tuple[Ints, Ints]:
        """Return rows and arrivals of all that comes were there no outages, what comes again at the end."""
        rows = np.arange(len(sent))
        disorder = np.array(self.delivery.disorder_ms)
        if disorder[-1] == 0 and self.delivery.duplicates == 0:
            return rows, sent
        bits = words(stream(self.seed, f"{feed} on the way"), held.key[columns.session], columns.number)
        arrival = sent + quantile(disorder, bits) * MS
        repeats = words(stream(self.seed, "again"), bits)
        again = np.flatnonzero(uniform(repeats) < self.delivery.duplicates)
        pause = quantile(np.array(AGAIN_MS), words(stream(self.seed, "pause"), repeats[again])) * MS
        return np.concatenate([rows, again]), np.concatenate([arrival, arrival[again] + pause])

    def _after_outages(self, arrival: Ints) -> Ints:
        """Return *arrival* with what falls into an outage squeezed, in its order, into the catch-up after it."""
        if not len(arrival):
            return arrival
        met = (self.outages[1] > arrival.min()) & (self.outages[0] <= arrival.max())
        for down, up, _ in self.outages[:, met].T:
            missed = np.flatnonzero((arrival >= down) & (arrival < up))
            arrival = arrival.copy()
            arrival[missed] = up + _shrunk(arrival[missed] - down, self.delivery.catch_up)
        return arrival


def _outages(delivery: Delivery, seed: int, period: Period) -> Ints:
    """Return begin, end and caught up of each outage that begins in *period*: at most one a UTC day.

    One that would begin before the collector has caught up after another is left out.
    """
    days = np.arange(period.begin // DAY, -(-period.end // DAY))
    days = days[uniform(words(stream(seed, "outage"), days)) < delivery.outages / YEAR]
    down = days * DAY + _below(DAY_MS, words(stream(seed, "outage begin"), days)) * MS
    length = quantile(np.array(delivery.outage_ms), words(stream(seed, "outage length"), days)) * MS
    up = down + length
    caught_up = up + _shrunk(length, delivery.catch_up)
    drawn = np.stack([down, up, caught_up])
    chosen, free = [], period.begin
    for at in range(len(days)):
        if free <= down[at] < period.end:
            chosen.append(at)
            free = caught_up[at] + 1
    return drawn[:, np.array(chosen, dtype=np.int64)]


def _sorted(held: Sessions, columns: Columns, rows: Ints, arrival: Ints, again: NDArray[np.bool_]) -> Arrived:
    """Return *rows*, which arrive at *arrival*, by (arrival, person, order)."""
    at = np.argsort(arrival)
    ascending = arrival[at]
    same = ascending[1:] == ascending[:-1]
    # Sorting by one key is several times faster than by three, and nanoseconds are seldom shared.
    if same.any():
        tied = np.flatnonzero(np.concatenate([same, [False]]) | np.concatenate([[False], same]))
        chosen = at[tied]
        row = rows[chosen]
        session = columns.session[row]
        own = order(held.day[session], held.number[session], columns.number[row])
        at[tied] = chosen[np.lexsort((own, held.person[session], ascending[tied]))]
    return Arrived(rows[at], ascending, again[at])


def _below(bound: int, bits: Words) -> Ints:
    """Return whole numbers from 0 to below *bound*, which is at most 2**31."""
    return (bits >> np.uint64(32)).astype(np.int64) * bound >> 32


def _shrunk(lengths: Ints, factor: float) -> Ints:
    # One multiplication, which IEEE 754 rounds alike everywhere, and which never swaps two lengths.
    return np.asarray(np.floor(lengths * factor), dtype=np.int64)
