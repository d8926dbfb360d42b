# ruff: noqa: E501  (a pattern is read whole)
"""What it says of its own limits, kindly: another subject, silent books, no dose, no diagnosis.

Fixed sentences and the plain patterns that ask for them. Knows no book and no model; rag/answer.py says them.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from rag.reply.medicines import Medicine
from rag.signs.wording import normalise
from rag.text.patterns import compile_patterns

NOT_IN_BOOKS = (
    "My books do not answer this. Please ask your midwife, doctor or pharmacist; "
    "they know you and can look further."
)
ONLY_THE_PAGES = (
    "My books do not answer exactly this. What they do say of {names} stands below; "
    "for the rest, please ask your midwife, doctor or pharmacist."
)
OUT_OF_SCOPE = (
    "I only know about pregnancy and women's health, so I can't help with that one. "
    "Ask me about pregnancy, birth, feeding, periods, contraception or the menopause.",
    "That one is outside what I know: my books are about pregnancy, birth and women's health, and I'd be glad to help there.",
    "I'm afraid I'm no use for that; I'm at home in pregnancy, birth, feeding a baby, periods, contraception and the menopause.",
    "I'd rather not guess at that, because my books are only about pregnancy and women's health; ask me anything there.",
)
ASK_PRESCRIBER = (
    "I can't prescribe, or say how much you should take: please ask your prescriber, "
    "midwife or pharmacist, who know you and what else you take."
)
NO_DIAGNOSIS = (
    "I can't tell you what you have; that takes someone who can ask, look and test. "
    "Please see your midwife or doctor about it."
)

# She asks for a prescription, or how much of a medicine to take, or to change it.
_PRESCRIBE = compile_patterns(
    ("(prescribe|write|give|send|get) me .. (prescription|script|something stronger)", "(prescribe|prescription for) (me|us|my|for me|a|an|some)", "(can|could|will|would) you (please )?prescribe", "prescribe", "(need|want|renew*|refill*) (a |my |another )?(prescription|script|repeat)")
)  # fmt: skip
_DOSE = compile_patterns(
    ("how (much|many)", "(what|which|correct|right|safe|max|maximum|highest|usual) (is )?(the |a )?(safe |right |correct |maximum |max |highest |usual |best )?(dose*|dosage|strength|amount)", "dose of", "dosage", "overdos*", "(double|halve|increase|raise|lower|reduce|up|skip|split|change|taper|adjust) (my|the|her) .. (dose|dosage|tablet*|pill*|medic*|meds|mg)", "how (often|long) (can|should|do|must|may) (i|she|we) (take|use)", "(1|2|3|4|5|6|two|three) (tablet*|pill*|capsule*) (or|instead)", "\\d+(\\.\\d+)? ?(mg|mcg|milligram*|microgram*|g|ml|iu|units)")
)  # fmt: skip
_MEDICINE = compile_patterns(
    ("mg", "medicine*", "medication*", "meds", "tablet*", "pill*", "capsule*", "drug*", "dose*", "dosage")
)  # fmt: skip
# She asks what it is that she has.
_DIAGNOSE = compile_patterns(
    ("(can|may) (i|she|my (wife|baby|daughter|partner)) be (having|getting|suffering|miscarrying)", "(do|did|could|might|have) (i|she|my (wife|baby|daughter|partner)) (have|got|be (having|getting|suffering)|be miscarrying|had)(?! (a|an|any|some|another|more|to|sex|my|the|enough)? ?(vaginal birth|vbac|induction|sweep|test*|blood test*|check*|baby|bath*|coffee|tea|wine|glass|drink|vaccin*|jab|flu jab|flu shot|scan|massage|birth|water birth|choice|caesarean|epidural|home|c section|sex|dye|tattoo|x ray|cup|alcohol|sushi|cheese|child*|children|hair|the flu|it|one|to|my))", "what (is|could be|might be) wrong with (me|her|us|my (baby|body|period*))", "what (do|have) i (have|got)", "(diagnose|diagnosis) (me|my|for me|is it)", "what is my diagnosis", "give me a diagnosis", "(is|could|might) (this|it|that) (be )?(a |an |the )?(cancer|miscarriage|pre ?eclampsia|ectopic*|endometriosis|pcos|infection|uti|thrush|bv|mastitis|postnatal depression|depression|menopause|labour|fibroid*|cyst|herpes|prolapse|diabetes|cholestasis)", "am i (miscarrying|having a miscarriage|infertile|depressed|anaemic|menopausal|going through the menopause)")
)  # fmt: skip

# What is asked of a machine, and parts of the body that are nobody's pregnancy.
_OTHER = compile_patterns(
    ("knee*", "ankle*", "elbow*", "shoulder*", "wrist*", "toenail*", "tooth", "teeth", "athlete's foot", "prostate", "tax*", "mortgage", "invest*", "stock*", "bitcoin", "crypto*", "python", "java", "javascript", "code", "sql", "function", "program*", "homework", "essay", "poem", "song", "joke", "recipe", "translate*", "capital of", "weather", "football", "car", "tyre", "tire", "laptop", "computer", "phone", "wifi", "president", "election", "war", "math*", "equation", "dog", "cat", "visa", "lawyer", "movie", "film")
)  # fmt: skip
_OURS = compile_patterns(
    ("pregnan*", "bab*", "birth*", "breast*", "period*", "womb", "vagina*", "cervi*", "menopaus*", "hrt", "contracept*", "pill", "coil", "midwi*", "labour", "newborn*", "trimester", "expecting", "postnatal", "postpartum", "caesarean", "fertil*", "miscarr*", "bump", "weeks", "nursing", "ovar*", "pelvi*")
)  # fmt: skip


def is_other_subject(question: str) -> bool:
    """Whether a question that the books do not answer is plainly about something else."""
    line = normalise(question)
    return bool(_OTHER.search(line)) and not _OURS.search(line)


def say_out_of_scope(question: str) -> str:
    """One friendly sentence on another subject; the same question gets the same one."""
    return OUT_OF_SCOPE[crc32(question.encode()) % len(OUT_OF_SCOPE)]


def asks_for_dose(question: str, medicines: Sequence[Medicine] = ()) -> bool:
    """Whether she asks for a prescription, or how much of a medicine to take."""
    line = normalise(question)
    if _PRESCRIBE.search(line):
        return True
    return bool(_DOSE.search(line) and (medicines or _MEDICINE.search(line)))


def asks_for_diagnosis(question: str) -> bool:
    """Whether she asks what it is that she has."""
    return bool(_DIAGNOSE.search(normalise(question)))


def closing_notes(question: str, medicines: Sequence[Medicine] = ()) -> list[str]:
    """What is added to an answer about what it can't do."""
    notes = []
    if asks_for_dose(question, medicines):
        notes.append(ASK_PRESCRIBER)
    if asks_for_diagnosis(question):
        notes.append(NO_DIAGNOSIS)
    return notes
