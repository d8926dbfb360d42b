# ruff: noqa: E501  (a sentence is read whole)
"""Numbers side by side, cells of tables and turned denials: each true sentence beside its dangerous neighbours.

The number of the other group, the other country or the other row must stay refused.
"""

from __future__ import annotations

from itertools import permutations, product

import pytest

from rag.checking.fronted import list_fronted
from rag.checking.parallels import list_parallels, name_ordinals
from rag.checking.quantities import find_quantities
from rag.checking.restate import restate
from rag.text.sentences import split_sentences
from rag.verify import Verifier
from tests.fakes import HashingEmbedder

WEIGHT = """In the United States, advice on weight gain in pregnancy depends on the body mass index (BMI) before pregnancy.
Total weight gain in pregnancy, United States (Institute of Medicine).
BMI before pregnancy | One baby | Twins
Below 18.5 (underweight) | 12.5–18 kg (28–40 lb) | No advice set
18.5–24.9 (healthy) | 11.5–16 kg (25–35 lb) | 17–25 kg (37–54 lb)
25.0–29.9 (overweight) | 7–11.5 kg (15–25 lb) | 14–23 kg (31–50 lb)
30 or more (obesity) | 5–9 kg (11–20 lb) | 11–19 kg (25–42 lb)"""
CHOLINE = (
    "Choline also helps the baby’s brain and spine to grow. In the United States, 450 mg of "
    "choline a day is recommended in pregnancy and 550 mg a day while breastfeeding; eggs, "
    "meat, fish, milk and beans contain choline."
)
IODINE = (
    "Iodine helps the baby’s brain to grow. WHO recommends 250 micrograms of iodine a day in "
    "pregnancy and breastfeeding; the United States recommends 220 micrograms in pregnancy "
    "and 290 micrograms while breastfeeding."
)
FRIDGE = (
    "Keep the fridge at 40 °F (4 °C) or below, says CDC; in the United Kingdom, the advice is"
    " 5 °C or below. Heat leftovers until steaming hot, 165 °F (74 °C), and eat food before "
    "its use-by date."
)
VITAMIN_D = (
    "Breastfed babies also need vitamin D drops: 8.5 to 10 micrograms a day in the United "
    "Kingdom, and 400 IU (10 micrograms) a day in the United States."
)
METHODS = """How well methods of contraception prevent pregnancy.
Method | Pregnancies in 100 women in the first year, typical use | How long it works
Implant | Fewer than 1 | 3 years or more, as licensed
Hormonal coil (IUS) | Fewer than 1 | 3 to 8 years, by type
Copper coil (IUD) | Fewer than 1 | 5 to 10 years, by type
Injection | 4 | 8 to 13 weeks
Pill, patch, ring | 7 | Daily, weekly, monthly"""
MORE_METHODS = """Method | Pregnancies in 100 women in the first year, typical use | How long it works
External (male) condom | 13 | Each time
Diaphragm | 17 | Each time
Fertility awareness | 2 to 23 | Daily checks
Withdrawal | 20 | Each time
No method | 85 | Not at all"""
EMERGENCY = (
    "Keep three numbers in your phone: your maternity unit’s 24-hour line, your midwife or "
    "doctor, and your local emergency number. The emergency number is 112 in the European "
    "Union, 911 in the United States and Canada, and 999 or 112 in the United Kingdom."
)
ANAEMIA = (
    "Guidelines differ a little on anaemia. In the United Kingdom, anaemia is a haemoglobin "
    "below 110 g/L in the first trimester and below 105 g/L in the second and third. WHO and "
    "ACOG use below 110 g/L in the first and third trimesters and below 105 g/L in the "
    "second. After birth, the United Kingdom uses below 100 g/L."
)
ANAEMIA_AGAIN = (
    "Guidelines differ on when low haemoglobin counts as anaemia. British guidelines say "
    "below 110 g/l (11 g/dl) in the first trimester and below 105 g/l later; WHO and ACOG say"
    " below 105 g/l in the second trimester and below 110 g/l in the first and third."
)
BIRTH = (
    "In the United Kingdom, women with gestational diabetes are advised to give birth no "
    "later than 40 weeks and 6 days; with type 1 or type 2 diabetes, between 37 weeks and 38 "
    "weeks and 6 days. ACOG advises birth between 39 weeks and 40 weeks and 6 days for "
    "gestational diabetes that is controlled without medicine, and at 39 weeks when it is "
    "controlled with medicine."
)
CHECKS = (
    "Everyone who gave birth should be seen again. WHO advises checks in the first 24 hours, "
    "at 48 to 72 hours, at 7 to 14 days and at 6 weeks. If you had high blood pressure, ACOG "
    "advises a blood pressure check within 7 to 10 days, and within 72 hours if it was "
    "severe."
)
VISITS = """Weeks | What usually happens
By 10–12 | First long visit: history, blood pressure, urine, blood tests, plan
11–14 | First scan (dates), screening for chromosome conditions if you want it
16 | Results, blood pressure, urine, questions
18–20 | Detailed scan of the baby
24–28 | Test for gestational diabetes; blood count; whooping cough vaccine if not yet given
28 | Blood tests again, anti-D if you are rhesus negative
36 | Position of the baby, feeding, signs of labour
41 | Offer of a membrane sweep and of induction"""
ADVICE = (
    "Combined pills are not suitable if you smoke and are 35 or older. You do not need to "
    "treat a sister unless she itches. Wait until the cut has healed before swimming. Do not "
    "drive before the feeling in your legs has come back. Fish oil alone does not give you "
    "enough of it. Hot baths are best avoided. Breastfeeding is no reason to put off the jab."
    " Kiss toddlers on the hair rather than the mouth. Tranexamic acid is kept for cases in "
    "which tablets have failed. Do not stop lamotrigine suddenly; ask your doctor first. "
    "Women who are not immune should have the jab after birth. If the cough has not improved "
    "after two weeks, see your GP. Avoid Brie unless it is cooked. "
)
CORD = (
    "The cord is clamped no earlier than one minute after birth, says WHO; NICE advises between one and "
    "five minutes; ACOG at least 30 to 60 seconds."
)


