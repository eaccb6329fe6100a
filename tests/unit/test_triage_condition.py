import pytest

from goldenhour.kernel.condition import Answer, ConditionError, open_names, parse, truth

VALUES = {"yes": True, "no": False, "open": None}


def answers(**given: bool | None) -> dict[str, Answer]:
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize(
    ("text", "a", "b", "expected"),
    [
        ("a and b", "yes", "yes", "yes"),
        ("a and b", "yes", "open", "open"),
        ("a and b", "no", "open", "no"),
        ("a and b", "open", "no", "no"),
        ("a or b", "no", "no", "no"),
        ("a or b", "no", "open", "open"),
        ("a or b", "yes", "open", "yes"),
        ("a or b", "open", "yes", "yes"),
        ("not a", "open", "open", "open"),
        ("not a", "no", "open", "yes"),
        ("known(a)", "open", "open", "no"),
        ("known(a or b)", "open", "yes", "yes"),
        ("not known(a)", "open", "open", "yes"),
    ],
)
def test_kleene(text: str, a: str, b: str, expected: str) -> None:
    found = truth(parse(text), answers(a=VALUES[a], b=VALUES[b]))
    assert found is VALUES[expected]


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("n < 3", {"n": 2}, True),
        ("3 > n", {"n": 3}, False),
        ("270 < n <= 360", {"n": 270}, False),
        ("270 < n <= 360", {"n": 360}, True),
        ("n != 3", {"n": 4}, True),
        ("n >= 3", {"n": "unknown"}, None),
        ('c in ["x", "y"]', {"c": "y"}, True),
        ('c not in ("x", "y")', {"c": "y"}, False),
        ('c in ["x"]', {"c": ("y", "x")}, True),
        ('c in ["x"]', {"c": ()}, False),
        ("c", {"c": ()}, False),
        ("c", {"c": ("x",)}, True),
        ('c == "unknown"', {"c": "unknown"}, True),
        ('c == "unknown"', {"c": True}, False),
        ('c == "unknown"', {}, None),
    ],
)
def test_asks(text: str, given: dict[str, Answer], expected: bool | None) -> None:
    assert truth(parse(text), given) is expected


def test_what_may_change_is_open_even_where_the_present_decides() -> None:
    assert truth(parse('c == "unknown"'), {"c": "unknown"}, may_change=True) is None
    condition = parse('c == "unknown" and not known(d)')
    assert truth(condition, {"c": "unknown"}) is True
    assert truth(condition, {"c": "unknown"}, may_change=True) is None
    assert truth(condition, {"c": "unknown", "d": True}, may_change=True) is False


def test_only_names_that_can_still_decide_are_open() -> None:
    condition = parse("(a or b) and c and (d or e)")
    assert open_names(condition, {"a": True, "d": False}) == {"c", "e"}
    assert open_names(condition, {"c": False}) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a and",
        "a.b",
        "a + 1 > 2",
        "print(a)",
        "known(a, b)",
        "known()",
        "a is True",
        "a < b",
        'a < "x"',
        "a in b",
        "a in [b]",
        "lambda: a",
        "[a]",
        "True",
        "a\x00",
        "(" * 5_000 + "a" + ")" * 5_000,
    ],
)
def test_anything_else_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse(text)
    assert refused.value.text == text
