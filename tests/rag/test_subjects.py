"""What shares the subject of a question, in a section on several things and for a child that is born."""

from __future__ import annotations

from corpus.records import Passage
from rag.reply.subjects import names_what, only_refers, shares_child, strays

THRUSH = (
    "Thrush is treated with a cream. Penicillins are antibiotics that are widely used. "
    "Tell the prescriber if you are allergic."
)


def passage(text: str, *section: str) -> Passage:
    return Passage("p", "b", 1, 1, "1", section, text)


def test_what_a_section_says_of_another_thing_strays() -> None:
    page = passage(THRUSH, "Complaints", "Thrush, urine infection and antibiotics")

    def off(question: str, statement: str) -> bool:
        return strays(question, page, THRUSH.index(statement), statement)

    asked = "prescribe me something for thrush"
    assert not off(asked, "Thrush is treated with a cream.")
    assert off(asked, "Penicillins are antibiotics that are widely used.")
    assert off(asked, "Tell the prescriber if you are allergic.")
    assert not off("can I take antibiotics", "Tell the prescriber if you are allergic.")
    assert off("can I take antibiotics", "Thrush is treated with a cream.")


def test_a_section_on_one_thing_has_nothing_that_strays() -> None:
    text = "Eat small meals often. Ginger helps some people."
    for section in ("Thrush", "Feeling sick and being sick"):
        page = passage(text, section)
        assert not strays("thrush and being sick", page, 0, "Eat small meals often.")


def test_what_is_asked_of_a_child_gets_what_is_said_of_babies_and_of_that() -> None:
    asked = "My daughter is 14 weeks old and has a rash"
    adult = passage("Call your midwife about any new rash in pregnancy.", "Infections")
    baby = passage("Many newborns have a rash that needs no treatment.", "Your newborn")
    bath = passage("Bath your baby two or three times a week.", "Your newborn")
    assert not shares_child(asked, adult, adult.text)
    assert shares_child(asked, baby, baby.text)
    assert not shares_child(asked, bath, bath.text)
    assert shares_child("I have a rash at 14 weeks", adult, adult.text)
    assert shares_child("I am 14 weeks pregnant, can my newborn get a rash", adult, adult.text)


def test_a_sentence_that_sends_to_another_booklet_says_nothing_itself() -> None:
    assert only_refers("See booklet 9, Contraception, fertility and loss.")
    assert only_refers("Booklet 3, Eating, tells how to do pelvic floor exercises.")
    assert not only_refers("See a doctor about a rash.")


def test_the_signs_of_something_else_are_not_those_that_are_asked_for() -> None:
    page = passage("", "Diabetes", "Living with gestational diabetes")
    asked = "symptoms of gestational diabetes"
    assert not names_what(asked, page, "Signs of low blood sugar are shaking and sweating.")
    assert names_what(asked, page, "Most women feel nothing.")
    assert not names_what("risks of smoking", page, "The risk is low.")
    assert names_what("what are the signs", page, "Signs of low blood sugar are shaking.")