def _passes(passage: str, sentence: str) -> bool:
    return Verifier(HashingEmbedder()).verify(sentence, passage).supported


@pytest.mark.parametrize(
    ("passage", "sentence"),
    [
        (CORD, "NICE advises clamping the cord between one and five minutes after birth."),
        (CORD, "ACOG advises clamping the cord at least 30 to 60 seconds after birth."),
        (
            BIRTH,
            "In the UK, women with type 1 diabetes are advised to give birth between 37 weeks and 38 weeks and 6 days.",
        ),
        (WEIGHT, "With a BMI below 18.5, a gain of 12.5 to 18 kg is advised with one baby."),
        (WEIGHT, "A woman with a BMI of 30 or more should gain 5 to 9 kg with one baby."),
        (WEIGHT, "With twins and a BMI of 18.5 to 24.9, the advised gain is 17 to 25 kg."),
        (WEIGHT, "If you are overweight before pregnancy and carry one baby, gain 15 to 25 lb."),
        (WEIGHT, "With a healthy BMI before pregnancy, you should gain 25 to 35 lb with one baby."),
        (
            CHOLINE,
            "In the United States, 550 mg of choline a day is recommended while breastfeeding.",
        ),
        (CHOLINE, "In the US, breastfeeding women need 550 mg of choline a day."),
        (
            CHOLINE,
            "While breastfeeding, 550 mg of choline a day is recommended in the United States.",
        ),
        (CHOLINE, "In the United States, 450 mg of choline a day is recommended in pregnancy."),
        (IODINE, "The United States recommends 290 micrograms of iodine while breastfeeding."),
        (IODINE, "The United States recommends 220 micrograms of iodine in pregnancy."),
        (IODINE, "WHO recommends 250 micrograms of iodine a day while breastfeeding."),
        (FRIDGE, "In the United Kingdom, the fridge should be kept at 5 °C or below."),
        (FRIDGE, "In the UK, keep your fridge at 5 °C or below."),
        (FRIDGE, "CDC says to keep the fridge at 4 °C or below."),
        (VITAMIN_D, "In the United States, breastfed babies need 400 IU of vitamin D a day."),
        (
            VITAMIN_D,
            "In the United Kingdom, breastfed babies need 8.5 to 10 micrograms of vitamin D a day.",
        ),
        (
            METHODS,
            "With the injection, 4 in 100 women become pregnant in the first year of typical use.",
        ),
        (METHODS, "About 7 in 100 women on the pill get pregnant in the first year."),
        (METHODS, "With the patch, 7 in 100 women become pregnant in the first year."),
        (METHODS, "The injection works for 8 to 13 weeks."),
        (METHODS, "Fewer than 1 in 100 women become pregnant in the first year with an implant."),
        (METHODS, "The copper coil works for 5 to 10 years."),
        (
            MORE_METHODS,
            "With condoms, 13 in 100 women become pregnant in the first year of typical use.",
        ),
        (MORE_METHODS, "With withdrawal, 20 in 100 women get pregnant in the first year."),
        (
            MORE_METHODS,
            "With fertility awareness, 2 to 23 in 100 women become pregnant in the first year.",
        ),
        (EMERGENCY, "In Canada, the emergency number is 911."),
        (EMERGENCY, "In the UK, call 999 or 112."),
        (EMERGENCY, "In the UK the emergency number is 999."),
        (EMERGENCY, "The emergency number in the United States is 911."),
        (EMERGENCY, "The emergency number is 112 in the European Union."),
        (
            ANAEMIA,
            "In the United Kingdom, anaemia is a haemoglobin below 105 g/L in the second trimester.",
        ),
        (ANAEMIA, "In the UK, anaemia is a haemoglobin below 105 g/L in the third trimester."),
        (ANAEMIA, "WHO and ACOG use below 105 g/L in the second trimester."),
        (ANAEMIA, "ACOG uses below 110 g/L in the third trimester."),
        (
            ANAEMIA_AGAIN,
            "WHO and ACOG say that anaemia is a haemoglobin below 105 g/l in the second trimester.",
        ),
        (
            ANAEMIA_AGAIN,
            "Haemoglobin below 105 g/l in the second trimester counts as anaemia, say WHO and ACOG.",
        ),
        (
            ANAEMIA_AGAIN,
            "WHO counts a haemoglobin below 110 g/l in the first trimester as anaemia.",
        ),
        (
            BIRTH,
            "ACOG advises birth at 39 weeks when gestational diabetes is controlled with medicine.",
        ),
        (
            BIRTH,
            "For gestational diabetes controlled with medicine, ACOG advises birth at 39 weeks.",
        ),
        (
            BIRTH,
            "ACOG advises birth between 39 weeks and 40 weeks and 6 days for gestational diabetes controlled without medicine.",
        ),
        (
            CHECKS,
            "ACOG advises a blood pressure check within 7 to 10 days if you had high blood pressure.",
        ),
        (
            CHECKS,
            "If you had severe high blood pressure, ACOG advises a blood pressure check within 72 hours.",
        ),
        (
            CHECKS,
            "ACOG advises a blood pressure check within 7 to 10 days if you had high blood pressure that was not severe.",
        ),
        (VISITS, "A membrane sweep and induction are offered at 41 weeks."),
        (VISITS, "The detailed scan of the baby is at 18 to 20 weeks."),
        (VISITS, "At 36 weeks, the position of the baby is checked."),
        (VISITS, "The test for gestational diabetes is at 24 to 28 weeks."),
        (VISITS, "In week 16 you get your results."),
        (ADVICE, "Smokers aged 35 or over should not take the combined pill."),
        (ADVICE, "Your sister only needs treatment if she itches."),
        (ADVICE, "Don't swim until the cut has healed."),
        (ADVICE, "Do not go swimming before the cut has healed."),
        (ADVICE, "Wait until the feeling in your legs has come back before you drive."),
        (ADVICE, "The feeling in your legs must come back before you drive."),
        (ADVICE, "You can't get enough of it from fish oil alone."),
        (ADVICE, "It is best to avoid hot baths."),
        (ADVICE, "You can have the jab while breastfeeding."),
        (ADVICE, "Kiss toddlers on the hair and not on the mouth."),
        (ADVICE, "Kiss toddlers on the hair, not the mouth."),
        (ADVICE, "Do not kiss toddlers on the mouth but on the hair."),
        (ADVICE, "Tranexamic acid is kept for cases in which tablets have not worked."),
        (ADVICE, "Ask your doctor before you stop lamotrigine."),
        (ADVICE, "Speak to your doctor before stopping lamotrigine."),
        (ADVICE, "See your GP if the cough is no better after two weeks."),
        (ADVICE, "Brie is safe only if it is cooked."),
    ],
)
def test_each_of_several_statements_passes(passage: str, sentence: str) -> None:
    assert _passes(passage, sentence)


