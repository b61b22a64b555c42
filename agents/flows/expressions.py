"""Expressions of a flow: ``result.found and amount <= 100``. Parsed by Python's ``ast``, walked by our own allow-list; never run by Python.

Values are texts, numbers, booleans or nothing. Slots are texts; a text that is a plain number counts as one where a number is needed.
What is missing (or empty) is never an error: it is unequal to everything but another missing value, in no order to anything, and
arithmetic with it gives nothing. ``and`` and ``or`` give one of their operands, as in Python. False are: nothing, ``""``, ``0``, ``false``,
and the texts ``"no"`` and ``"false"`` (a yes_no slot may stand alone as a condition).
"""

import ast
import warnings
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from agents.flows.expression_values import FUNCTIONS, LARGEST, Value, add, arithmetic, contains, equal, ordered, true
from agents.flows.names import nearest

MAX_LENGTH: Final = 500
"""Characters."""
MAX_DEPTH: Final = 20
MAX_PARTS: Final = 120
WORDS: Final[Mapping[str, Value]] = {"true": True, "false": False, "none": None}
_SPACES: Final = ("result", "has")
"""Names that have fields."""
_ALLOWED: Final = (
    "Only names, has.slot, result.field, texts, numbers, lists, and or not, == != < <= > >= in, + - * /, parentheses and the functions "
    f"{', '.join(sorted(FUNCTIONS))} may stand in an expression"
)


