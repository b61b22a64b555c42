# ruff: noqa: E501 - tables of cases read best one case to a line
"""Expressions: what they give, what they refuse, and that nothing a file says can make them run, hang or fail."""

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.flows.expression_values import LARGEST, MAX_TEXT, Value, number, text
from agents.flows.expressions import MAX_LENGTH, Expression

FACTS = {
    "amount": "12.50", "limit": "100", "number": "00740", "name": "Anna", "empty": "", "agreed": "yes", "refused": "no", "day": "2026-11-27",
    "today": "2026-11-20", "result.found": True, "result.count": 3, "result.status": "shipped", "has.name": True, "has.empty": False, "open_now": False,
    "none": None, "price": 0.1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("7 / 2", 3.5), ("8 / 2", 4), ("-amount", -12.5), ("price + 0.2", 0.3), ("amount * 3", 37.5), ("limit - amount", 87.5),
        ("amount + limit", 112.5), ("name + '!'", "Anna!"), ("'order ' + number", "order 00740"),
        ("amount <= 100", True), ("amount < limit", True), ("limit < 9", False), ("1 < result.count <= 3", True), ("1 < result.count < 3", False),
        ("day > today", True), ("day == '2026-11-27'", True), ("amount == 12.5", True), ("amount == '12.5'", False), ("number == 740", True), ("number == '740'", False),
        ("result.found and open_now", False), ("result.found and not open_now", True), ("name or 'friend'", "Anna"), ("empty or 'friend'", "friend"),
        ("agreed", "yes"), ("not agreed", False), ("not refused", True), ("agreed == true", True), ("refused == false", True), ("result.found == 'yes'", True), ("result.found == 1", False),
        ("has.name", True), ("has.empty", False), ("has.other", None),
        ("result.status in ['shipped', 'sent']", True), ("result.status not in ['shipped', 'sent']", False), ("'ship' in result.status", True), ("'x' not in result.status", True),
        ("result.count in [1, 3]", True), ("'' in name", False), ("missing in name", False), ("missing in [none, 1]", True), ("7 in number", True),
        ("len(number)", 5), ("len(missing)", 0), ("lower(name)", "anna"), ("last(number, 3)", "740"), ("last(number, 0)", ""), ("last(missing, 2)", ""), ("last(number, 99)", "00740"),
        ("days_until(day)", 7), ("days_until('2026-11-27T14:30')", 7), ("days_until('soon')", None), ("days_until(missing)", None), ("number('007')", 7), ("number(name)", None),
        # what is missing
        ("missing == ''", True), ("missing != ''", False), ("missing == none", True), ("empty == missing", True), ("missing == 0", False), ("missing < 1", False), ("missing > 1", False),
        ("missing + 1", None), ("1 / 0", None), ("amount / missing", None), ("-name", None), ("name * 3", None), ("missing or missing", None), ("not missing", True), ("true and none", None),
        ("name < 3", False), ("open_now < 1", False), ("'a' < 'b'", True),
    ],
)  # fmt: skip
def test_values(expression: str, value: Value) -> None:
    found = Expression(expression).value(FACTS)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("__import__('os').system('true')", "may not stand here"),
        ("__import__('os')", "no function '__import__'"),
        ("eval('1')", "no function 'eval'"),
        ("lenght(x)", "no function 'lenght'; did you mean 'len'?"),
        ("x.__class__", "may not stand here"), ("result.__class__", "may not stand here"), ("has.a.b", "may not stand here"), ("_x", "may not stand here"), ("__builtins__", "may not stand here"),
        ("name.upper()", "may not stand here"), ("result.found()", "may not stand here"), ("len(number)(1)", "may not stand here"), ("''.join(['a'])", "may not stand here"),
        ("2 ** 9", "may not stand here"), ("9 // 2", "may not stand here"), ("9 % 2", "may not stand here"), ("1 << 9", "may not stand here"), ("~1", "may not stand here"), ("+1", "may not stand here"),
        ("[1, 2]", "may not stand here"), ("{1: 2}", "may not stand here"), ("{1}", "may not stand here"), ("(1, 2)", "may not stand here"), ("number[0]", "may not stand here"),
        ("[x for x in 'ab']", "may not stand here"), ("lambda: 1", "may not stand here"), ("1 if x else 2", "may not stand here"), ("f'{x}'", "may not stand here"), ("(y := 1)", "may not stand here"),
        ("1j", "may not stand here"), ("b'x'", "may not stand here"), ("...", "may not stand here"), ("1e308", "may not stand here"), ("9999999999999999", "may not stand here"),
        ("len(*number)", "may not stand here"), ("len(x=1)", "may not stand here"), ("len()", "takes 1 values, not 0"), ("last(number)", "last\\(text, n\\) takes 2 values, not 1"),
        ("x is none", "write == or !="), ("a = 1", "not an expression"), ("x ==", "not an expression"), ("import os", "not an expression"), ("(" * 300, "not an expression"), ("1and 2", "not an expression"),
        ("", "an empty expression"), ("   ", "an empty expression"), ("x" * 501, "at most 500"), ("'\\x41'", "backslash"), ("1\x00", "control character"), ("not " * 40 + "x", "nested deeper than 20"),
        (" + ".join(["1"] * 120), "nested deeper|more than 120 parts"), ("x in [" + "1, " * 150 + "]", "more than 120 parts"),
    ],
)  # fmt: skip
def test_what_may_not_stand_in_an_expression(expression: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Expression(expression)


def test_the_names_it_uses_are_known_and_can_be_renamed() -> None:
    expression = Expression("has.amount and last(amount, 2) in ['00', result.amount] and not true")
    assert expression.names == {"has.amount", "amount", "result.amount"}
    moved = expression.renamed({"amount": "refund__amount", "other": "x"})
    assert moved.names == {"has.refund__amount", "refund__amount", "result.amount"}
    facts = {"amount": "5.00", "has.amount": True, "result.amount": "x"}
    assert moved.value({"refund__amount": "5.00", "has.refund__amount": True, "result.amount": "x"}) == expression.value(facts)
    assert expression.renamed({"other": "x"}) is expression
    assert Expression(" a ") == Expression("a") != Expression("b")
    assert hash(Expression("a")) == hash(Expression("a "))


def test_nothing_grows_without_end() -> None:
    assert Expression("a * a * a * a").value({"a": 10**8}) is None
    assert Expression(" + ".join(["a"] * 15)).value({"a": "x" * 900}) == "x" * MAX_TEXT
    assert Expression("len(a)").value({"a": "x" * 5000}) == MAX_TEXT
    assert Expression("a + 1").value({"a": "9" * 4000}) == "9" * 1000
    assert [number(value) for value in (math.inf, math.nan, -math.inf, 1e300, "1e9", "٣", "1_000", "0x10")] == [None] * 8


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["12.50", "yes", "no", "2026-11-27", "0", "-1"]),
)
FACT_MAPS = st.dictionaries(st.sampled_from(["a", "b", "c", "has.a", "result.a", "today"]), VALUES)
LEAVES = st.sampled_from(["a", "b", "c", "has.a", "result.a", "1", "0", "2.5", "'x'", "''", "'7'", "true", "false", "none", "today"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "in", "not in"]), inner).map(
            lambda p: f"({p[0]} {p[1]} {p[2]})"
        ),
        inner.map(lambda p: f"(not {p})"),
        inner.map(lambda p: f"(-{p})"),
        st.tuples(st.sampled_from(["len", "lower", "days_until", "number"]), inner).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"last({p[0]}, {p[1]})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda p: f"(a in [{', '.join(p)}])"),
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(EXPRESSIONS, FACT_MAPS)
def test_every_allowed_expression_has_a_value_for_whatever_is_known(source: str, facts: dict[str, Value]) -> None:
    try:
        expression = Expression(source)
    except ValueError as error:
        assert "nested deeper" in str(error) or "parts" in str(error) or "characters" in str(error)
        return
    value = expression.value(facts)
    assert value is None or isinstance(value, bool | int | float | str)
    if isinstance(value, str):
        assert len(value) <= max(MAX_TEXT, 20)
    elif isinstance(value, int | float) and not any(isinstance(fact, int | float) for fact in facts.values()):
        assert abs(value) <= LARGEST
    assert isinstance(expression.holds(facts), bool)
    assert isinstance(text(value), str)
    names = {"a": "z__a", "b": "z__b"}
    moved = {**facts, **{new: facts[old] for old, new in names.items() if old in facts}}
    if "has.a" in facts:
        moved["has.z__a"] = facts["has.a"]
    again = expression.renamed(names).value(moved)
    assert again == value or (again != again and value != value)


HOSTILE = st.text(alphabet="abx_.()[]{}'\"\\+-*/<>=!,:@ \n0129einotrl", max_size=MAX_LENGTH + 5)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=60), HOSTILE))
def test_any_text_is_either_an_expression_or_refused(source: str) -> None:
    try:
        expression = Expression(source)
    except ValueError as error:
        assert str(error)
        return
    assert not any(name.split(".")[-1].startswith("_") for name in expression.names)
    expression.value(dict.fromkeys(expression.names, "x"))


@given(st.decimals(min_value=-9999, max_value=9999, places=2), st.decimals(min_value=-9999, max_value=9999, places=2))
def test_money_is_added_exactly(a: Decimal, b: Decimal) -> None:
    found = Expression("a + b").value({"a": str(a), "b": str(b)})
    assert isinstance(found, int | float)
    assert Decimal(str(found)) == a + b
    assert Expression("a < b").value({"a": str(a), "b": str(b)}) is (a < b)
