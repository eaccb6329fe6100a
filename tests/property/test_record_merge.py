"""Two tablets out of reach of each other: no value is lost, in whatever order they arrive."""

from hypothesis import given
from hypothesis import strategies as st

from goldenhour.domain.care import record
from goldenhour.domain.care.events import FieldWritten
from goldenhour.domain.care.record import CareRecord
from goldenhour.kernel.recorded import Recorded

FIELDS = ("weight_kg", "story")


def recorded(event: FieldWritten, at_ms: int) -> Recorded:
    return Recorded(
        stream="patient:p", version=at_ms, event=event, actor="crew", seat="", role="crew", org="",
        occurred_ms=at_ms, received_ms=at_ms, installation="",
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, Recorded]]:
    """Writes of two tablets, each of which sees its own and, now and then, the other's."""
    writes: list[tuple[int, Recorded]] = []
    seen: dict[int, CareRecord] = {0: CareRecord(), 1: CareRecord()}
    unseen: dict[int, list[Recorded]] = {0: [], 1: []}
    for number in range(draw(st.integers(1, 12))):
        tablet = draw(st.integers(0, 1))
        if draw(st.booleans()):  # the link is there for a moment
            for one in unseen[tablet]:
                seen[tablet] = record.evolve(seen[tablet], one)
            unseen[tablet].clear()
        field = draw(st.sampled_from(FIELDS))
        event = FieldWritten(
            write_id=f"w{number}",
            field=field,
            value=number,
            text=None,
            over=tuple(one.write_id for one in seen[tablet].fields.get(field, ())),
            reason="",
        )
        write = recorded(event, number)
        seen[tablet] = record.evolve(seen[tablet], write)
        unseen[1 - tablet].append(write)
        writes.append((tablet, write))
    return writes


def fold(writes: list[Recorded]) -> CareRecord:
    state = CareRecord()
    for write in writes:
        state = record.evolve(state, write)
    return state


@given(histories(), st.data())
def test_any_order_of_arrival_gives_the_same_fields(
    history: list[tuple[int, Recorded]], data: st.DataObject
) -> None:
    writes = [write for _, write in history]
    shuffled = data.draw(st.permutations(writes))
    assert fold(shuffled).fields == fold(writes).fields


@given(histories())
def test_only_what_somebody_saw_is_replaced(history: list[tuple[int, Recorded]]) -> None:
    writes = [write.event for _, write in history]
    seen = {write_id for event in writes for write_id in event.over}
    standing = {
        one.write_id
        for values in fold([write for _, write in history]).fields.values()
        for one in values
    }
    assert standing == {event.write_id for event in writes} - seen


def test_two_who_wrote_apart_are_a_conflict_until_somebody_writes_over_both() -> None:
    def write(ident: str, value: int, *over: str) -> Recorded:
        event = FieldWritten(
            write_id=ident, field="weight_kg", value=value, text=None, over=over, reason=""
        )
        return recorded(event, value)

    apart = fold([write("a", 60), write("b", 80)])
    assert [one.value for one in apart.fields["weight_kg"]] == [60, 80]
    settled = fold([write("a", 60), write("b", 80), write("c", 81, "a", "b")])
    assert [one.value for one in settled.fields["weight_kg"]] == [81]


def test_the_same_write_twice_is_one() -> None:
    event = FieldWritten(write_id="a", field="weight_kg", value=60, text=None, over=(), reason="")
    assert len(fold([recorded(event, 1), recorded(event, 1)]).fields["weight_kg"]) == 1
