"""What the card learns from messages, and what it leaves alone."""

from __future__ import annotations

import pytest

from rag.countries import find_country, load_countries
from rag.errors import BadInput
from rag.events import Turn
from rag.profile import Profile, profile_of, update_profile
from rag.reply.tone import topic_tone
from rag.signs.rules import load_rules


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("im 34wks", 34), ("34+2 today", 34), ("I am thirty four weeks along", 34), ("8 months gone", 34),
        ("third trimester", 32), ("due in 2 weeks", 38), ("my due date was yesterday", 40), ("28 weeks, sore back", 28),
        ("6th month of pregnancy", 26), ("she's 36 weeks with twins", 36),
    ],
)  # fmt: skip
def test_gestation_is_read_in_any_spelling(text: str, weeks: int) -> None:
    found = profile_of(text).weeks
    assert found is not None
    assert int(found) == weeks


@pytest.mark.parametrize(
    "text",
    [
        "pain for 3 weeks",
        "my baby is 6 weeks old",
        "4 weeks ago",
        "every 2 weeks",
        "In my last pregnancy I bled at 8 weeks",
    ],
)
def test_other_weeks_are_no_gestation(text: str) -> None:
    assert profile_of(text).weeks is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("gave birth 4 days ago", 4),
        ("10 days postpartum", 10),
        ("my 5 day old won't feed", 5),
        ("had my baby last week", 7),
    ],
)
def test_days_after_birth_are_read(text: str, days: int) -> None:
    assert profile_of(text).days_after_birth == days


@pytest.mark.parametrize(
    "text",
    [
        "my baby hasn't moved since yesterday",
        "my baby stopped moving 2 hours ago",
        "my baby kicked a lot last night",
        "my baby last night was so quiet",
        "midwife discussed my birth plan yesterday",
        "I have a c-section on Friday",
        "my birth class was on Monday",
        "I had my daughter 6 years ago",
        "had my first baby 3 years ago by c-section",
    ],
)
def test_what_is_no_recent_birth_leaves_her_pregnant(text: str) -> None:
    told = update_profile(Profile(pregnant=True, weeks=30.0), text)
    assert (told.pregnant, told.weeks, told.days_after_birth) == (True, 30.0, None)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("my c-section was on Friday", 3),
        ("the birth was 3 weeks ago", 21),
        ("delivered yesterday", 1),
        ("had a c-section 6 days ago", 6),
        ("my baby came last night", 1),
        ("she was born on Tuesday", 3),
    ],
)
def test_a_birth_ends_the_pregnancy_in_any_wording(text: str, days: int) -> None:
    told = update_profile(Profile(pregnant=True, weeks=39.0), text)
    assert (told.pregnant, told.days_after_birth) == (False, days)


def test_a_birth_ends_the_pregnancy() -> None:
    told = update_profile(Profile(pregnant=True, weeks=39.0), "I had my baby yesterday")
    assert (told.pregnant, told.weeks, told.days_after_birth) == (False, None, 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "how long does bleeding last after the birth?",
        "what is postpartum depression?",
        "how often should a newborn feed?",
        "pelvic floor exercises after birth?",
        "bleeding after birth how long",
        "how long will I bleed after the birth",
        "when should I worry about bleeding after birth",
        "when can I drive after a caesarean?",
    ],
)
def test_a_question_about_births_is_no_birth(text: str) -> None:
    assert update_profile(Profile(), text) == Profile()
    pregnant = Profile(pregnant=True, weeks=30.0)
    assert update_profile(pregnant, text) == pregnant


@pytest.mark.parametrize(
    "text", ["I want to breastfeed after the birth", "can I drive 6 weeks after a caesarean?"]
)
def test_a_birth_to_come_leaves_her_pregnant(text: str) -> None:
    pregnant = Profile(pregnant=True, weeks=30.0)
    assert update_profile(pregnant, text).days_after_birth is None


def test_what_hurts_after_the_birth_tells_of_a_birth() -> None:
    assert update_profile(Profile(), "so sore after giving birth").days_after_birth is not None


@pytest.mark.parametrize(
    ("text", "is_loss"),
    [
        ("can stress cause a miscarriage?", False),
        ("when can we try again after my miscarriage?", True),
        ("I had an abortion on Friday", True),
        ("we are 10 weeks post ivf loss", True),
        ("grandma says pineapple causes miscarriage", False),
        ("my sister lost her baby at 28 weeks", False),
    ],
)
def test_only_her_own_loss_is_noted(text: str, is_loss: bool) -> None:
    assert update_profile(Profile(), text).after_loss is is_loss


def test_earlier_turns_are_remembered() -> None:
    told = profile_of(
        "can I take it?", [Turn("user", "I'm 12 weeks with twins and allergic to penicillin")]
    )
    assert told.describe() == ("12 weeks pregnant", "twins or more", "allergic to penicillin")
    assert told.query_hints() == "first trimester twins"


def test_the_age_of_a_son_is_not_hers() -> None:
    assert profile_of("my son is 15 and wants to help").age is None
    assert profile_of("I am 15 and pregnant").age == 15


def test_a_story_is_not_about_her() -> None:
    assert profile_of("in my novel she is 30 weeks pregnant").weeks is None


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("how is an abortion done", "abortion"),
        ("I lost my baby at 20 weeks", "loss"),
        ("I'm 15 and pregnant", "under-age"),
        ("domestic violence help", "violence"),
        ("thoughts of suicide", "self-harm"),
        ("which foods are good", None),
        ("I'm 15 weeks", None),
    ],
)
def test_gentle_topics_are_noticed(text: str, tone: str | None) -> None:
    assert topic_tone(text) == tone


def test_sixty_countries_have_a_number_and_its_source() -> None:
    countries = load_countries()
    assert len(countries) >= 60
    assert all(len(c.code) == 2 and c.emergency.isdigit() and c.source for c in countries.values())


def test_an_unknown_country_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="GB"):
        find_country("XX")


@pytest.mark.parametrize("code", sorted(load_countries()))
def test_advice_names_no_line_that_a_country_does_not_have(code: str) -> None:
    country = find_country(code)
    for rule in load_rules():
        text = country.fill(rule.advice)
        assert "\0" not in text, rule.id
        assert "{" not in text, rule.id
        assert text.endswith((".", '?"')), rule.id
        assert f"{country.emergency} or {country.emergency}" not in text, rule.id
    talk = "If you are in danger, call {emergency}. For a confidential talk, call {violence}. Stay safe."
    assert ("confidential" in country.fill(talk)) is bool(country.violence)


def test_a_second_number_for_an_ambulance_stands_beside_the_first() -> None:
    assert find_country("IN").fill("Call {emergency} now.") == "Call 112 (108) now."
    assert find_country("ZA").fill("Call {emergency}.") == "Call 10177 (112 from a mobile phone)."
    assert find_country("BG").fill("See a doctor, or call {maternal}.") == "See a doctor."
