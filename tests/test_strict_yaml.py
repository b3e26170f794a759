"""The part of YAML in which scenarios are written: what is read as what, and what is refused on which line."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scenarios.strict_yaml import DEEPEST, YamlError, plain, tree

BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{before}'] * 10)}]\n" for before, after in zip("abcdef", "bcdefg", strict=True)
)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("010", "010"),
        ("1e3", "1e3"),
        ("0x1f", "0x1f"),
        (".inf", ".inf"),
        ("1" + "0" * 5000, "1" + "0" * 5000),
        ("2026-02-31", "2026-02-31"),
        ("'40'", "40"),
        ("40", 40),
        ("-7", -7),
        ("53.35", 53.35),
        ("true", True),
        ("null", None),
        ("~", None),
        ("[a, {b: 1}]", ["a", {"b": 1}]),
    ],
)
def test_only_what_looks_like_json_is_not_text(written: str, value: object) -> None:
    assert plain(tree(written)) == value


def test_an_alias_stands_for_a_copy() -> None:
    assert plain(tree("a: &place {city: Oslo}\nb: *place")) == {"a": {"city": "Oslo"}, "b": {"city": "Oslo"}}


def test_a_merge_is_a_key_like_others() -> None:
    assert plain(tree("<<: {a: 1}")) == {"<<": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "1: found nothing; legal: a YAML document"),
        ("# nothing\n", "1: found nothing; legal: a YAML document"),
        ("a: 1\nb: 2\na: 3", "3: found the key a a second time; legal: each key once"),
        ("a:\n  - {b: 1, b: 2}", "2: found the key b a second time; legal: each key once"),
        ("a: 1\n? [b]\n: 2", "2: found a key that is not text; legal: the name of a field"),
        ("1: 2", "1: found a key that is not text; legal: the name of a field"),
        ("a: !!python/object:os.system x", "1: found the tag tag:yaml.org,2002:python/object:os.system; legal:"),
        ("a: 1\nb: !!binary aGk=", "2: found the tag tag:yaml.org,2002:binary; legal: a value without a tag"),
        ("a: ! b", "1: found the tag !; legal: a value without a tag"),
        ("a: &a [*a]", f"1: found more than {DEEPEST} levels; legal: fewer"),
        ("[" * 100_000, f"1: found more than {DEEPEST} levels; legal: fewer"),
        ("a: 1\nb: " + "[" * 17 + "]" * 17, f"2: found more than {DEEPEST} levels; legal: fewer"),
        (BOMB, "1: found more than 10,000 values; legal: fewer"),
        ("a: *b", "1: found undefined alias 'b'; legal: YAML"),
        ("a:\n\t- b", "2: found character '\\t' that cannot start any token; legal: YAML"),
        ("a: b\nc: \x07", "2: found the character U+0007; legal: text that can be read"),
        ("--- a\n--- b", "2: found another document; legal: YAML"),
        ("{a: b", "1: found '<stream end>'; legal: ',' or '}'"),
    ],
)
def test_a_trap_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(YamlError) as refused:
        plain(tree(text))
    assert str(refused.value).startswith(says)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text("ab 0:#-'\"\n{}[],&*!|>%@`~é", max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_what_yaml_writes_is_read_back(value: object) -> None:
    assert plain(tree(yaml.safe_dump(value, allow_unicode=True))) == value


@given(st.text("ab:-{}[]&*!#'\"|> \n\t?,%0", max_size=40))
def test_any_text_is_a_document_or_refused_in_one_line(text: str) -> None:
    try:
        plain(tree(text))
    except YamlError as error:
        said = str(error)
    else:
        said = "1: found a document; legal: that"
    assert re.fullmatch(r"\d+: found .+; legal: .+", said)
