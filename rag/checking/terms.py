"""Words, their stems and the concepts they stand for: synonyms, names, opposites, families.

Reads `terms.toml` once. Knows words and short phrases; no sentence's meaning.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import snowballstemmer  # type: ignore[import-untyped]

TERMS_FILE = Path(__file__).with_name("terms.toml")
WORD = re.compile(r"[A-Za-z]+(?:[-‑]\d+\w*|\d\w*)|[A-Za-zÀ-ÿ]+(?:['’][a-z]+)?|\d[\d.,/]*|≥|≤|[<>]")
_LONGEST_PHRASE = 5  # words

# British and American spellings meet in one form before stemming.
_SPELLINGS = (
    (re.compile(r"aem"), "em"), (re.compile(r"oed"), "ed"), (re.compile(r"oest"), "est"),
    (re.compile(r"foet"), "fet"), (re.compile(r"sulph"), "sulf"), (re.compile(r"rrhoe"), "rrhe"),
    (re.compile(r"paed"), "ped"), (re.compile(r"gynaec"), "gynec"), (re.compile(r"anaes"), "anes"),
    (re.compile(r"haem"), "hem"), (re.compile(r"oesoph"), "esoph"), (re.compile(r"isation"), "ization"),
    (re.compile(r"(?<=[a-z]{3})is(e|ed|es|ing)$"), r"iz\1"),
    (re.compile(r"(lab|col|tum|od|fav|behavi|vap|rum|hum)our"), r"\1or"),
    (re.compile(r"(?<=[a-z])tre(s?)$"), r"ter\1"), (re.compile(r"^(diarr)hoea"), r"\1hea"),
    (re.compile(r"programme"), "program"), (re.compile(r"aciclovir"), "acyclovir"),
)  # fmt: skip
_IRREGULAR = {
    "women": "woman", "men": "man", "feet": "foot", "teeth": "tooth", "children": "child",
    "babies": "baby", "given": "give", "gave": "give", "taken": "take", "took": "take",
    "grew": "grow", "grown": "grow", "fell": "fall", "fallen": "fall", "rose": "rise", "risen": "rise",
    "got": "get", "gotten": "get", "went": "go", "goes": "go", "gone": "go", "done": "do", "did": "do", "does": "do",
    "made": "make", "felt": "feel", "kept": "keep", "lost": "lose", "left": "leave", "found": "find",
    "begun": "begin", "began": "begin", "broke": "break", "broken": "break", "drank": "drink",
    "drunk": "drink", "ate": "eat", "eaten": "eat", "slept": "sleep", "fed": "feed", "bled": "bleed",
    "knew": "know", "known": "know", "thought": "think", "told": "tell", "said": "say", "met": "meet",
    "worse": "worse", "worst": "worse", "better": "better", "lying": "lie", "lies": "lie",
    "dying": "die", "dies": "die", "chosen": "choose", "chose": "choose", "wore": "wear", "worn": "wear",
    "spread": "spread", "shown": "show", "seen": "see", "saw": "see", "led": "lead", "became": "become",
    "bought": "buy", "held": "hold", "stood": "stand", "built": "build", "meant": "mean",
    "diagnoses": "diagnosis", "analyses": "analysis", "ova": "ovum", "bacteria": "bacterium",
}  # fmt: skip
_STEMMER = snowballstemmer.stemmer("english")

# Endings of drug and disease names (WHO INN stems; clinical suffixes): such a word is a name
# even where no table lists it, so only itself may stand for it.
_NAME_ENDING = re.compile(
    r"(?:cillin|mycin|cycline|floxacin|azole|oxin|vir|pril|sartan|[oa]lol|dipine|statin|parin|xaban|gliptin|formin|"
    r"pam|zolam|oxetine|pramine|triptan|setron|prazole|tidine|caine|fentanil|profen|coxib|mab|nib|relin|relix|"
    r"gestrel|gestone|estradiol|terone|lukast|terol|sone|solone|quine|artem\w+|bactam|penem|cef\w{4,}|"
    r"itis|osis|aemia|emia|pathy|oma|plasia|ectomy|otomy|oscopy|iasis|uria|algia|rrhagia|trophy)s?$"
)
_OPENS_SENTENCE = re.compile(r"(?:^|[.!?:•|])\s*$")
_NOT_NAMES = frozenset(
    ("diagnosis", "prognosis", "osmosis", "mitosis", "coma", "aroma", "combined")
)


@dataclass(frozen=True, slots=True)
class Terms:
    """The table, ready for look-up: phrases are tuples of stems, concepts are their lists' numbers."""

    concepts: dict[tuple[str, ...], frozenset[str]]
    names: frozenset[str]  # concept ids that are drugs, conditions or countries
    opposites: dict[str, frozenset[str]]  # key → keys
    families: tuple[frozenset[str], ...]
    roles: tuple[frozenset[str], ...]

    def find_keys(self, stems: tuple[str, ...]) -> frozenset[str]:
        """What a word or phrase can stand for: its concepts, and itself when it is one word."""
        return self.concepts.get(stems, frozenset()) | {" ".join(stems)}

    def are_opposites(self, keys: frozenset[str], others: frozenset[str]) -> bool:
        """Whether one says the contrary of the other."""
        return any(self.opposites.get(key, frozenset()) & others for key in keys)

    def share_family(self, keys: frozenset[str], others: frozenset[str]) -> bool:
        """Whether the two exclude one another, as "white" and "yellow" do."""
        return self.share_role(keys, others) or any(
            keys & family and others & family for family in self.families
        )

    def share_role(self, keys: frozenset[str], others: frozenset[str]) -> bool:
        """Whether the two are different persons, times or forms that things are said of."""
        return any(
            keys & role and others & role and not keys & others & role for role in self.roles
        )