@pytest.mark.parametrize(
    ("passage", "sentence"),
    [
        (CORD, "NICE advises clamping the cord no earlier than one minute after birth."),
        (CORD, "WHO advises clamping the cord between one and five minutes after birth."),
        (CORD, "ACOG advises clamping the cord between one and five minutes after birth."),
        (
            BIRTH,
            "In the UK, women with gestational diabetes are advised to give birth between 37 weeks and 38 weeks and 6 days.",
        ),
        (CHECKS, "ACOG advises a blood pressure check within 72 hours for all other women."),
        (WEIGHT, "With a BMI of 30 or more, gain 7 to 11.5 kg with one baby."),
        (WEIGHT, "With a BMI below 18.5, gain 11.5 to 16 kg with one baby."),
        (WEIGHT, "With twins and a BMI of 18.5 to 24.9, the advised gain is 11.5 to 16 kg."),
        (WEIGHT, "A woman with a BMI of 30 or more should gain 11 to 19 kg with one baby."),
        (WEIGHT, "With a BMI above 18.5, a gain of 12.5 to 18 kg is advised with one baby."),
        (WEIGHT, "A woman with a BMI of 30 or more should gain 5 to 9 kg with twins."),
        (CHOLINE, "In the United States, 550 mg of choline a day is recommended in pregnancy."),
        (
            CHOLINE,
            "In the United States, 450 mg of choline a day is recommended while breastfeeding.",
        ),
        (
            CHOLINE,
            "In the United Kingdom, 550 mg of choline a day is recommended while breastfeeding.",
        ),
        (CHOLINE, "In the US, breastfeeding women need 450 mg of choline a day."),
        (IODINE, "WHO recommends 290 micrograms of iodine a day while breastfeeding."),
        (IODINE, "The United States recommends 290 micrograms of iodine in pregnancy."),
        (IODINE, "The United States recommends 250 micrograms of iodine in pregnancy."),
        (IODINE, "The United States recommends 220 micrograms of iodine while breastfeeding."),
        (FRIDGE, "CDC says to keep the fridge at 5 °C or below."),
        (FRIDGE, "In the United Kingdom, the fridge should be kept at 4 °C or below."),
        (FRIDGE, "In the United Kingdom, the fridge should be kept at 5 °C or above."),
        (VITAMIN_D, "In the United Kingdom, breastfed babies need 400 IU of vitamin D a day."),
        (
            VITAMIN_D,
            "In the United States, breastfed babies need 8.5 to 10 micrograms of vitamin D a day.",
        ),
        (VITAMIN_D, "In the United States, breastfeeding mothers need 400 IU of vitamin D a day."),
        (
            METHODS,
            "With the injection, 7 in 100 women become pregnant in the first year of typical use.",
        ),
        (METHODS, "With the pill, 4 in 100 women become pregnant in the first year."),
        (METHODS, "With the injection, 4 in 1000 women become pregnant in the first year."),
        (
            METHODS,
            "Fewer than 4 in 100 women become pregnant in the first year with the injection.",
        ),
        (METHODS, "The hormonal coil works for 5 to 10 years."),
        (METHODS, "More than 1 in 100 women become pregnant in the first year with an implant."),
        (MORE_METHODS, "With a diaphragm, 13 in 100 women become pregnant in the first year."),
        (MORE_METHODS, "With withdrawal, 85 in 100 women get pregnant in the first year."),
        (
            MORE_METHODS,
            "With condoms, 13 in 100 women become pregnant in the first month of typical use.",
        ),
        (MORE_METHODS, "With condoms, 17% of women become pregnant in the first year."),
        (EMERGENCY, "In Canada, the emergency number is 999."),
        (EMERGENCY, "In Canada, the emergency number is 112."),
        (EMERGENCY, "In the United States, the emergency number is 112."),
        (EMERGENCY, "The emergency number in the United Kingdom is 911."),
        (EMERGENCY, "The emergency number in the European Union is 999."),
        (
            ANAEMIA,
            "In the United Kingdom, anaemia is a haemoglobin below 110 g/L in the second trimester.",
        ),
        (
            ANAEMIA,
            "In the United Kingdom, anaemia is a haemoglobin below 105 g/L in the first trimester.",
        ),
        (ANAEMIA, "WHO and ACOG use below 105 g/L in the third trimester."),
        (ANAEMIA, "WHO and ACOG use below 110 g/L in the second trimester."),
        (ANAEMIA, "ACOG uses below 100 g/L after birth."),
        (
            ANAEMIA_AGAIN,
            "WHO and ACOG say that anaemia is a haemoglobin below 110 g/l in the second trimester.",
        ),
        (ANAEMIA_AGAIN, "British guidelines say below 105 g/l in the first trimester."),
        (
            ANAEMIA_AGAIN,
            "WHO and ACOG say that anaemia is a haemoglobin above 105 g/l in the second trimester.",
        ),
        (
            BIRTH,
            "ACOG advises birth at 39 weeks when gestational diabetes is controlled without medicine.",
        ),
        (
            BIRTH,
            "ACOG advises birth between 39 weeks and 40 weeks and 6 days for gestational diabetes controlled with medicine.",
        ),
        (
            BIRTH,
            "In the United Kingdom, birth is advised at 39 weeks when gestational diabetes is controlled with medicine.",
        ),
        (
            BIRTH,
            "ACOG advises birth at 38 weeks when gestational diabetes is controlled with medicine.",
        ),
        (
            CHECKS,
            "ACOG advises a blood pressure check within 7 to 10 days if your high blood pressure was severe.",
        ),
        (
            CHECKS,
            "If you had high blood pressure, WHO advises a blood pressure check within 7 to 10 days.",
        ),
        (CHECKS, "If you had high blood pressure, ACOG advises a blood pressure check at 6 weeks."),
        (
            CHECKS,
            "ACOG advises a blood pressure check within 72 hours if you had high blood pressure that was not severe.",
        ),
        (VISITS, "At 36 weeks you have blood tests again."),
        (VISITS, "A membrane sweep is offered at 36 weeks."),
        (VISITS, "The detailed scan of the baby is at 11 to 14 weeks."),
        (VISITS, "The test for gestational diabetes is at 28 weeks."),
        (VISITS, "A membrane sweep and induction are offered after 41 weeks."),
        (ADVICE, "Smokers should not take the combined pill."),
        (ADVICE, "Smokers aged 35 or over can take the combined pill."),
        (ADVICE, "Do not take the combined pill if you are 35 or older."),
        (ADVICE, "Your sister needs treatment unless she itches."),
        (ADVICE, "Your sister does not need treatment if she itches."),
        (ADVICE, "Your sister needs treatment."),
        (ADVICE, "Don't swim once the cut has healed."),
        (ADVICE, "Swim until the cut has healed."),
        (ADVICE, "You can swim before the cut has healed."),
        (ADVICE, "Don't swim after the cut has healed."),
        (ADVICE, "Wait until you drive before the feeling in your legs comes back."),
        (ADVICE, "You may drive before the feeling in your legs has come back."),
        (ADVICE, "You can get enough of it from fish oil alone."),
        (ADVICE, "It is best to have hot baths."),
        (ADVICE, "You need not avoid hot baths."),
        (ADVICE, "You cannot have the jab while breastfeeding."),
        (ADVICE, "Breastfeeding is a reason to put off the jab."),
        (ADVICE, "Kiss toddlers on the mouth and not on the hair."),
        (ADVICE, "Kiss toddlers on the mouth rather than the hair."),
        (ADVICE, "Kiss toddlers on the hair and the mouth."),
        (ADVICE, "Tranexamic acid is kept for cases in which tablets have worked."),
        (ADVICE, "Tranexamic acid is not kept for cases in which tablets have failed."),
        (ADVICE, "Stop lamotrigine before you ask your doctor."),
        (ADVICE, "Stop lamotrigine suddenly and ask your doctor."),
        (ADVICE, "You may stop lamotrigine; ask your doctor first."),
        (ADVICE, "Immune women should have the jab after birth."),
        (ADVICE, "See your GP if the cough is better after two weeks."),
        (ADVICE, "Brie is safe unless it is cooked."),
        (ADVICE, "Avoid Brie if it is cooked."),
        (ADVICE, "Brie is only safe if it is not cooked."),
    ],
)
def test_what_belongs_to_its_neighbour_is_withheld(passage: str, sentence: str) -> None:
    assert not _passes(passage, sentence)


