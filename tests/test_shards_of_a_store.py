"""A store on a server that is divided into shards: what may begin beside what, and how it is looked into."""

import json
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from builders import ADA, BOB, line, new_value_rule, usage
from calling import Run, caller
from naive_model import DAY
from store_places import PLACES

from detector.shard import Shard
from detector.stores.base import StoreError
from detector.stores.store_name import StoreName
from detector.stores.urls import look_into, open_store

SERVERS: Final = ("redis", "postgresql")
ONE, TWO, THIRD = Shard(1, 2), Shard(2, 2), Shard(1, 3)
CY: Final = "cy@example.com"
RECORDS: Final = [usage(hour * DAY // 4, "fill", by) for hour in range(8) for by in (ADA, BOB, CY)]


@pytest.fixture(params=SERVERS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store on a server, where nothing is yet."""
    return PLACES[request.param](tmp_path)


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    rule = new_value_rule(new_value={"learningMethod": "threshold"})
    (tmp_path / "rule.json").write_bytes(line(rule))
    (tmp_path / "events").write_bytes(b"\n".join(map(line, RECORDS)))
    return caller("detect", tmp_path, monkeypatch, capsys)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return caller("state", tmp_path, monkeypatch, capsys)


def fill(url: str, shard: Shard | None, word: bytes = b"old") -> None:
    with closing(open_store(url, shard)) as store:
        store.commit({b"g": word}, (), word)


def refused(url: str, shard: Shard | None, *words: str) -> None:
    """To be written to, by a line with those words in it; what is there stays."""
    with pytest.raises(StoreError) as refusal:
        open_store(url, shard)
    assert "\n" not in str(refusal.value)
    assert all(word in str(refusal.value) for word in words), refusal.value


def in_shards(detect: Run, url: str, *shards: str) -> None:
    for shard in shards:
        assert detect("events", "--rule", "rule.json", "--store", url, "--shard", shard).code == 0


# What may begin beside what


def test_each_shard_is_a_store_of_its_own_with_a_writer_of_its_own(url: str) -> None:
    with closing(open_store(url, ONE)) as one, closing(open_store(url, TWO)) as two:
        one.commit({b"g": b"one"}, (), b"1")
        two.commit({b"g": b"two"}, (), b"2")
        assert (one.read([b"g"]), two.checkpoint()) == ([b"one"], b"2")
        refused(url, ONE, "another run is writing to this store")


def test_beside_shards_neither_the_whole_nor_another_division_begins(url: str) -> None:
    fill(url, ONE)
    for other in (None, THIRD, Shard(1, 1)):
        refused(url, other, "divided into shards (found 1/2)", "--shard I/2", "another store=NAME")
    fill(url, TWO)
    with closing(look_into(url, ONE)) as view:
        assert view.checkpoint() == b"old"


def test_beside_a_whole_store_no_shard_begins(url: str) -> None:
    fill(url, None)
    refused(url, ONE, "not divided into shards; legal: no --shard, or another store=NAME")
    fill(url, None, b"new")


def test_a_shard_that_was_never_committed_to_goes_again_and_bars_nobody(url: str) -> None:
    open_store(url, ONE).close()
    open_store(url, THIRD).close()
    fill(url, None)


def test_a_store_of_another_name_is_another_store(url: str) -> None:
    fill(url, ONE)
    fill(f"{url}x", None)
    fill(f"{url}y", THIRD)


@pytest.mark.parametrize("text", ["a/0-of-2", "a/3-of-2", "a/1-of-2x", "a/1", "a/01-of-2", "a/1-of-2/1-of-2"])
def test_what_is_no_name_of_a_shard_is_none_of_ours(text: str) -> None:
    assert StoreName.parse(text) is None


def test_names_are_written_as_they_are_parsed() -> None:
    for name in (StoreName("a"), StoreName("a", TWO)):
        assert StoreName.parse(str(name)) == name


# A store in a file


def test_a_file_is_one_workers_and_is_refused_to_another_shard(detect: Run) -> None:
    in_shards(detect, "state.db", "1/2")
    other = detect("events", "--rule", "rule.json", "--store", "state.db", "--shard", "2/2")
    assert (other.code, other.err) == (
        2,
        "vaultdrill: --store: it belongs to another shard: found '2/2'; legal: '1/2'\n",
    )
    whole = detect("events", "--rule", "rule.json", "--store", "state.db")
    assert (whole.code, whole.err) == (
        2,
        "vaultdrill: --store: it belongs to another shard: found none; legal: '1/2'\n",
    )


# Looking into it


def test_all_shards_are_looked_into_as_one_worker_would_have_left_them(url: str, detect: Run, state: Run) -> None:
    in_shards(detect, url, "1/3", "2/3", "3/3")
    assert detect("events", "--rule", "rule.json", "--store", "whole.db").code == 0
    one, together = (json.loads(state("show", "--store", at, "--format", "json").out) for at in ("whole.db", url))
    assert together["groups"] == one["groups"]
    assert together["state"].pop("shards") == ["1/3", "2/3", "3/3"]
    assert one["state"].pop("shards") == []
    assert together["state"] == one["state"]
    for person in (ADA, BOB, CY):
        asked = ("--group", person, "--format", "ndjson")
        assert state("show", "--store", url, *asked).lines == state("show", "--store", "whole.db", *asked).lines


def test_one_shard_is_looked_into_by_its_name_also_if_it_has_no_group(url: str, detect: Run, state: Run) -> None:
    parts = [f"{part}/9" for part in range(1, 10)]
    in_shards(detect, url, *parts)
    shown = [state("show", "--store", url, "--shard", part, "--format", "ndjson") for part in parts]
    assert [ran.code for ran in shown] == [0] * 9
    assert min(len(ran.lines) for ran in shown) == 0
    assert sum(len(ran.lines) for ran in shown) == 3
    assert "shard         1/9" in state("show", "--store", url, "--shard", "1/9").out


def test_a_shard_that_is_missing_is_told_rather_than_shown_as_unknown_groups(url: str, detect: Run, state: Run) -> None:
    in_shards(detect, url, "1/3", "3/3")
    ran = state("show", "--store", url)
    assert (ran.code, ran.out) == (2, "")
    assert "found 1/3, 3/3, but no 2/3" in ran.err
    absent = state("show", "--store", url, "--shard", "2/3")
    assert (absent.code, absent.err.count("\n")) == (2, 1)
    assert "legal: 1/3, 3/3, or none for all of them" in absent.err


def test_a_file_has_no_shards_to_choose_from(detect: Run, state: Run) -> None:
    in_shards(detect, "state.db", "1/2")
    assert (
        "--shard: sqlite: a store of one worker; legal: no --shard"
        in state("show", "--store", "state.db", "--shard", "1/2").err
    )


def test_shards_explain_an_event_as_the_whole_store_does(
    url: str, detect: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_shards(detect, url, "1/2", "2/2")
    assert detect("events", "--rule", "rule.json", "--store", "whole.db").code == 0
    later = usage(3 * DAY, "export", BOB)
    (tmp_path / "later").write_bytes(line(later))
    explain = caller("explain", tmp_path, monkeypatch, capsys)
    asked = ("later", "--rule", "rule.json", "--uuid", later["uuid"], "--format", "json")
    told = [json.loads(explain(*asked, "--store", at).out) for at in (url, "whole.db")]
    assert told[0] == told[1]
    assert told[0][0]["verdict"] == "new"
