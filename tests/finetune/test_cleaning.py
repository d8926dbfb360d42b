"""Cleaning: what is taken out, what is left out, and that no figure of medicine is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetune.data.cleaning import REASONS, clean_row
from finetune.data.contacts import mask_contacts
from finetune.data.courtesy import judge_sentence
from finetune.data.minors import is_about_minor, is_minors_note
from finetune.data.rows import Fate, Row
from finetune.data.sources import find_source
from finetune.records import Dialogue, PlainText

QUESTION = "Hello doctor, I am 29 years old and 30 weeks pregnant. What can I take for back pain?"
CLINICAL = [
    "0.5-1 mg",
    "≥140/90",
    "10-15 mg/kg",
    "pH <4.5",
    "1,000 mg",
    "5–10 µg/mL",
    "p < 0.05",
    "10^9/L",
    "38.5°C",
    "2-3 times/day",
    "120/80 mm Hg",
    "HbA1c 6.5%",
    "1:1000",
    "±2 SD",
    "B12 200-900 pg/mL",
    "150,000-450,000/µL",
    "25(OH)D",
    "1.5 x 10 cm",
    "36+4 weeks",
    "IVF/ICSI",
    "G2P1",
    "500 000 IU",
    "2018-05-12",
]


def clean(answer: str, question: str = QUESTION, source: str = "ai-medical-chatbot") -> Fate:
    row = Row(Dialogue("1", source, question, answer))
    return clean_row(row, find_source(source))


def answer_of(fate: Fate) -> str:
    assert isinstance(fate.example, Dialogue)
    return fate.example.answer


@pytest.mark.parametrize("figure", CLINICAL)
@pytest.mark.parametrize("source", ["ai-medical-chatbot", "medquad", "asclepius"])
def test_figures_survive_byte_for_byte(figure: str, source: str) -> None:
    said = f"The figure that matters here is {figure} for you. Look out for {figure} again."
    fate = clean(f"Hello. {said} Take care.", f"Is {figure} too much for me now?", source)
    assert answer_of(fate).startswith(said)
    assert isinstance(fate.example, Dialogue)
    assert fate.example.question == f"Is {figure} too much for me now?"


@pytest.mark.parametrize("figure", CLINICAL)
def test_figures_of_a_transcription_survive_byte_for_byte(figure: str) -> None:
    text = f"PLAN:,1.  Give {figure} today.,2.  Then {figure}, {figure}., ,MEDICATIONS: , {figure}."
    fate = clean_row(Row(PlainText("1", "mtsamples", text)), find_source("mtsamples"))
    assert isinstance(fate.example, PlainText)
    assert fate.example.text.count(figure) == 4


PIECES = st.sampled_from(
    [
        "Hello.",
        "I have gone through your query with diligence.",
        "Take Paracetamol 0.5-1 mg.",
        "Your BP is ≥140/90, and pH <4.5 was found.",
        "Give 10-15 mg/kg (at most 1,000 mg) at 8:30.",
        "(attachment removed to protect patient identity)",
        "See http://example.org/page for more.",
        "I hope this helps.",
        "For more information consult a neurologist online -->",
    ]
)


@given(st.lists(PIECES, min_size=1, max_size=8))
def test_whatever_stands_around_it_a_dose_is_never_lost(pieces: list[str]) -> None:
    raw = " ".join(pieces)
    left = answer_of(clean(raw))
    for figure in ("0.5-1 mg", "≥140/90", "pH <4.5", "10-15 mg/kg", "1,000 mg", "8:30"):
        assert left.count(figure) == raw.count(figure)
    assert "-->" not in left
    assert "attachment removed" not in left


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("Hi. For further doubts consult a sexologist online -->", "nothing-left"),
        (
            "Hi. I have gone through your query with diligence and would like you to know that I "
            "am here to help you. For further information consult a neurologist online -->",
            "nothing-left",
        ),
        ("Hello. Regards. For more information consult a dentist online --->", "nothing-left"),
        (
            "Hello. Please consult a nearby gynecologist for a detailed examination.",
            "only-refers-on",
        ),
        ("Hi. How long has it been there? Do you have a fever? Any swelling?", "only-refers-on"),
        (
            "Hello. Your X-ray shows a shadow (attachment removed to protect patient identity). "
            "It is likely pneumonia, and you need an antibiotic.",
            "leans-on-attachment",
        ),
        (
            "Hello. I have gone through your report. It shows mild arthritis, which does not go "
            "away but can be held up by exercise.",
            "leans-on-attachment",
        ),
        ("Hello. Urodynamics if needed.", "too-short"),
        ("Rest helps with back pain in late pregnancy. " * 3, "repeats-itself"),
        (" ".join(f"word{n} is a word." for n in range(120)), "too-long"),
        ("  ", "empty"),
    ],
)
def test_an_answer_that_is_none_is_dropped_with_its_reason(answer: str, reason: str) -> None:
    assert clean(answer).reason == reason
    assert reason in REASONS


def test_courtesies_and_stub_go_and_the_advice_stays() -> None:
    fate = clean(
        "Hello, Welcome to icliniq.com. I have gone through your query (attachment removed to "
        "protect patient identity). Rest on your side and use Paracetamol 500 mg. I hope this "
        "helps you. Take care. Revert back after a week to an obstetrician and gynaecologist "
        "online -->"
    )
    assert fate.is_kept
    assert answer_of(fate) == "Rest on your side and use Paracetamol 500 mg."
    assert {change.what for change in fate.changes} == {"courtesy", "stub", "attachment"}


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("I have gone through your query.", "courtesy"),
        ("Welcome to ilciniq.com.", "courtesy"),
        ("Take care.", "courtesy"),
        ("Hope I have clarified your doubt, do write back.", "courtesy"),
        ("Please consult your doctor.", "referral"),
        ("How long have you had the pain?", "question"),
        ("Do not worry, it is only gas.", "content"),
        ("I hope you take 5 mg.", "content"),
        ("Your reports are normal.", "content"),
        ("I have read your query, and from what you mentioned it is a normal thyroid.", "content"),
    ],
)
def test_one_word_with_substance_saves_a_sentence(sentence: str, kind: str) -> None:
    assert judge_sentence(sentence) == kind


def test_a_stub_without_a_full_stop_before_it_leaves_the_advice() -> None:
    fate = clean(
        "Drink water, rest, and take Ibuprofen 400 mg with food for more information consult a "
        "dentist online -->"
    )
    assert answer_of(fate) == "Drink water, rest, and take Ibuprofen 400 mg with food"


def test_a_page_loses_its_menu_links_marks_and_echo() -> None:
    fate = clean(
        "What causes anemia? Anemia has many causes.[12] Blood loss is one of them, iron intake "
        "another. Click here to view a diagram of the blood. You can find more on "
        "http://www.example.org/anemia.html. NIH: National Heart, Lung, and Blood Institute",
        "What causes Anemia ?",
        "medquad",
    )
    assert answer_of(fate) == (
        "Anemia has many causes. Blood loss is one of them, iron intake another."
    )
    assert isinstance(fate.example, Dialogue)
    assert fate.example.question == "What causes Anemia?"


def test_a_list_that_a_page_tells_twice_is_told_once() -> None:
    fate = clean(
        "Signs include - pale skin - cold hands. pale skin cold hands. See a doctor early on.",
        "What are the symptoms of Anemia ?",
        "medquad",
    )
    assert answer_of(fate) == "Signs include - pale skin - cold hands. See a doctor early on."


def test_the_remains_of_a_table_are_no_answer() -> None:
    fate = clean(
        "What are the signs and symptoms of X? The Human Phenotype Ontology provides the following "
        "list of signs and symptoms for X. Signs and Symptoms Approximate number of patients",
        "What are the symptoms of X ?",
        "medquad",
    )
    assert fate.reason == "nothing-left"


def test_markup_becomes_what_it_stands_for() -> None:
    fate = clean("<p>The pH is &lt;4.5&nbsp;and that is normal.<br/>No treatment is needed.</p>")
    assert answer_of(fate) == "The pH is <4.5 and that is normal.\nNo treatment is needed."


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to jane.roe@example.org please", "write to [e-mail] please"),
        ("see https://example.org/a?b=1.", "see [link]."),
        ("my site example.com has it", "my site [link] has it"),
        ("call +44 20 7946 0000 now", "call [phone] now"),
        ("call (555) 123-4567 now", "call [phone] now"),
        ("at 555-123-4567 or 1-800-4-CANCER", "at [phone] or [phone]"),
        ("whatsapp me on 9876543210", "whatsapp me on [phone]"),
        ("phone: 98765 43210", "phone: [phone]"),
    ],
)
def test_contact_details_are_masked(text: str, masked: str) -> None:
    assert mask_contacts(text)[0] == masked


@pytest.mark.parametrize(
    "figure", [*CLINICAL, "white cell 150 000 000", "pH 7.35-7.45", "call 911"]
)
def test_a_figure_is_never_taken_for_a_contact(figure: str) -> None:
    text = f"It was {figure} today, and {figure}."
    assert mask_contacts(text) == (text, {})


def test_a_list_of_contacts_is_no_answer() -> None:
    fate = clean(
        "Ask the eye institute, 555-123-4567, eyes@example.org, www.example.org, or the heart "
        "institute, 555-123-4568.",
        "Where can I find help?",
        "medquad",
    )
    assert fate.reason == "only-refers-on"


@pytest.mark.parametrize(
    "text",
    [
        "My 6-month-old has a fever.",
        "My 4-1/2-year-old boy has a fever.",
        "1 year and 10 months old boy got injured by boiling water.",
        "My son is 5 years old and coughs.",
        "I am 16 and my period is late.",
        "I am a 15 year old girl.",
        "Age: 14. I have acne.",
        "My toddler does not sleep.",
        "My baby has a rash since birth.",
        "I am a teenager with acne.",
    ],
)
def test_a_row_about_a_minor_is_left_out(text: str) -> None:
    assert is_about_minor(text)
    assert clean("Give it 2.5 ml of the syrup twice a day after food.", text).reason == "minor"


@pytest.mark.parametrize(
    "text",
    [
        "I am 16 weeks pregnant. Is my baby at risk?",
        "I am an 18 year old female.",
        "I was diagnosed with hypothyroidism when I was 12 years old.",
        "I have had pain since I was about 15 years old.",
        "Is the 6 weeks old pregnancy visible in a scan?",
        "I have a 2-year-old injury of the knee.",
        "My baby is moving less at 34 weeks of pregnancy.",
        "Two years back I had a son. I am 30 years old.",
        "My daughter is 24 years old and pregnant.",
        "My age is 32 years and I take 15 mg.",
    ],
)
def test_gestation_and_what_was_long_ago_are_no_minor(text: str) -> None:
    assert not is_about_minor(text)


def test_a_note_is_a_minors_by_its_first_age() -> None:
    assert is_minors_note("A 7-year-old boy was seen. His mother is 35 years old.")
    assert not is_minors_note("A 35-year-old woman was seen. Her son is 7 years old.")
    row = Row(PlainText("1", "mtsamples", "Seen today. " * 30), "Pediatrics - Neonatal")
    assert clean_row(row, find_source("mtsamples")).reason == "minor"
