import pytest

from goldenhour.adapters.routing.adapter import decode_shape
from goldenhour.adapters.routing.phrases import TURNS, say_in_chinese
from goldenhour.domain.dispatch.route import Turn


@pytest.mark.parametrize(
    ("turn", "streets", "metres", "text"),
    [
        (Turn.LEFT, ("人民路",), 1234.0, "左转进入人民路，行驶1.2公里"),
        (Turn.RIGHT, (), 86.0, "右转，行驶90米"),
        (Turn.DEPART, ("东正街", "X2"), 3.0, "沿东正街，行驶10米"),
        (Turn.ARRIVE, ("人民路",), 0.0, "到达目的地"),
    ],
)
def test_sentences(turn: Turn, streets: tuple[str, ...], metres: float, text: str) -> None:
    assert say_in_chinese(turn, streets, metres, None) == text


def test_a_roundabout_counts_its_exits() -> None:
    assert say_in_chinese(Turn.ROUNDABOUT_ENTER, (), 50.0, 2) == "进入环岛，走第2个出口，行驶50米"


def test_every_turn_can_be_said() -> None:
    for turn in TURNS.values():
        assert "{" not in say_in_chinese(turn, ("人民路",), 100.0, None)
        assert say_in_chinese(turn, (), 100.0, None)


def test_a_shape_of_six_decimals() -> None:
    points = decode_shape("_p~iF~ps|U_ulLnnqC_mqNvxq`@")
    assert [(p.lat, p.lon) for p in points] == [(3.85, -12.02), (4.07, -12.095), (4.3252, -12.6453)]
