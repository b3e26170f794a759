"""The store in PostgreSQL: what is refused and how it is told, one writer, names, and looking on while a run writes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from time import sleep

import psycopg
import pytest
from postgres_server import PASSWORD, USER, PostgresCluster, PostgresServer, postgres_cluster

from detector.stores.base import BaselineStore, StoreError
from detector.stores.urls import look_into, open_store

HOLDER = "import sys; from detector.stores.urls import open_store; s = open_store(sys.argv[1]); print(1, flush=True); "


@pytest.fixture(scope="session")
def cluster() -> Iterator[PostgresCluster]:
    with postgres_cluster() as made:
        yield made


@pytest.fixture(scope="module")
def shared_server(cluster: PostgresCluster) -> PostgresServer:
    return cluster.server()


@pytest.fixture
def server(shared_server: PostgresServer) -> Iterator[PostgresServer]:
    yield shared_server
    for (name,) in shared_server.run("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'vaultdrill%'"):
        shared_server.run(f'DROP SCHEMA "{name}" CASCADE')


def refusal(url: str, *, look: bool = False) -> str:
    with pytest.raises(StoreError) as told:
        (look_into if look else open_store)(url).close()
    text = str(told.value)
    assert "\n" not in text
    assert PASSWORD not in text
    assert USER not in text
    return text


def schemas(server: PostgresServer) -> list[str]:
    return [name for (name,) in server.run("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'vaultdrill%'")]


def filled(server: PostgresServer, parameters: str = "") -> None:
    with closing(open_store(server.url(parameters=parameters))) as store:
        store.commit({b"": b"none", b"g": b"one", b"h\x00\xff": b""}, (), b"1")


def test_what_was_committed_is_there_after_reopening(server: PostgresServer) -> None:
    filled(server)
    with closing(open_store(server.url())) as store:
        store.commit({b"i": b"new", b"g": b"two"}, {b"h\x00\xff", b"absent"}, b"2")
    with closing(open_store(server.url().replace("postgresql:", "postgres:"))) as store:
        assert store.read([b"i", b"h\x00\xff", b"g", b"g", b""]) == [b"new", None, b"two", b"two", b"none"]
        assert store.checkpoint() == b"2"
        assert list(store.scan()) == [(b"", b"none"), (b"g", b"two"), (b"i", b"new")]


def test_scanning_goes_on_past_a_page_in_the_order_of_the_bytes_while_commits_come_in_between(
    server: PostgresServer,
) -> None:
    groups = {number.to_bytes(2, "little"): b"%d" % number for number in range(5_000)}
    with closing(open_store(server.url())) as store:
        store.commit(groups, (), b"1")
        pages = store.scan()
        seen = [next(pages)]
        store.commit({b"\xff\xff": b"last"}, [seen[0][0]], b"2")
        assert [*seen, *pages] == [*sorted(groups.items()), (b"\xff\xff", b"last")]
        assert store.footprint().disk > 5_000 * 10  # type: ignore[operator]


def test_a_commit_that_is_refused_changes_nothing(server: PostgresServer) -> None:
    filled(server)
    with closing(open_store(server.url())) as store:
        with pytest.raises(StoreError, match="found a group of 2601 bytes; legal: up to 2600"):
            store.commit({b"g": b"two", b"l" * 2601: b""}, (), b"2")
        assert store.read([b"g"]) == [b"one"]
        store.commit({bytes(range(256)) * 10: b"long"}, (), b"3")
        assert store.checkpoint() == b"3"


def test_a_store_that_was_never_committed_to_goes_again(server: PostgresServer) -> None:
    with closing(open_store(server.url())):
        assert schemas(server) == ["vaultdrill_vaultdrill"]
    assert schemas(server) == []


def test_two_stores_by_name_share_a_database(server: PostgresServer) -> None:
    urls = server.url(parameters="store=A"), server.url(parameters="store=a&durability=async")
    with closing(open_store(urls[0])) as one, closing(open_store(urls[1])) as other:
        one.commit({b"g": b"one"}, (), b"1")
        other.commit({b"g": b"other"}, (), b"2")
        assert (one.read([b"g"]), other.read([b"g"])) == ([b"one"], [b"other"])
    assert set(schemas(server)) == {"vaultdrill_A", "vaultdrill_a"}


def test_a_view_stays_at_the_moment_it_was_opened(server: PostgresServer) -> None:
    filled(server)
    with closing(open_store(server.url())) as store, closing(look_into(server.url())) as view:
        store.commit({b"g": b"two"}, [b""], b"2")
        assert view.checkpoint() == b"1"
        assert list(view.scan()) == [(b"", b"none"), (b"g", b"one"), (b"h\x00\xff", b"")]


def test_a_view_makes_no_store(server: PostgresServer) -> None:
    assert "no such store; legal: one that `detect --store` has written" in refusal(server.url(), look=True)
    assert schemas(server) == []


def held(server: PostgresServer) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER + "sys.stdin.read()", server.url()]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "1\n"
    return holder


def reopened(server: PostgresServer) -> BaselineStore:
    """The server learns of a client's death by its closed connection, a moment later."""
    for _ in range(500):
        try:
            return open_store(server.url())
        except StoreError:
            sleep(0.01)
    raise AssertionError(refusal(server.url()))


