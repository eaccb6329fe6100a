from goldenhour.app.handle import fingerprint_of
from goldenhour.domain import commands as c
from goldenhour.kernel.personal import Clear


def ring(text: str, line: str = "typed") -> bytes:
    return fingerprint_of(c.Ring(call_id="c1", number=Clear(text=text), line=line))


def test_a_number_cannot_be_guessed_from_the_fingerprint() -> None:
    assert ring("13900001111") == ring("13900002222")


def test_nor_words_deeper_in_a_command() -> None:
    def reroute(words: str) -> bytes:
        told = c.Renewal(standing_id="h1", handover_id="h2", summary=Clear(text=words))
        return fingerprint_of(c.Reroute(mission_id="m", hospital_id="h", renewals=(told,)))

    assert reroute("胸痛三小时") == reroute("腹痛三小时")
    assert reroute("胸痛三小时") != reroute("胸痛")


def test_anything_else_tells_two_commands_apart() -> None:
    assert ring("139") != ring("1390")
    assert ring("139") != ring("139", line="trunk")
