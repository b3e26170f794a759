"""Queries mean what Datadog's log search means by them; what is not covered is refused by name."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.query import ANYWHERE, LEGAL_FIELD, MESSAGE, Query, QueryError, compile_query
from detector.terms import SEPARATOR
from detector.token import token

Attributes = Mapping[str, object]


def selects(query: str, attributes: Attributes) -> bool:
    compiled = compile_query(query)
    return compiled.matches([token(attributes.get(field)) for field in compiled.fields])


REVEAL: Attributes = {"source": "1password", "@evt.name": "reveal", "@usr.email": "ada@example.com", "@n": 5}


@pytest.mark.parametrize(
    ("query", "selected"),
    [
        ("", True),
        ("   ", True),
        ("*", True),
        ("source:1password", True),
        ("source:okta", False),
        ("@evt.name:reveal", True),
        ("evt.name:reveal", False),
        ("@usr.email:ada@example.com", True),
        ("source:1password @evt.name:reveal", True),
        ("source:1password @evt.name:fill", False),
        ("source:1password AND @evt.name:reveal", True),
        ("@evt.name:fill OR @evt.name:reveal", True),
        ("NOT @evt.name:fill", True),
        ("-@evt.name:reveal", False),
        ("NOT (@evt.name:fill OR @evt.name:share)", True),
        ("-(source:1password @evt.name:reveal)", False),
        ("NOT NOT @evt.name:reveal", True),
        ("@evt.name:(fill OR reveal)", True),
        ("@evt.name:(fill OR share)", False),
        ("@evt.name:(re* -reveal)", False),
        ("@evt.name:(* -fill)", True),
        ("@evt.name:(NOT fill)", True),
        ("((@evt.name:reveal))", True),
        ('@evt.name:"reveal"', True),
    ],
)
def test_a_query_selects_as_it_reads(query: str, *, selected: bool) -> None:
    assert selects(query, REVEAL) is selected


@pytest.mark.parametrize(
    ("query", "means"),
    [
        ("@a:1 @b:1 OR @c:1", lambda a, b, c: (a and b) or c),
        ("@a:1 OR @b:1 @c:1", lambda a, b, c: a or (b and c)),
        ("@a:1 AND @b:1 OR @c:1", lambda a, b, c: (a and b) or c),
        ("@a:1 OR @b:1 AND @c:1", lambda a, b, c: a or (b and c)),
        ("@a:1 (@b:1 OR @c:1)", lambda a, b, c: a and (b or c)),
        ("NOT @a:1 @b:1", lambda a, b, _: not a and b),
        ("-@a:1 OR @b:1 -@c:1", lambda a, b, c: not a or (b and not c)),
        ("@a:1 OR NOT @b:1 @c:1", lambda a, b, c: a or (not b and c)),
    ],
)
def test_and_written_or_not_binds_closer_than_or_and_not_closest(
    query: str, means: Callable[[bool, bool, bool], bool]
) -> None:
    for number in range(8):
        a, b, c = (bool(number & bit) for bit in (1, 2, 4))
        assert selects(query, {"@a": int(a), "@b": int(b), "@c": int(c)}) is means(a, b, c)


def test_precedence_holds_inside_the_parentheses_of_a_field_too() -> None:
    query = "@x:(*b* *c* OR a*)"
    assert [selects(query, {"@x": value}) for value in ("a", "bc", "b", "ab")] == [True, True, False, True]


@pytest.mark.parametrize(
    ("query", "value", "selected"),
    [
        ("@x:Fill", "fill", False),
        ("@x:fill", "fill ", False),
        ("@x:fi*", "fill", True),
        ("@x:FI*", "fill", False),
        ("@x:*il*", "fill", True),
        ("@x:fil", "fill", False),
        ("@x:f?ll", "fill", True),
        ("@x:f?l", "fill", False),
        (r"@x:fi\*", "fi*", True),
        (r"@x:fi\*", "fill", False),
        ('@x:"fi*"', "fi*", True),
        ('@x:"fi*"', "fill", False),
        ("@x:a*c", "a\nc", True),
        ("@x:a.c", "abc", False),
        ('@x:"two words"', "two words", True),
        (r"@x:two\ words", "two words", True),
        ('@x:"say \\"hi\\""', 'say "hi"', True),
        (r"@x:a\:b", "a:b", True),
        ("@x:a/b", "a/b", True),
        ("@x:/a.*/", "ab", False),
        ("@x:/a.b/", "/a.b/", True),
        ('@x:"a/b"', "a/b", True),
        ('@x:"a && b"', "a && b", True),
        ("@x:été", "été", True),
    ],
)
def test_an_attribute_search_compares_whole_values_in_their_case(query: str, value: str, *, selected: bool) -> None:
    assert selects(query, {"@x": value}) is selected


@pytest.mark.parametrize(
    ("query", "value", "selected"),
    [
        ("@x:5", 5, True),
        ("@x:5", 5.0, True),
        ("@x:5.0", 5, True),
        ("@x:5", "5", True),
        ("@x:5", "5.0", False),
        ("@x:5", 50, False),
        ("@x:1", True, False),
        ("@x:true", True, True),
        ("@x:true", "true", True),
        ("@x:false", True, False),
        ("@x:1*", 12, True),
        (r"@x:\-5", -5, True),
        ("@x:>5", 5, False),
        ("@x:>=5", 5, True),
        ("@x:<5", 4.5, True),
        ("@x:<=5", 5.5, False),
        ("@x:>-3", -2, True),
        ("@x:<-3", -2, False),
        ("@x:>5", "6", True),
        ("@x:>5", "many", False),
        ("@x:>10", "9", False),
        ("@x:[1 TO 5]", 1, True),
        ("@x:[1 TO 5]", 5, True),
        ("@x:{1 TO 5}", 5, False),
        ("@x:{1 TO 5}", 4, True),
        ("@x:[1 TO 5}", 5, False),
        ("@x:[-5 TO -1]", -3, True),
        ("@x:[5 TO *]", 6, True),
        ("@x:[* TO 5]", 6, False),
        ("@x:[1 TO 5]", True, False),
    ],
)
def test_numbers_compare_by_value(query: str, value: object, *, selected: bool) -> None:
    assert selects(query, {"@x": value}) is selected


@pytest.mark.parametrize("value", [None, "", [], ["a"], {"a": 1}])
def test_an_absent_attribute_has_no_value_to_match(value: object) -> None:
    attributes = {"@x": value}
    assert not selects("@x:*", attributes)
    assert selects("-@x:*", attributes)
    assert selects("-@x:a", attributes)
    assert not any(selects(query, attributes) for query in ("@x:a", "@x:?", "@x:a*", "@x:<9", "@x:[* TO *]", '@x:""'))


@pytest.mark.parametrize("value", ["a", 0, False, 1.5])
def test_every_other_value_is_there(value: object) -> None:
    assert selects("@x:*", {"@x": value})
    assert not selects("-@x:*", {"@x": value})


@pytest.mark.parametrize(
    ("query", "selected"),
    [
        ("vault", True),
        ("VAULT", True),
        ("vau", False),
        ("vau*", True),
        ("ex*ted", True),
        ("export", False),
        ("export?d", True),
        ('"vault was exported"', True),
        ('"was vault"', False),
        ('"Vault  was"', True),
        ("ada", True),
        ("exported vault", True),
        ("vault -ada", False),
        ("nothing OR vault", True),
    ],
)
def test_a_bare_term_searches_the_message_for_whole_words_in_any_case(query: str, *, selected: bool) -> None:
    assert compile_query(query).fields == (MESSAGE,)
    assert selects(query, {MESSAGE: "Vault was exported by Ada."}) is selected


@pytest.mark.parametrize(
    ("query", "selected"),
    [
        ("*:reveal", True),
        ("*:REVEAL", True),
        ("*:rev", False),
        ("*:rev*", True),
        ('*:"ada l"', True),
        ("*:a*v", False),
        ("*:ada?l?r*", False),
    ],
)
def test_a_star_for_a_field_means_the_whole_value_of_any_attribute_in_any_case(query: str, *, selected: bool) -> None:
    assert selects(query, {ANYWHERE: SEPARATOR.join(["Ada L", "reveal"])}) is selected


@pytest.mark.parametrize(
    ("query", "address", "selected"),
    [
        ("CIDR(@ip,192.0.2.0/24)", "192.0.2.255", True),
        ("CIDR(@ip,192.0.2.0/24)", "198.51.100.1", False),
        ("CIDR(@ip, 192.0.2.0/24, 198.51.100.0/24)", "198.51.100.1", True),
        ("CIDR(@ip,2001:db8::/32)", "2001:db8::7", True),
        ("NOT CIDR(@ip,192.0.2.0/24)", "192.0.2.7", False),
        ("-CIDR(@ip,192.0.2.0/24)", "198.51.100.1", True),
        ("CIDR(@ip,192.0.2.0/24) OR @ip:none", "none", True),
        ("CIDR(@ip,192.0.2.0/24)", "no address", False),
        ("CIDR(@ip,192.0.2.0/24)", None, False),
    ],
)
def test_cidr_selects_the_addresses_of_its_blocks(query: str, address: str | None, *, selected: bool) -> None:
    assert selects(query, {"@ip": address}) is selected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("@x:a~", "a fuzzy term (~) is not covered: 'a~'"),
        ("@x:a^2", "a boost (^) is not covered: 'a^2'"),
        ("+@x:a", "a required term (+) is not covered: '+@x:a'"),
        ('"a b"~2', "a proximity search (~) is not covered: '\"a b\"~2'"),
        ("a && b", "the operator '&&' is not covered; escape it with a backslash or quote it"),
        ("a || b", "the operator '||' is not covered; escape it with a backslash or quote it"),
        ("!a", "the operator '!' is not covered: '!a'; write NOT or -"),
        ("#x:1", "the calculated field prefix '#' is not covered; escape it with a backslash or quote it"),
        ("@x*:a", "a wildcard in a field name is not covered: '@x*'"),
        ("@x:a:b", "an unescaped ':' in a value is not covered: '@x:a:b'"),
        ("@x:-a", "a value that begins with an operator is not covered, escape it: '@x:-a'"),
        ("@x:[a TO b]", "a bound must be a number: found 'a'"),
        ("@x:>noon", "a bound must be a number: found 'noon'"),
        (">5", "a comparison needs a field: '>5'"),
        ("[1 TO 5]", "a comparison needs a field: '[1 TO 5]'"),
        (r"@x\\y:1", f"found the field '@x\\\\y'; legal: {LEGAL_FIELD}"),
        ("CIDR(@ip)", "CIDR takes an attribute and one or more blocks, found CIDR(@ip)"),
        ("CIDR(@ip,home)", "CIDR block: 'home' does not appear to be an IPv4 or IPv6 network"),
    ],
)
def test_what_is_not_covered_is_refused_by_name(query: str, message: str) -> None:
    with pytest.raises(QueryError) as refusal:
        compile_query(query)
    assert str(refusal.value) == message


@pytest.mark.parametrize("query", ["(a", "a)", "a OR", "AND a", "@x:", '"a', "@x:[1 TO", "NOT", "-"])
def test_what_cannot_be_parsed_is_refused_in_one_line_that_shows_it(query: str) -> None:
    with pytest.raises(QueryError) as refusal:
        compile_query(query)
    assert str(refusal.value).startswith(f"{query!r} cannot be parsed (")
    assert "\n" not in str(refusal.value)


def test_the_fields_of_a_query_are_each_named_once_in_order_of_appearance() -> None:
    assert compile_query("@b:1 (source:x OR @a:2) -@b:3 word").fields == ("@b", "source", "@a", MESSAGE)


def compiled_or_refused(text: str) -> Query | str:
    try:
        return compile_query(text)
    except QueryError as refusal:
        return str(refusal)


@given(st.text(alphabet='ab@x:()[]{}"\\*?<>=-+~^!&|#/, \tANDORNOTTO15', max_size=25))
def test_any_text_compiles_or_is_refused_in_one_line(text: str) -> None:
    outcome = compiled_or_refused(text)
    if isinstance(outcome, str):
        assert outcome.strip()
        assert "\n" not in outcome
    else:
        assert isinstance(outcome.matches([None] * len(outcome.fields)), bool)


NAMES = "abcd"
Truth = Mapping[str, bool]
Meaning = Callable[[Truth], bool]
Formula = tuple[str, Meaning]


def atom(name: str) -> Formula:
    return f"@{name}:yes", lambda truth: truth[name]


def negation(operator: str, inner: Formula) -> Formula:
    text, means = inner
    return f"{operator}({text})", lambda truth: not means(truth)


def both(operator: str, left: Formula, right: Formula) -> Formula:
    return f"({left[0]}){operator}({right[0]})", lambda truth: left[1](truth) and right[1](truth)


def either(left: Formula, right: Formula) -> Formula:
    return f"({left[0]}) OR ({right[0]})", lambda truth: left[1](truth) or right[1](truth)


atoms = st.sampled_from(NAMES).map(atom)
parenthesised = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(negation, st.sampled_from(["NOT ", "-"]), inner),
        st.builds(both, st.sampled_from([" ", " AND "]), inner, inner),
        st.builds(either, inner, inner),
    ),
    max_leaves=12,
)


def conjunction(members: list[tuple[str, Formula]], joints: list[str]) -> Formula:
    """Terms side by side, or joined by AND; each with or without a NOT of its own."""
    pieces = [f"{sign}{text}" for sign, (text, _) in members]
    text = pieces[0] + "".join(f"{joint}{piece}" for joint, piece in zip(joints, pieces[1:], strict=False))
    return text, lambda truth: all(bool(sign) != means(truth) for sign, (_, means) in members)


def disjunction(alternatives: list[Formula]) -> Formula:
    return " OR ".join(text for text, _ in alternatives), lambda truth: any(means(truth) for _, means in alternatives)


def grouped(inner: Formula) -> Formula:
    return f"({inner[0]})", inner[1]


def flat(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    """Alternatives of conjunctions without a parenthesis but those of *inner*."""
    member = st.tuples(st.sampled_from(["", "", "NOT ", "-"]), inner)
    joints = st.lists(st.sampled_from([" ", " AND ", "  "]), min_size=3, max_size=3)
    alternative = st.builds(conjunction, st.lists(member, min_size=1, max_size=4), joints)
    return st.lists(alternative, min_size=1, max_size=3).map(disjunction)


truths = st.fixed_dictionaries({name: st.booleans() for name in NAMES})


def agrees(formula: Formula, truth: Truth) -> bool:
    query, means = formula
    return selects(query, {f"@{name}": "yes" if truth[name] else "no" for name in NAMES}) is means(truth)


@given(parenthesised, truths)
def test_any_formula_in_explicit_parentheses_means_what_python_makes_of_it(formula: Formula, truth: Truth) -> None:
    assert agrees(formula, truth)


@given(flat(st.one_of(atoms, flat(atoms).map(grouped))), truths)
def test_any_formula_without_parentheses_is_alternatives_of_conjunctions(formula: Formula, truth: Truth) -> None:
    assert agrees(formula, truth)


@pytest.mark.parametrize(
    ("query", "verdict"),
    [
        ("@a:yes", True),
        ("@a:no", False),
        ("@z:*", False),
        ("-@a:y*", False),
        ("@b:yes", None),
        ("@a:no @b:yes", False),
        ("@a:yes @b:yes", None),
        ("@a:yes OR @b:yes", True),
        ("@a:no OR @b:yes", None),
        ("-(@a:no @b:yes)", True),
        ("@b:yes OR -@b:yes", None),
        ("*", True),
        ("yes", None),
        ("*:yes", None),
    ],
)
def test_what_is_known_of_every_record_may_decide_a_query_beforehand(query: str, *, verdict: bool | None) -> None:
    assert compile_query(query).verdict({"@a": "yes", "@z": None}) is verdict


@given(
    st.one_of(parenthesised, flat(st.one_of(atoms, flat(atoms).map(grouped)))), truths, st.sets(st.sampled_from(NAMES))
)
def test_a_verdict_holds_whatever_the_fields_are_that_it_does_not_know(
    formula: Formula, truth: Truth, known: set[str]
) -> None:
    query, means = formula
    verdict = compile_query(query).verdict({f"@{name}": "yes" if truth[name] else "no" for name in known})
    assert verdict is (means(truth) if known == set(NAMES) else verdict)
    assert verdict in (None, means(truth))


@pytest.mark.parametrize(
    "query",
    ["!@evt.name:fill", 'CIDR("@ip",192.0.2.0/24)', "CIDR (@ip,192.0.2.0/24)", "cidr(@ip,192.0.2.0/24)"],
)
def test_near_misses_of_operators_and_functions_are_refused_rather_than_taken_for_words(query: str) -> None:
    with pytest.raises(QueryError, match=r"\A[^\n]*(!|CIDR|cidr)[^\n]*\Z"):
        compile_query(query)


@pytest.mark.parametrize("bound", ["nan", "inf", "1_0", "١٢"])
def test_a_bound_is_a_number_in_plain_digits(bound: str) -> None:
    with pytest.raises(QueryError, match="a bound must be a number"):
        compile_query(f"@x:>{bound}")
    assert not compile_query("@x:>=0").matches((bound,))