def test_another_process_writing_is_told_and_its_sudden_death_frees_the_store(server: PostgresServer) -> None:
    filled(server)
    with held(server) as holder:
        expected = f"postgresql://127.0.0.1:{server.port}/postgres: another run is writing to this store;"
        assert refusal(server.url()) == f"{expected} legal: one writer at a time"
        with closing(look_into(server.url())) as view:
            assert view.checkpoint() == b"1"
        holder.kill()
    with closing(reopened(server)) as store:
        assert store.checkpoint() == b"1"


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ("store=a-b", "store: found 'a-b'; legal: 1 to 52 letters, digits and _"),
        ("store=", "store: found ''; legal: 1 to 52"),
        ("durability=fsync", "durability: found 'fsync'; legal: commit, async, unlogged"),
        ("color=red", "found the parameter 'color'; legal: store, durability and libpq's"),
        ("sslmode=often", "invalid sslmode value"),
    ],
)
def test_parameters_are_refused_by_name(server: PostgresServer, parameters: str, told: str) -> None:
    assert told in refusal(server.url(parameters=parameters))


def test_libpqs_parameters_are_passed_on(server: PostgresServer) -> None:
    with closing(open_store(server.url(parameters="application_name=night%20run&store=a&connect_timeout=5"))):
        assert ("night run",) in server.run("SELECT application_name FROM pg_stat_activity")


def test_the_password_may_come_from_the_environment(server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    open_store(server.url().replace(f":{PASSWORD}@", "@")).close()


def test_a_wrong_password_is_one_line_without_it(server: PostgresServer) -> None:
    told = refusal(server.url(password="let-me-in"))
    legal = "those in the URL, or a password in PGPASSWORD or the password file"
    assert told.endswith(f": the server refused user or password; legal: {legal}")
    assert "let-me-in" not in told


def test_a_missing_database_is_told(server: PostgresServer) -> None:
    assert 'database "nowhere" does not exist' in refusal(server.url(database="nowhere"))


def test_a_server_that_is_away_is_told(cluster: PostgresCluster) -> None:
    server = cluster.server()
    server.stop()
    assert "Connection refused" in refusal(server.url())
    assert "Connection refused" in refusal(server.url(), look=True)


@pytest.mark.parametrize("cut", ["se/", "se?sslmode=", "%zz", "se@"])
def test_a_malformed_url_repeats_nothing_of_it(cut: str) -> None:
    told = refusal(f"postgresql://{USER}:{cut}{PASSWORD}@host/db")
    assert told.startswith("--store: postgresql: found a malformed URL; legal: postgresql://")


def test_who_may_create_nothing_is_told(server: PostgresServer) -> None:
    server.run("CREATE ROLE guest LOGIN PASSWORD 'guest-word'")
    told = refusal(server.url(password="guest-word").replace(f"//{USER}:", "//guest:"))
    assert told.endswith("cannot be used as a store (permission denied for database postgres)")
    server.run("DROP ROLE guest")


def test_a_schema_of_somebody_else_is_refused_and_left_alone(server: PostgresServer) -> None:
    server.run("CREATE SCHEMA vaultdrill_vaultdrill; CREATE TABLE vaultdrill_vaultdrill.baseline (theirs text)")
    for look in (False, True):
        assert "schema vaultdrill_vaultdrill is of another application" in refusal(server.url(), look=look)
    assert server.run("SELECT * FROM vaultdrill_vaultdrill.baseline") == []


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (
            "COMMENT ON SCHEMA vaultdrill_vaultdrill IS 'vaultdrill baseline store, format 9'",
            "found a store of version",
        ),
        ("DROP TABLE vaultdrill_vaultdrill.progress", "damaged: schema vaultdrill_vaultdrill does not have the tables"),
        ("DELETE FROM vaultdrill_vaultdrill.progress", "damaged: found baselines without their checkpoint"),
        ("DELETE FROM vaultdrill_vaultdrill.baseline", "damaged: found a checkpoint without its baselines"),
    ],
)
def test_a_store_of_ours_that_is_not_whole_is_refused(server: PostgresServer, damage: str, told: str) -> None:
    filled(server)
    server.run(damage)
    assert told in refusal(server.url())
    assert told in refusal(server.url(), look=True)


@pytest.mark.parametrize("damage", ["set_byte(blob, 4, 0)", "''::bytea"])
def test_a_value_that_was_changed_is_not_read(server: PostgresServer, damage: str) -> None:
    filled(server)
    server.run(f"UPDATE vaultdrill_vaultdrill.baseline SET blob = {damage} WHERE grp = 'g'")
    with closing(open_store(server.url())) as store:
        assert store.read([b""]) == [b"none"]
        with pytest.raises(StoreError, match="damaged: what it holds differs from its checksum"):
            store.read([b"g"])


def test_what_libpq_makes_of_the_servers_words_is_one_line(server: PostgresServer) -> None:
    with closing(open_store(server.url())) as store:
        server.run("DROP SCHEMA vaultdrill_vaultdrill CASCADE")
        with pytest.raises(StoreError, match=r"cannot be used as a store \(relation .* does not exist\)"):
            store.read([b"g"])
    with psycopg.connect(server.url()) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)
