"""Plain form of typed text, and how a sign stands in its sentence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import BadInput
from rag.signs.readings import find_readings
from rag.signs.rules import load_rules, rule_words
from rag.signs.standing import Standing
from rag.signs.wording import blank_other_meanings, normalise, wording_words
from rag.text.patterns import compile_patterns
from rag.text.spelling import Speller


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("I haven’t felt HIM move!!", "i have not felt him move ."),
        ("thirty four wks", "34 weeks"),
        ("temp 38,5", "temperature 38.5"),
        ("bp 160 over 110", "bloodpressure 160/110"),
        ("sooo much blooood", "so much blood"),
        ("my tummy", "my belly"),
        ("a c-section", "a caesarean"),
    ],
)
def test_typing_becomes_plain_words(typed: str, plain: str) -> None:
    assert normalise(typed, Speller(set(rule_words()) | wording_words())).strip() == plain


@pytest.mark.parametrize(
    ("slip", "word"),
    [
        ("bleding", "bleeding"),
        ("hedache", "headache"),
        ("seazure", "seizure"),
        ("vomitting", "vomiting"),
    ],
)
def test_slips_of_sign_words_are_mended(slip: str, word: str) -> None:
    assert word in normalise(slip, Speller(set(rule_words()) | wording_words())).split()


@pytest.mark.parametrize(("slip", "word"), [("chese", "cheese"), ("stek", "steak")])
def test_slips_of_everyday_words_are_no_sign(slip: str, word: str) -> None:
    assert normalise(slip, Speller(set(rule_words()) | wording_words())).split() == [word]


@pytest.mark.parametrize(
    ("pattern", "line", "is_found"),
    [
        ("he .. hits", "he often hits", True),
        ("he .. hits", "he never hits", False),
        ("blood .. running", "blood has not stop running", True),
        ("no ... moving", "no pain , baby moving", False),
        ("no ... moving", "no sign of moving", True),
        ("not ... moves", "not sleep because he moves", False),
    ],
)
def test_a_gap_ends_at_a_denial_and_a_short_one_at_its_phrase(
    pattern: str, line: str, is_found: bool
) -> None:
    assert bool(compile_patterns([pattern]).search(line)) is is_found


@pytest.mark.parametrize(
    "word", ["dying", "breeding", "chess", "paint", "saving", "feature", "loving"]
)
def test_real_words_are_never_mended_into_a_sign(word: str) -> None:
    assert Speller(set(rule_words())).correct(word) == word


@pytest.mark.parametrize(
    "typed", ["my gums bleed", "is breaststroke ok", "i could die for chocolate", "a bloody mary"]
)
def test_other_meanings_are_blanked(typed: str) -> None:
    assert "~" in blank_other_meanings(normalise(typed))


@pytest.mark.parametrize(
    ("text", "sign", "why"),
    [
        ("no bleeding or pain", "pain", "denied"),
        ("i have not had any bleeding", "bleeding", "denied"),
        ("no pain but bleeding", "bleeding", ""),
        ("not only bleeding but pain", "bleeding", ""),
        ("it has not stopped bleeding", "bleeding", ""),
        ("the bleeding has stopped", "bleeding", "over"),
        ("the bleeding stopped but started again", "bleeding", ""),
        ("i had bleeding years ago", "bleeding", "past"),
        ("what causes bleeding?", "bleeding", "asked"),
        ("what causes my bleeding?", "bleeding", ""),
        ("what if there is bleeding", "bleeding", "supposed"),
        ("i am scared i might bleed", "bleed", "feared"),
        ("bleeding if i stand up", "bleeding", ""),
        ("in my novel she is bleeding", "bleeding", "elsewhere"),
    ],
)
def test_standing_of_a_sign(text: str, sign: str, why: str) -> None:
    line = normalise(text)
    start = line.index(f" {sign}") + 1
    assert Standing(line).why_not(start, start + len(sign)) == why


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("fever of 101.3 F", "temperature", 38.5),
        ("temperature 38.4", "temperature", 38.4),
        ("bp 150/95", "pressure", 150),
        ("sugar was 198 mg/dl", "sugar", 11.0),
        ("oxygen is 91", "oxygen", 91),
    ],
)
def test_readings_are_brought_to_one_scale(text: str, kind: str, value: float) -> None:
    assert [(r.kind, r.value) for r in find_readings(normalise(text)) if r.kind == kind] == [
        (kind, value)
    ]


@pytest.mark.parametrize(
    "text", ["due on 12/10", "38 weeks pregnant", "I weigh 160/110 pounds", "40 days"]
)
def test_other_numbers_are_no_readings(text: str) -> None:
    assert find_readings(normalise(text)) == []


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=200))
def test_plain_form_is_stable(text: str) -> None:
    line = normalise(text)
    assert line == line.lower()
    assert "  " not in line.strip()


def test_every_rule_has_advice_source_and_a_known_audience() -> None:
    rules = load_rules()
    assert len(rules) > 80
    assert all(rule.advice and rule.source and rule.who for rule in rules)
    assert len({rule.id for rule in rules}) == len(rules)


def test_a_rule_with_an_unknown_group_is_refused_by_name(tmp_path) -> None:  # type: ignore[no-untyped-def]
    rules, words = tmp_path / "triage.toml", tmp_path / "words.toml"
    words.write_text('bleeding = ["bleed*"]\n')
    rules.write_text(
        '[[rule]]\nid="x"\nlevel="urgent"\ntitle="t"\nwho=["anyone"]\nwhen=["@bleding"]\n'
        'advice="a"\nsource="s"\nexamples=[]\n'
    )
    with pytest.raises(BadInput, match="@bleding"):
        load_rules(rules, words)
