from goldenhour.main.gateway import in_gbk


def test_letters_that_a_terminal_lacks_are_written_in_those_that_it_has() -> None:
    assert in_gbk("任务 1 地点 Breitenstraße 1") == "任务 1 地点 Breitenstrasse 1"
    assert in_gbk("Löhrgasse") == "Lohrgasse"


def test_every_text_can_be_sent() -> None:
    in_gbk("学府路 🚑 Ünïcödé \u200b").encode("gbk")
