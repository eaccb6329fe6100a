from hypothesis import given
from hypothesis import strategies as st

from goldenhour.adapters.city.address_text import compare, fold, fold_plain, forms, house_numbers


def test_umlauts_accents_and_short_streets_fold_to_one() -> None:
    assert fold("Hünfelder Str.").text == fold("huenfelder strasse").text == "hunfelderstrasse"
    assert fold("Praça São João").text == "pracasaojoao"
    assert fold("人民路１２").text == "人民路12"


def test_folded_letters_know_where_they_came_from() -> None:
    form = fold("Am Groß")
    assert form.text == "amgross"
    assert form.at == (0, 1, 3, 4, 5, 6, 6)


def test_chinese_has_three_forms_in_step() -> None:
    written, pinyin, initials = forms("人民医院A座")
    assert written.text == "人民医院a座"
    assert pinyin.text == "renminyiyuanazuo"
    assert initials.text == "rmyyaz"
    assert pinyin.at[:6] == (0, 0, 0, 1, 1, 1)
    assert initials.at == (0, 1, 2, 3, 4, 5)


def test_u_umlaut_of_pinyin_is_met_however_it_is_typed() -> None:
    assert forms("绿园路").pinyin.text == fold_plain("lvyuanlu") == fold_plain("lüyuanlu")


def test_the_number_with_its_sign_is_the_house() -> None:
    assert next(house_numbers("澜溪大道100号3栋2单元")) == ("澜溪大道", "100")
    assert ("Am Weinberg", "3a") in list(house_numbers("Am Weinberg 3 A, 36251 Bad Hersfeld"))
    assert list(house_numbers("3 Am Weinberg")) == [("Am Weinberg", "3")]
    assert list(house_numbers("人民路")) == []


def test_order_of_likeness() -> None:
    def score(query: str, key: str) -> float:
        match = compare(query, (), key)
        return match.score if match else 0.0

    exact, prefix, inner = (
        score("人民路", "人民路"),
        score("人民", "人民路"),
        score("民路", "人民路"),
    )
    assert exact == 1.0
    assert exact > prefix > inner > score("仁民路", "人民路") > 0
    assert score("xyzxyz", "人民路") == 0


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_folding_or_comparing(query: str, key: str) -> None:
    folded, other = fold(query), forms(key)
    assert len(folded.text) == len(folded.at)
    assert all(0 <= index < len(query) for index in folded.at)
    for form in other:
        assert all(0 <= index < len(key) for index in form.at)
        match = compare(folded.text, (), form.text)
        if match:
            assert 0 <= match.start <= match.end <= len(form.text)
            assert 0 < match.score <= 1