class Expression:
    """One expression, checked when it is made. Immutable; equal to another of the same text."""

    __slots__ = ("_tree", "names", "text")

    text: str
    names: frozenset[str]
    """Every name it uses, such as ``amount``, ``has.amount`` and ``result.found``."""

    def __init__(self, text: str) -> None:
        """Raises ValueError."""
        self.text = text.strip()
        self._tree = _parse(self.text)
        self.names = frozenset(_names(self._tree))

    def value(self, facts: Mapping[str, Any]) -> Value:
        """Its value; ``facts`` holds dotted names. Never raises; what is not there is nothing (None)."""
        return _value(self._tree, facts)

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether its value counts as true."""
        return true(_value(self._tree, facts))

    def renamed(self, names: Mapping[str, str]) -> "Expression":
        """The same with other slots in it: ``names`` maps old to new, ``has.`` follows."""
        if not any(name.removeprefix("has.") in names for name in self.names):
            return self
        return Expression(ast.unparse(_Renamer(names).visit(_parse(self.text))))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    @classmethod
    def _of(cls, given: Any) -> "Expression":
        if isinstance(given, Expression):
            return given
        if isinstance(given, bool):
            return cls(str(given).lower())
        if isinstance(given, str | int | float):
            return cls(str(given))
        raise ValueError('write an expression, such as "amount <= 100"')

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._of, serialization=core_schema.plain_serializer_function_ser_schema(lambda it: it.text)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": ["string", "number", "boolean"], "description": f"Expression. {_ALLOWED}."}


class _Renamer(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._names.get(node.id, node.id))

    def visit_Call(self, node: ast.Call) -> ast.Call:
        return ast.Call(node.func, [self.visit(argument) for argument in node.args], [])

    def visit_Attribute(self, node: ast.Attribute) -> ast.Attribute:
        space = _dotted(node).partition(".")[0]
        return ast.Attribute(node.value, self._names.get(node.attr, node.attr) if space == "has" else node.attr)


def _parse(text: str) -> ast.expr:
    """A tree in which nothing but the allowed stands. Raises ValueError."""
    if not text:
        raise ValueError("an empty expression")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"an expression of {len(text)} characters; at most {MAX_LENGTH} are allowed, use several cases or a set node")
    if "\\" in text or not text.isprintable():
        raise ValueError("a backslash or control character in an expression; write plain text")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError, Warning) as error:
        raise ValueError(f"{text!r} is not an expression: {getattr(error, 'msg', None) or 'too deep'}") from error
    if sum(isinstance(part, ast.expr) for part in ast.walk(tree)) > MAX_PARTS:
        raise ValueError(f"an expression of more than {MAX_PARTS} parts; use several cases or a set node")
    _check(tree, 0)
    return tree


def _check(node: ast.AST, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"an expression nested deeper than {MAX_DEPTH}; use several cases or a set node")
    for part in _parts(node):
        _check(part, depth + 1)


def _parts(node: ast.AST) -> list[ast.expr]:
    """What an allowed node is made of. Raises ValueError for any other."""
    match node:
        case ast.BoolOp(values=values):
            return values
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            return [operand]
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
            return [node.left, node.right]
        case ast.Compare():
            return [node.left, *_compared(node)]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _arguments(name, arguments)
        case ast.Constant(value=bool() | None | str()):
            return []
        case ast.Constant(value=int() | float() as number) if abs(number) <= LARGEST:
            return []
        case ast.Name() | ast.Attribute() if _dotted(node):
            return []
    raise ValueError(f"{_shown(node)} may not stand here. {_ALLOWED}")


def _compared(node: ast.Compare) -> list[ast.expr]:
    parts: list[ast.expr] = []
    for operator, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(operator, ast.Is | ast.IsNot):
            raise ValueError("'is' may not stand here; write == or !=")
        listed = isinstance(operator, ast.In | ast.NotIn) and isinstance(right, ast.List | ast.Tuple)
        parts += right.elts if listed and isinstance(right, ast.List | ast.Tuple) else [right]
    return parts


def _arguments(name: str, arguments: list[ast.expr]) -> list[ast.expr]:
    if name not in FUNCTIONS:
        raise ValueError(f"no function {name!r}{nearest(name, FUNCTIONS)}; known are {', '.join(sorted(FUNCTIONS))}")
    wanted = FUNCTIONS[name].arguments
    if len(arguments) != len(wanted):
        raise ValueError(f"{name}({', '.join(wanted)}) takes {len(wanted)} values, not {len(arguments)}")
    return arguments


def _dotted(node: ast.AST) -> str:
    """``amount`` or ``result.found``; empty for any other attribute."""
    match node:
        case ast.Name(id=name) if not name.startswith("_"):
            return name
        case ast.Attribute(value=ast.Name(id=space), attr=field) if space in _SPACES and not field.startswith("_"):
            return f"{space}.{field}"
    return ""


def _shown(node: ast.AST) -> str:
    try:
        return repr(ast.unparse(node)[:60])
    except (ValueError, RecursionError):
        return "this"


def _names(node: ast.AST) -> Iterator[str]:
    if name := _dotted(node):
        if name not in WORDS:
            yield name
        return
    listed = [part for part in ast.iter_child_nodes(node) if not (isinstance(node, ast.Call) and part is node.func)]
    for part in listed:
        yield from _names(part)


def _value(node: ast.expr, facts: Mapping[str, Any]) -> Value:
    match node:
        case ast.Constant():
            return node.value if isinstance(node.value, bool | int | float | str) else None
        case ast.Name() | ast.Attribute():
            return _fact(_dotted(node), facts)
        case ast.BoolOp():
            return _either(node, facts)
        case ast.UnaryOp(op=ast.Not()):
            return not true(_value(node.operand, facts))
        case ast.UnaryOp():
            return arithmetic("-", 0, _value(node.operand, facts))
        case ast.BinOp():
            left, right = _value(node.left, facts), _value(node.right, facts)
            return add(left, right) if isinstance(node.op, ast.Add) else arithmetic(_SIGNS[type(node.op)], left, right)
        case ast.Compare():
            return _comparison(node, facts)
        case ast.Call(func=ast.Name(id=name)):
            return FUNCTIONS[name].apply([_value(argument, facts) for argument in node.args], facts)
    raise AssertionError(f"unchecked {type(node).__name__}")


_SIGNS: Final = {ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_ORDERS: Final = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def _fact(name: str, facts: Mapping[str, Any]) -> Value:
    if name in WORDS and name not in facts:
        return WORDS[name]
    value = facts.get(name)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value) if isinstance(value, Decimal) else None


def _either(node: ast.BoolOp, facts: Mapping[str, Any]) -> Value:
    last: Value = None
    for part in node.values:
        last = _value(part, facts)
        if true(last) is isinstance(node.op, ast.Or):
            return last
    return last


def _comparison(node: ast.Compare, facts: Mapping[str, Any]) -> bool:
    left = _value(node.left, facts)
    for operator, part in zip(node.ops, node.comparators, strict=True):
        if isinstance(part, ast.List | ast.Tuple):
            found = any(equal(left, _value(item, facts)) for item in part.elts)
            if found is isinstance(operator, ast.NotIn):
                return False
            continue
        right = _value(part, facts)
        if not _compare(operator, left, right):
            return False
        left = right
    return True


def _compare(operator: ast.cmpop, left: Value, right: Value) -> bool:
    match operator:
        case ast.Eq():
            return equal(left, right)
        case ast.NotEq():
            return not equal(left, right)
        case ast.In():
            return contains(right, left)
        case ast.NotIn():
            return not contains(right, left)
    return ordered(_ORDERS[type(operator)], left, right)
