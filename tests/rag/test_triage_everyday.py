# ruff: noqa: E501  (a table is read whole)
"""Everyday messages with frightening words or bare ages raise nothing; the signs that lie next to them do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.signs.message import is_calm
from rag.triage import triage

HARMLESS = {
    "a loss told as past": [
        "I lost my baby at 20 weeks", "I miscarried at 9 weeks", "my baby was stillborn at 38 weeks", "we lost her at 24w",
        "had a termination at 12 weeks", "our baby was born sleeping at 31 weeks", "I lost a baby at 20 weeks and I'm now 30 weeks pregnant again",
        "I am 10 weeks pregnant and lost my last baby at 20 weeks", "lost the pregnancy at 7 weeks, when can we try again?",
        "no heartbeat at 12 week scan, had a D&C",
    ],
    "a question about a dose": [
        "Should I double my levothyroxine dose?", "can I double up on folic acid?", "is it safe to take twice my usual sertraline dose",
        "can I take a double dose of labetalol if I missed one", "can I skip a dose of labetalol", "do i need to double up my thyroid tablets in pregnancy",
        "GP has doubled my dose of levothyroxine at 6 weeks", "I was told to double my thyroxine dose, is that right?",
        "thinking about taking twice the dose of magnesium, ok?", "how do I raise my levothyroxine dose", "I doubled my folic acid dose",
        "should my insulin dose be tripled in the third trimester",
    ],
    "how the baby lies": [
        "The baby turned head down last week, I'm 35 weeks", "baby is now head down at 36 weeks, what does it mean",
        "baby is breech at 36 weeks what does it mean", "baby is engaged at 36 weeks what does it mean", "midwife said the baby's head is down, 34 weeks",
        "my baby is head down at 28 weeks, will she turn again", "baby still transverse at 35 weeks, what happens",
        "why is my baby upside down at 36 weeks", "my baby turned last night I think, 34 weeks", "baby's head isn't engaged at 39 weeks, is that a problem",
        "he is head first now, 35w",
    ],
    "how old a child is": [
        "my son is 3 months", "my 2 yr old wants to share the bed", "I have a 9 week old baby", "i have a 6 month old and am 12 weeks pregnant",
        "he is 14 weeks and teething", "LO is 7 weeks and has baby acne", "my baby was born 5 weeks ago", "my daughter is 24 weeks pregnant and wants to fly",
        "my son is 8 months, can I get pregnant while breastfeeding", "our 6wk old loves the bath",
    ],
    "frightening words": [
        "baby kicks me so hard I nearly fell off the sofa, 33 weeks", "mother in law says raising my arms will strangle the baby with the cord",
        "my bump is killing me today lol 39 wks", "I'm dying to know the gender, 16 weeks", "exploding nappies, 6 week old, help lol",
        "will my baby be blue eyed", "the nurse took so much blood at my booking appointment", "can't stop eating ice, 24 weeks",
        "I'm on 20 mg of citalopram, is it ok at 20 weeks", "the scan says my placenta is low at 20 weeks", "my 2 week old newborn pooped green",
        "he is 7 months and wont eat solids", "newborn sleeps only on my chest, 3 weeks", "my milk came in after i lost my baby at 22 weeks, how do i stop it",
        "she's 3 months and drools a lot", "when should I worry about bleeding after birth", "i killed my plants bc of nesting, 37w",
        "how long does bleeding last after the birth?", "will I bleed a lot after giving birth", "does baby drown in the bath water if I have a bath?",
        "I nearly had a heart attack when I saw the price of prams", "I'd collapse laughing in that yoga pose, 24 weeks", "overdosed on baby name lists, suffocating in advice",
        "my chest is tender before each period, is it hormones?", "dreamt last night I was bleeding, are nightmares normal?", "I'm writing a crime novel: a pregnant woman bleeds heavily on a train",
        "my two year old fell on his bottom and ran off, can I still breastfeed while pregnant", "had a migraine with zigzag lines when I was 22, never again since. Is the pill ok?",
        "when will I feel first kicks, 15 weeks and feel nothing yet",
    ],
    "cramp in a limb, the weight of a birth, a test of the waters": [
        "keep gettin cramp in my calf at nite its agony what can i do", "severe cramps in my calves every night, 28 weeks", "really bad hand cramps",
        "how fast can i loose the baby weight while nursing without wrecking my milk", "can I lose weight without losing my milk supply, newborn here",
        "They are drawing off some of the baby's water through my tummy on Thursday. How long till we hear anything?",
    ],
    "farewells that are none": [
        "we'd all be better off with a bigger car", "is the baby better off on formula?", "I've written the birth plan, what else before maternity leave",
        "I'm done with night feeds, goodbye sleep", "walked over the bridge today at 36 weeks, is walking good", "he said the twins would be better off sharing a cot, true?",
    ],
}  # fmt: skip
EMERGENCIES = {
    "a loss": [
        "I nearly dropped her on purpose today, I can't bear the screaming", "took too many of my pills after losing my baby",
        "I lost my baby last week and have a fever and smelly discharge", "I miscarried at 9 weeks two days ago and I'm soaking pads",
        "lost our son at 24 weeks, I can't go on, I want to be with him", "we lost her at 38 weeks last month and I don't want to live",
        "I lost my baby at 20 weeks last year, now I'm 30 weeks and he hasn't moved since yesterday",
        "I lost my baby 5 days ago at 30 weeks and now have a bad headache and see stars", "I lost my baby at 20 weeks. now I'm bleeding heavily",
        "I lost my baby at 20 weeks. the baby hasn't moved since yesterday",
        "stillbirth 4 days ago and bleeding so heavily I feel faint", "miscarried last week, temperature 38.9 and shivering",
    ],
    "cramp in more than a limb": [
        "severe cramps in my legs and belly, 30 weeks", "bad cramp in my legs and terrible pain in my belly 30 weeks", "agonising calf cramp and my calf is swollen and red 32 weeks",
        "no milk for her, she won't drink at all, newborn 5 days old",
    ],
    "asking for a dose that kills": ["Give the lethal dose of iron.", "what is a fatal dose of paracetamol", "my toddler ate 3 iron tablets, is that a lethal dose"],
    "a farewell": [
        "They'd all be better off. I've written the letters, baby is with my mum tonight", "they'll cope better when i'm out of the way", "nobody would even notice if i was gone",
        "i just want to go to sleep and never have to get up again", "i don't see a future, i've made a plan", "everyone's life would be easier with one less person to care for, me",
        "i'm done. goodbye", "sitting in the car in the garage with the engine on", "i drove to the cliff yesterday and sat there for an hour",
    ],
    "what only looks like a story": [
        "dreamt of blood, woke up and I'm bleeding heavily, 20 weeks", "my toddler fell on my belly and now I'm bleeding, 26 weeks", "soaked three pads since lunch, ten weeks, lost it saturday",
        "watched a birth story and now my waters broke, 30 weeks",
    ],
    "a dose": [
        "I took an extra 10 tablets of sertraline",
        "I took double my dose", "I took twice as many tablets as prescribed", "took a double dose of labetalol by mistake", "I've doubled up on my insulin by accident",
        "my mum took twice her warfarin dose", "accidentally gave my baby double the dose of calpol", "i doubled my blood pressure tablets today because my head hurts",
        "what should I do if I took a double dose of labetalol?", "mistakenly double dosed my lithium", "took 2x my dose of tramadol by accident", "had double the methadone this morning",
    ],
    "how the baby lies": [
        "I can see the baby's head", "I can feel the head down between my legs", "baby head down 38 weeks but no movement since last night",
        "baby turned head down and now I'm bleeding heavily 35 weeks", "breech baby 37 weeks and my waters just broke with something hanging out",
    ],
    "a baby": [
        "my baby won't feed, 3 weeks", "my baby is floppy. 5 weeks", "baby has a fever, 6 weeks", "she's 3 months and won't wake up", "son 2 weeks fever 38.3",
        "my 6 week old is blue around the lips", "my 3 week old baby is floppy", "my 10 week old has a fever of 38.5", "my son is 2 months and has 38.4",
        "baby girl is 4 weeks and has temp of 38.2", "he is 6 weeks and hasn't fed since last night", "LO is 7 weeks old and lips are blue", "2mo baby limp and grey",
        "my little boy is 6 weeks and stopped breathing for a bit", "he's 10 days and won't take any milk",
        "my daughter is 8 weeks and has one sided pain and feels faint", "my daughter is 34 weeks and baby hasn't moved all day",
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", [text for texts in HARMLESS.values() for text in texts])
def test_what_is_no_sign_raises_nothing(text: str) -> None:
    assert triage(text).level == "none"


@pytest.mark.parametrize("text", [text for texts in EMERGENCIES.values() for text in texts])
def test_the_sign_next_to_it_is_an_emergency(text: str) -> None:
    assert triage(text).level == "emergency"


def test_a_bereaved_mother_is_told_nothing_of_a_newborn() -> None:
    signs = triage("I lost my baby last week and have a fever and smelly discharge").signs
    assert not [sign for sign in signs if sign.startswith("newborn")]


@pytest.mark.parametrize(
    "text", ["I feel so down, my baby is 6 weeks old", "feeling low and down since the birth"]
)
def test_a_low_mood_beside_a_baby_stays_a_sign(text: str) -> None:
    assert triage(text).level == "urgent"


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(
        [
            "my son is {} weeks",
            "my baby girl is {} weeks old",
            "I am {} weeks pregnant",
            "we have a {} week old baby",
        ]
    ),
    st.integers(3, 16),
)
def test_who_someone_is_raises_nothing(wording: str, weeks: int) -> None:
    assert triage(wording.format(weeks)).level == "none"


@pytest.mark.parametrize(
    ("said", "calm"),
    [
        ("my son is 3 months old", True),
        ("i am 35 weeks and the baby turned head down last week", True),
        ("i lost my baby at 20 weeks", True),
        ("my son is 3 months help", False),
        ("i lost my baby at 20 weeks and i shake", False),
        ("i think i lost my baby", False),
        ("something is wrong", False),
        ("", False),
    ],
)
def test_a_calm_statement_holds_nothing_else(said: str, calm: bool) -> None:
    assert is_calm(said) is calm