def test_parallel_numbers_are_written_out_with_their_owners() -> None:
    assert list_parallels("The guide is 220 mg in pregnancy and 290 mg while breastfeeding.") == [
        "The guide is 220 mg in pregnancy",
        "The guide is 290 mg while breastfeeding",
    ]
    assert list_parallels("A mug of coffee holds 100 mg and a mug of tea 75 mg.") == [
        "A mug of coffee holds 100 mg",
        "a mug of tea holds 75 mg.",
    ]


def test_what_may_narrow_all_of_them_leaves_only_the_last() -> None:
    parts = list_parallels("Take 2 mg in spring and 3 mg in autumn if you smoke.")
    assert parts == ["Take 3 mg in autumn if you smoke"]


@pytest.mark.parametrize("passage", [CHOLINE, IODINE, VITAMIN_D, ANAEMIA, BIRTH, CORD])
def test_no_statement_passes_with_its_neighbours_number(passage: str) -> None:
    sentences = [name_ordinals(span.text) for span in split_sentences(passage)]
    groups = [list_fronted(sentence) for sentence in sentences]
    groups += [list_parallels(piece) for sentence in sentences for piece in sentence.split("; ")]
    claims = {claim for parts in groups for claim in _exchange_numbers(parts)}
    assert claims
    assert not [claim for claim in claims if _passes(passage, claim)]


