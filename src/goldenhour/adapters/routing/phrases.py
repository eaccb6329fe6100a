"""The engine's kinds of manoeuvre in our words, and their Chinese sentences: data.

Valhalla has no Chinese, so the sentence is put together from the turn, the street and the metres
to the next turn. English is the engine's own.
"""

from typing import Final

from goldenhour.domain.dispatch.route import Turn

LANE_WAYS: Final = {
    4: Turn.SHARP_LEFT,
    8: Turn.LEFT,
    16: Turn.SLIGHT_LEFT,
    2: Turn.CONTINUE,
    32: Turn.SLIGHT_RIGHT,
    64: Turn.RIGHT,
    128: Turn.SHARP_RIGHT,
    256: Turn.U_TURN,
}
"""Valhalla's bits of a lane's directions (baldr/turnlanes.h); of the others nothing is drawn."""
# Valhalla's manoeuvre types (its API reference, "maneuver types").
TURNS: Final = {
    **dict.fromkeys((1, 2, 3), Turn.DEPART),
    **dict.fromkeys((4, 5, 6), Turn.ARRIVE),
    **dict.fromkeys((7, 8), Turn.CONTINUE),
    9: Turn.SLIGHT_RIGHT,
    10: Turn.RIGHT,
    11: Turn.SHARP_RIGHT,
    **dict.fromkeys((12, 13), Turn.U_TURN),
    14: Turn.SHARP_LEFT,
    15: Turn.LEFT,
    16: Turn.SLIGHT_LEFT,
    17: Turn.RAMP,
    **dict.fromkeys((18, 20), Turn.RAMP_RIGHT),
    **dict.fromkeys((19, 21), Turn.RAMP_LEFT),
    22: Turn.KEEP_STRAIGHT,
    23: Turn.KEEP_RIGHT,
    24: Turn.KEEP_LEFT,
    **dict.fromkeys((25, 37, 38), Turn.MERGE),
    26: Turn.ROUNDABOUT_ENTER,
    27: Turn.ROUNDABOUT_EXIT,
    **dict.fromkeys((28, 29), Turn.FERRY),
}
_ACTIONS: Final = {
    Turn.DEPART: ("出发", "沿{street}"),
    Turn.CONTINUE: ("继续直行", "继续沿{street}直行"),
    Turn.SLIGHT_RIGHT: ("向右前方行驶", "向右前方进入{street}"),
    Turn.RIGHT: ("右转", "右转进入{street}"),
    Turn.SHARP_RIGHT: ("向右后方急转", "向右后方急转进入{street}"),
    Turn.U_TURN: ("掉头", "掉头进入{street}"),
    Turn.SHARP_LEFT: ("向左后方急转", "向左后方急转进入{street}"),
    Turn.LEFT: ("左转", "左转进入{street}"),
    Turn.SLIGHT_LEFT: ("向左前方行驶", "向左前方进入{street}"),
    Turn.RAMP: ("驶入匝道", "沿匝道进入{street}"),
    Turn.RAMP_RIGHT: ("靠右驶入匝道", "靠右沿匝道进入{street}"),
    Turn.RAMP_LEFT: ("靠左驶入匝道", "靠左沿匝道进入{street}"),
    Turn.KEEP_STRAIGHT: ("保持直行", "保持直行进入{street}"),
    Turn.KEEP_RIGHT: ("靠右行驶", "靠右进入{street}"),
    Turn.KEEP_LEFT: ("靠左行驶", "靠左进入{street}"),
    Turn.MERGE: ("汇入主路", "汇入{street}"),
    Turn.ROUNDABOUT_EXIT: ("驶出环岛", "驶出环岛进入{street}"),
    Turn.FERRY: ("驶上轮渡", "驶上轮渡{street}"),
}
_KILOMETRE_M: Final = 1_000


def say_in_chinese(
    turn: Turn, streets: tuple[str, ...], metres: float, roundabout_exit: int | None
) -> str:
    if turn is Turn.ARRIVE:
        return "到达目的地"
    if turn is Turn.ROUNDABOUT_ENTER:
        action = f"进入环岛，走第{roundabout_exit}个出口" if roundabout_exit else "进入环岛"
    else:
        alone, onto = _ACTIONS[turn]
        action = onto.format(street=streets[0]) if streets else alone
    return f"{action}，行驶{_distance(metres)}"


def _distance(metres: float) -> str:
    if metres >= _KILOMETRE_M:
        return f"{metres / _KILOMETRE_M:.1f}公里"
    return f"{max(10, round(metres, -1)):.0f}米"
