"""Clocks: time zones told by when people work, and the hours and weekdays of work on them.

A person's zone is the one in which the circular mean (Mardia and Jupp, Directional Statistics, 2000, chapter 2) of
their hours is two in the afternoon. Zones keep no summer time: half a year of records may smear by an hour.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.draws import Floats, Ints
from simulator.observation import WEEK_HOURS, Observation
from simulator.profile import Office

_MIDDAY = 14  # local hour around which work, evenings included, is spread (assumption)
_FEWEST = 10  # item usages, below which a person's hours say nothing of the zone (assumption)
_APART = 3  # hours between two offices that are told apart (assumption)
_LEAST = 0.04  # share of the staff in an office at least (assumption)
_HOURS = 24
_WEEK = 7
_TURN = 2 * np.pi / _HOURS

# Example places: some large town on each clock, for offices need one; latitude and longitude to a tenth of a degree.
_TOWNS: Final = {
    -11: ("American Samoa", "AS", "Eastern", "Pago Pago", -14.3, -170.7),
    -10: ("United States", "US", "Hawaii", "Honolulu", 21.3, -157.9),
    -9: ("United States", "US", "Alaska", "Anchorage", 61.2, -149.9),
    -8: ("United States", "US", "California", "San Francisco", 37.8, -122.4),
    -7: ("Canada", "CA", "Alberta", "Calgary", 51.0, -114.1),
    -6: ("United States", "US", "Illinois", "Chicago", 41.9, -87.6),
    -5: ("Canada", "CA", "Ontario", "Toronto", 43.7, -79.4),
    -4: ("Canada", "CA", "Nova Scotia", "Halifax", 44.6, -63.6),
    -3: ("Brazil", "BR", "São Paulo", "São Paulo", -23.6, -46.6),
    -2: ("Brazil", "BR", "Pernambuco", "Fernando de Noronha", -3.8, -32.4),
    -1: ("Portugal", "PT", "Azores", "Ponta Delgada", 37.7, -25.7),
    0: ("United Kingdom", "GB", "England", "London", 51.5, -0.1),
    1: ("Germany", "DE", "Berlin", "Berlin", 52.5, 13.4),
    2: ("Finland", "FI", "Uusimaa", "Helsinki", 60.2, 24.9),
    3: ("Kenya", "KE", "Nairobi County", "Nairobi", -1.3, 36.8),
    4: ("United Arab Emirates", "AE", "Dubai", "Dubai", 25.2, 55.3),
    5: ("Uzbekistan", "UZ", "Tashkent", "Tashkent", 41.3, 69.2),
    6: ("Bangladesh", "BD", "Dhaka Division", "Dhaka", 23.8, 90.4),
    7: ("Vietnam", "VN", "Hanoi", "Hanoi", 21.0, 105.9),
    8: ("Singapore", "SG", "Singapore", "Singapore", 1.4, 103.8),
    9: ("Japan", "JP", "Tokyo", "Tokyo", 35.7, 139.7),
    10: ("Australia", "AU", "Victoria", "Melbourne", -37.8, 145.0),
    11: ("Solomon Islands", "SB", "Guadalcanal", "Honiara", -9.4, 160.0),
    12: ("Fiji", "FJ", "Central", "Suva", -18.1, 178.4),
}
_OFFICE_NETWORK = "192.0.2"  # RFC 5737


@dataclass(frozen=True, slots=True)
class Clocks:
    """*offices* with the shares of the people; *starts* in sessions, by local hour of the week, summed over people.

    *work_starts* is the local hour at which the day's work begins, *hours* the weights from then on, *weekdays* the
    item usages of a Monday to Sunday as a factor on the mean of Monday to Friday.
    """

    offices: tuple[Office, ...]
    work_starts: int
    hours: tuple[float, ...]
    weekdays: tuple[float, ...]


def clocks(seen: Observation) -> Clocks:
    """Return the clocks of the humans of a log."""
    human = seen.humans()
    hours, starts = seen.hours[human].astype(np.int64), seen.starts[human].astype(np.int64)
    offset = _around(np.rint(_MIDDAY - _mean_hours(hours)).astype(np.int64))
    known = hours.sum(axis=1) >= min(_FEWEST, hours.sum(axis=1).max())
    groups = _groups(offset[known])
    group = np.abs(_around(offset[:, None] - groups)).argmin(axis=1)
    shares = np.bincount(group[known], minlength=len(groups)) / known.sum()
    zones = _aligned(np.stack([hours[group == row].sum(axis=0) for row in range(len(groups))]), shares)
    own = np.array(zones)[group]
    by_hour = _local(starts, own).reshape(_WEEK, _HOURS)
    by_day = _local(hours, own).reshape(_WEEK, _HOURS).sum(axis=1) / np.maximum(_days_of_week(seen), 1)
    work_starts = _work_starts(by_hour.sum(axis=0))
    weights = np.roll(by_hour.sum(axis=0), -work_starts)
    return Clocks(
        offices=tuple(
            _office(zone, float(share), row) for row, (zone, share) in enumerate(zip(zones, shares, strict=True))
        ),
        work_starts=work_starts,
        hours=tuple(_rounded(weights / max(1, weights.max()))),
        weekdays=tuple(_rounded(by_day / max(by_day[:5].mean(), 1e-9))),
    )


def weekdays_of(seen: Observation) -> Ints:
    """Return the weekday of each day of a log, Monday being 0."""
    return (seen.first_day + 3 + np.arange(seen.days)) % _WEEK


def _days_of_week(seen: Observation) -> Ints:
    return np.bincount(weekdays_of(seen), minlength=_WEEK)


def _mean_hours(hours: Ints) -> Floats:
    """Return the circular mean of each row's working days, hours of UTC."""
    of_day = hours.reshape(len(hours), _WEEK, _HOURS)[:, :5].sum(axis=1)
    mean: Floats = np.angle(of_day @ np.exp(1j * (np.arange(_HOURS) + 0.5) * _TURN)) / _TURN
    return mean


