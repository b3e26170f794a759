"""`vaultdrill fit`."""

from pathlib import Path

import click


@click.command(epilog="Example: vaultdrill fit company --out profile.yaml --name ours")
@click.argument("sources", nargs=-1, required=True, metavar="FILE...|DIR|-")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE", help="The profile, YAML."
)
@click.option("--name", metavar="NAME", help="What the profile is called.  [fitted]")
def fit(sources: tuple[str, ...], out: Path, name: str | None) -> None:
    """Learn a company's profile from its records, for `simulate --profile FILE`.

    Reads 1Password records of any age, NDJSON, JSON or Parquet: item usages, and sign-ins and audit events where
    there are any; a directory is a dataset. What records
    cannot tell is taken from the shipped profile nearest in headcount; each figure says where it is from. The profile
    holds counts and shares: no name, address, item, device or place of the records is in it. FILE is written as a
    whole or not at all.
    """
    from harness.output import opened
    from harness.overwriting import refuse_overwriting
    from harness.record_reader import observe
    from simulator.calibration import calibrated
    from simulator.fitting import fit as fitted
    from simulator.profile_file import dump_profile

    refuse_overwriting({"--out": out}, {"a source": sources})
    seen = observe(sources)
    found = calibrated(fitted(seen, name or "fitted"), seen)
    with opened(out) as stream:
        stream.write(dump_profile(found.profile, found.sources, _HEADER).encode())
    people, days = int(seen.humans().sum()), seen.days
    click.echo(f"{out}: fitted to {seen.records:,} item usages of {people:,} people in {days:,} days", err=True)


_HEADER = (
    "A company's profile, fitted to its records: counts and shares, nothing that names anybody or anything in them."
)
