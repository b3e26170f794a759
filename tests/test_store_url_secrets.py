"""What a store's URL may look like before it is refused unread, and what a broken installation says of itself."""

import sys

import pytest

from detector.stores.base import StoreError
from detector.stores.kinds import store_kind
from detector.stores.store_url import StoreUrl


@pytest.mark.parametrize("cut", ["?a=", "?", "?a=b&", "?x=1@"])
@pytest.mark.parametrize("scheme", ["redis", "postgresql", "mystery"])
def test_a_raw_question_mark_in_a_password_is_refused_without_repeating_any_of_it(scheme: str, cut: str) -> None:
    with pytest.raises(StoreError) as refusal:
        StoreUrl.of(f"{scheme}://ada:first{cut}secret@host/0")
    told = str(refusal.value)
    assert told.startswith(f"--store: {scheme}: found a malformed URL; legal: {scheme}://")
    assert "\n" not in told
    assert not any(word in told for word in ("ada", "first", "secret", "host"))


@pytest.mark.parametrize("text", [" redis://:secret@host/0", "'redis://:secret@host/0'", "re dis://ada:secret@host/0"])
def test_a_url_whose_scheme_is_mistyped_is_no_path_to_be_repeated(text: str) -> None:
    with pytest.raises(StoreError) as refusal:
        StoreUrl.of(text)
    assert str(refusal.value) == "--store: found a malformed URL; legal: SCHEME://... or a path"


def test_an_at_sign_that_is_written_as_such_is_taken() -> None:
    assert StoreUrl.of("redis://ada:se%40cret%3F@host/0?store=a%40b").parameters == {"store": "a@b"}


def test_a_module_of_our_own_that_is_missing_is_no_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "detector.stores.sqlite", raising=False)
    monkeypatch.setitem(sys.modules, "detector.stores.sqlite_view", None)
    with pytest.raises(StoreError) as refusal:
        store_kind("sqlite")
    told = "this installation lacks its own module detector.stores.sqlite_view; legal: to install vaultdrill again"
    assert str(refusal.value) == f"--store: sqlite: {told}"