def _exchange_numbers(parts: list[str]) -> list[str]:
    """Each part with a number that only another part has."""
    claims = []
    for one, other in permutations(parts, 2):
        numbers = find_quantities(one)
        values = {(q.low, q.high) for q in numbers}
        for old, new in product(numbers, find_quantities(other)):
            sort = (old.kind, old.dimension) == (new.kind, new.dimension)
            if sort and (new.low, new.high) not in values:
                claims.append(one[: old.start] + new.text + one[old.end :])
    return claims


def test_a_later_half_borrows_the_words_of_the_first() -> None:
    assert list_fronted(CORD) == [
        "The cord is clamped between one and five minutes after birth, says NICE",
        "The cord is clamped at least 30 to 60 seconds after birth, says ACOG",
    ]
    assert list_fronted(
        "After five years, 79 in 1,000 have it, and after ten years 92 in 1,000."
    ) == ["after ten years, 92 in 1,000 have it"]


def test_a_denied_number_has_no_parts() -> None:
    assert list_parallels("Take 2 mg in spring and not 3 mg in autumn.") == []


def test_bare_ordinals_get_their_noun() -> None:
    assert name_ordinals("one in the first and third trimesters, two in the second") == (
        "one in the first trimester and third trimester, two in the second trimester"
    )