@lru_cache(maxsize=20000)
def stem_word(word: str) -> str:
    """The stem of one word, British and American spelling alike."""
    text = word.lower().replace("’", "'").replace("‑", "-")
    text = re.sub(r"'s$|'$", "", text).replace("-", "")
    for pattern, plain in _SPELLINGS:
        text = pattern.sub(plain, text)
    text = _IRREGULAR.get(text, text)
    return str(_STEMMER.stemWord(text))


def stem_phrase(phrase: str) -> tuple[str, ...]:
    """The stems of a phrase's words."""
    return tuple(stem_word(match.group()) for match in WORD.finditer(phrase))


def is_name_like(word: str) -> bool:
    """Whether a word looks like the name of a drug, a disease or an operation."""
    lower = word.lower()
    return len(lower) > 5 and lower not in _NOT_NAMES and bool(_NAME_ENDING.search(lower))


@lru_cache(maxsize=1)
def load_terms() -> Terms:
    """The table of `terms.toml`, read once."""
    table = tomllib.loads(TERMS_FILE.read_text(encoding="utf-8"))
    concepts: dict[tuple[str, ...], set[str]] = {}
    names: set[str] = set()
    for section in ("drugs", "conditions", "places", "same"):
        for number, phrases in enumerate(table[section]):
            concept = f"{section}:{number}"
            for phrase in phrases:
                concepts.setdefault(stem_phrase(phrase), set()).add(concept)
            if section != "same":
                names.add(concept)
    frozen = {stems: frozenset(ids) for stems, ids in concepts.items()}
    return Terms(
        frozen,
        frozenset(names),
        _read_opposites(table["opposites"]),
        tuple(frozenset(map(key_of, members)) for members in table["families"]),
        tuple(frozenset(map(key_of, members)) for members in table["roles"]),
    )


def key_of(phrase: str) -> str:
    """The key that a word or phrase itself has, apart from its concepts."""
    return " ".join(stem_phrase(phrase))


def _read_opposites(pairs: list[list[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for left, right in pairs:
        found.setdefault(key_of(left), set()).add(key_of(right))
        found.setdefault(key_of(right), set()).add(key_of(left))
    return {key: frozenset(others) for key, others in found.items()}


def build_vocabulary(passages: Iterable[str], rarest: int = 3) -> frozenset[str]:
    """Stems of the books' own names: only ever capitalised inside sentences, or name-like and rare.

    A word of this vocabulary stands only for itself, never for a look-alike.
    """
    capitals: set[str] = set()
    seen: Counter[str] = Counter()
    small: set[str] = set()
    for text in passages:
        for match in WORD.finditer(text):
            word, stem = match.group(), stem_word(match.group())
            seen[stem] += 1
            if word[0].islower():
                small.add(stem)
            elif not _OPENS_SENTENCE.search(text[: match.start()]):
                capitals.add(stem)
    name_like = {stem for stem, n in seen.items() if n <= rarest and is_name_like(stem)}
    return frozenset((capitals - small) | name_like)
