"""Conditions of clinical content: small expressions over named answers, in Kleene's three values.

    not alert or speech in ["words", "none"]
    stroke_signs and 270 < lkw_min <= 360
    not conscious and breathing_normal == "unknown" and not known(obvious_death)

Rule 1: an answer that was not given is open (None), never false; `and`, `or`, `not` are Kleene's.
Rule 2: a bare name is true when it was answered yes, or when several-choice has any choice.
Rule 3: `in` over a several-choice answer asks whether any of the choices is listed.
Rule 4: `x == "unknown"` is true when the caller was asked and does not know.
Rule 5: `known(c)` is true when c is established by now, and false otherwise; it is never open.
Rule 6: nothing else is accepted: no calls, no arithmetic, no attributes, and nothing is executed.
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Final

from goldenhour.kernel.record import Record

type Scalar = bool | int | float | str
type Answer = bool | int | float | str | tuple[str, ...]
type Answers = Mapping[str, Answer]

UNKNOWN: Final = "unknown"
"""The answer of one who was asked and does not know."""


class ConditionError(ValueError):
    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{reason}: {text}")
        self.text = text
        self.reason = reason


class Ask(Record):
    """A question to one answer; `op` is a key of `_ORDER`, or `set`, `==`, `in`."""

    name: str
    op: str
    against: Scalar | tuple[Scalar, ...]


class Not(Record):
    part: "Condition"


class Known(Record):
    part: "Condition"


class Every(Record):
    parts: "tuple[Condition, ...]"


class Some(Record):
    parts: "tuple[Condition, ...]"


type Condition = Ask | Not | Known | Every | Some

_ORDER: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_AST_ORDER: Final[dict[type[ast.cmpop], str]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_MIRROR: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@cache
def parse(text: str) -> Condition:
    """The condition that a text states; raises ConditionError."""
    try:
        return _node(ast.parse(text.strip(), mode="eval").body)
    except ConditionError as error:
        raise ConditionError(text, error.reason) from None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError(text, "no expression") from error


def truth(condition: Condition, answers: Answers, *, may_change: bool = False) -> bool | None:
    """True, False, or None for open.

    With `may_change`, whatever is not answered yet, or answered "unknown", counts as open even
    inside `known` and `== "unknown"`: then False means that no later answer can make it true.
    """
    match condition:
        case Ask():
            return _ask(condition, answers, may_change)
        case Not(part=part):
            value = truth(part, answers, may_change=may_change)
            return None if value is None else not value
        case Known(part=part):
            value = truth(part, answers, may_change=may_change)
            return value if may_change else value is True
        case Every(parts=parts):
            return _kleene(parts, answers, may_change, decisive=False)
        case Some(parts=parts):
            return _kleene(parts, answers, may_change, decisive=True)


def open_names(
    condition: Condition, answers: Answers, *, may_change: bool = False
) -> frozenset[str]:
    """The names whose answers can settle an open condition; empty when it is settled."""
    if truth(condition, answers, may_change=may_change) is not None:
        return frozenset()
    match condition:
        case Ask(name=name):
            return frozenset({name})
        case Not(part=part) | Known(part=part):
            return open_names(part, answers, may_change=may_change)
        case Every(parts=parts) | Some(parts=parts):
            return frozenset().union(
                *(open_names(part, answers, may_change=may_change) for part in parts)
            )


def asks_of(condition: Condition) -> Iterator[Ask]:
    """Every question to an answer within a condition."""
    match condition:
        case Ask():
            yield condition
        case Not(part=part) | Known(part=part):
            yield from asks_of(part)
        case Every(parts=parts) | Some(parts=parts):
            for part in parts:
                yield from asks_of(part)


def _kleene(
    parts: tuple[Condition, ...], answers: Answers, may_change: bool, *, decisive: bool
) -> bool | None:
    open_part = False
    for part in parts:
        value = truth(part, answers, may_change=may_change)
        if value is decisive:
            return decisive
        open_part = open_part or value is None
    return None if open_part else not decisive


def _ask(ask: Ask, answers: Answers, may_change: bool) -> bool | None:
    answer = answers.get(ask.name)
    if answer is None:
        return None
    if answer == UNKNOWN:
        return True if ask.against == UNKNOWN and not may_change else None
    if ask.op == "set":
        return bool(answer)
    if ask.op == "==":
        return answer == ask.against
    if ask.op == "in":
        listed = ask.against
        assert isinstance(listed, tuple)
        return any(a in listed for a in answer) if isinstance(answer, tuple) else answer in listed
    assert isinstance(answer, int | float)
    assert isinstance(ask.against, int | float)
    return _ORDER[ask.op](answer, ask.against)


def _node(node: ast.expr) -> Condition:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return Every(parts=tuple(_node(value) for value in values))
        case ast.BoolOp(values=values):
            return Some(parts=tuple(_node(value) for value in values))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Not(part=_node(operand))
        case ast.Call(func=ast.Name(id="known"), args=[inner], keywords=[]):
            return Known(part=_node(inner))
        case ast.Name(id=name):
            return Ask(name=name, op="set", against=True)
        case ast.Compare(left=left, ops=ops, comparators=rights):
            lefts = [left, *rights[:-1]]
            links = tuple(_link(a, op, b) for a, op, b in zip(lefts, ops, rights, strict=True))
            return links[0] if len(links) == 1 else Every(parts=links)
    raise ConditionError("", f"{type(node).__name__} is not part of the language")


def _link(left: ast.expr, op: ast.cmpop, right: ast.expr) -> Condition:
    """One link of a comparison: a name on one side, constants on the other."""
    match left, op, right:
        case ast.Name(id=name), ast.In(), ast.List(elts=items) | ast.Tuple(elts=items):
            return Ask(name=name, op="in", against=tuple(_constant(item) for item in items))
        case ast.Name(id=name), ast.NotIn(), ast.List(elts=items) | ast.Tuple(elts=items):
            listed = tuple(_constant(item) for item in items)
            return Not(part=Ask(name=name, op="in", against=listed))
        case ast.Name(id=name), ast.Eq(), _:
            return Ask(name=name, op="==", against=_constant(right))
        case ast.Name(id=name), ast.NotEq(), _:
            return Not(part=Ask(name=name, op="==", against=_constant(right)))
        case ast.Name(id=name), _, _ if type(op) in _AST_ORDER:
            return Ask(name=name, op=_AST_ORDER[type(op)], against=_number(right))
        case _, _, ast.Name(id=name) if type(op) in _AST_ORDER:
            return Ask(name=name, op=_MIRROR[_AST_ORDER[type(op)]], against=_number(left))
    raise ConditionError("", "a comparison needs a name on one side and constants on the other")


def _constant(node: ast.expr) -> Scalar:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float | str):
        return node.value
    raise ConditionError("", "only constants can be compared with")


def _number(node: ast.expr) -> float:
    value = _constant(node)
    if isinstance(value, bool | str):
        raise ConditionError("", "only numbers have an order")
    return value