@pytest.mark.parametrize(
    ("statement", "form"),
    [
        ("Wait until it heals before you swim.", "do not you swim until it heals"),
        ("Do not swim before it heals.", "do not swim until it heals"),
        ("You do not need it unless it itches.", "You need it only if it itches"),
        ("Ginger helps.", None),
    ],
)
def test_a_statement_has_one_agreed_form(statement: str, form: str | None) -> None:
    assert restate(statement) == form


@pytest.mark.parametrize(
    ("passage", "sentence"),
    [
        (
            "Women who are not immune should have the vaccine before they conceive.",
            "Do not have the vaccine until you conceive.",
        ),
        (
            "Women who do not smoke need a scan unless they are over 40.",
            "Women who smoke need a scan only if they are over 40.",
        ),
        ("Do not eat liver, because it holds vitamin A.", "You can eat liver."),
        (
            "It works for 4 to 8 hours and is taken every 4 to 8 hours.",
            "It is taken every 4 hours.",
        ),
        ("Take it if you smoke and are over 40.", "Take it if you are over 40."),
        ("It is effective if taken correctly.", "It is effective however you take it."),
    ],
)
def test_an_agreed_form_says_no_more_than_its_statement(passage: str, sentence: str) -> None:
    assert not _passes(passage, sentence)