def _aligned(hours: Ints, shares: Floats) -> list[int]:
    """Return the zone of each group, a row of *hours*, so that all groups work at the same local hours.

    Zones are whole hours apart, so what is left of the groups' means is the fraction of the hour around which all work.
    """
    means = _mean_hours(hours)
    fraction = float(np.angle(shares @ np.exp(2j * np.pi * means)) / (2 * np.pi))
    midday = _MIDDAY + (fraction + 0.5) % 1 - 0.5
    zones: list[int] = _around(np.rint(midday - means).astype(np.int64)).tolist()
    return zones


def _around(hours: Ints) -> Ints:
    around: Ints = (hours + 11) % _HOURS - 11
    return around


def _groups(offset: Ints) -> list[int]:
    """Return the offsets that most people are near to, ascending."""
    counts = np.bincount(offset + 11, minlength=_HOURS).astype(np.float64)
    smooth = counts + 0.5 * (np.roll(counts, 1) + np.roll(counts, -1))
    groups: list[int] = []
    for zone in (np.argsort(-smooth, kind="stable") - 11).tolist():
        far = all(abs(int(_around(np.array(zone - other)))) >= _APART for other in groups)
        is_peak = smooth[zone + 11] >= np.take(smooth, [zone + 10, zone + 12], mode="wrap").max()
        if far and (is_peak or not groups) and smooth[zone + 11] >= _LEAST * counts.sum():
            groups.append(zone)
    return sorted(groups)


def _local(hours: Ints, offset: Ints) -> Ints:
    total = np.zeros(WEEK_HOURS, dtype=np.int64)
    for zone in np.unique(offset):
        total += np.roll(hours[offset == zone].sum(axis=0), zone)
    return total


def _work_starts(by_hour: Ints) -> int:
    """Return the first hour of the day's work: the first with half of the busiest, after the quietest six."""
    six = sum(np.roll(by_hour, -shift) for shift in range(6))
    quiet = int(np.argmin(six)) + 6
    busy = [hour % _HOURS for hour in range(quiet, quiet + _HOURS) if 2 * by_hour[hour % _HOURS] >= by_hour.max()]
    return busy[0]


def _office(zone: int, share: float, row: int) -> Office:
    country, code, region, city, latitude, longitude = _TOWNS[zone]
    return Office(
        country=country,
        country_code=code,
        region=region,
        city=city,
        latitude=latitude,
        longitude=longitude,
        timezone=f"Etc/GMT{-zone:+d}" if zone else "Etc/GMT",  # POSIX counts zones west of Greenwich
        share=round(share, 4),
        ip=f"{_OFFICE_NETWORK}.{10 + row}",
    )


def _rounded(numbers: Floats) -> list[float]:
    return [round(float(number), 4) for number in numbers]
