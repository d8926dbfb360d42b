# ruff: noqa: E501  (a pattern is read whole)
"""Text of a book that gives orders to a machine. No book of medicine does; a page that does is planted.

Such a passage is neither shown to the model, nor quoted, nor cited (rag/answer.py). Knows words only.
"""

from __future__ import annotations

import re

_RULES = r"(?:instructions?|rules?|guidelines?|prompts?|directions?|orders|guardrails|restrictions|training|safety|filters?)"
_MACHINE = r"(?:ai|a\.i\.|assistants?|chat ?bots?|bots?|language models?|llms?|gpt|llama|models?|agents?|machines?)"
_ORDERS = re.compile(
    "|".join(
        (
            # ignore what you were told
            rf"\b(?:ignore|disregard|forget|override|bypass)\b"
            rf"[^.!?]{{0,40}}\b(?:all|any|every|your|the|these|those|previous|prior|above|earlier|system|safety)\b[^.!?]{{0,30}}\b{_RULES}\b"
            rf"(?!\s+(?:on|of|from|in|for|given|about|by)\s+(?:the|your|a|any)\s+(?:pack|packet|label|leaflet|box|doctor|midwife|nurse|pharmacist))",
            rf"\b(?:do not follow|don't follow|never follow|stop following|drop|skip)\b[^.!?]{{0,20}}\b(?:your|previous|prior|above|earlier|system)\b[^.!?]{{0,20}}\b{_RULES}\b",
            r"\b(?:ignore|disregard|forget)\s+(?:everything|anything|all)\s+(?:above|before|you|that came|else|previous)",
            # you are something else now
            r"\byou(?:'re| are)\s+(?:now|no longer|an?|the)\b[^.!?]{0,30}\b(?:ai|a\.i\.|chat ?bot|bot|language model|llm|gpt|llama)\b",
            r"\byou are now (?:in|my|free|unrestricted|unfiltered|dan|doctor)\b[^.!?]{0,30}(?:mode|doctor|rules|limits|anything|dan)\b|\bpretend (?:to be|you are|that you)\b|\bfrom now on,? (?:you|answer|reply|respond|say)\b|\bact as (?:a|an|if) [^.!?]{0,30}\b(?:ai|model|bot|assistant|doctor without|dan)\b",
            r"\b(?:system|developer|jailbreak|god|admin|debug) ?(?:prompt|mode|message|override)\b",
            rf"\b(?:dear|attention|note to|notice to|hey|hello),?\s+(?:the |any |all )?{_MACHINE}\b",
            rf"\b(?:if you are|as) an?\s+(?:ai|{_MACHINE})\b(?=[^.!?]*\b(?:you|must|say|tell|answer|reply|reading)\b)",
            rf"\b{_MACHINE}\s*(?:reading|summari[sz]ing|processing)\s+this\b",
            r"\b(?:the|this|every|any|all)\s+(?:ai(?: assistants?| models?)?|chat ?bots?|language models?|llms?)\s+(?:must|should|shall|has to|will|is to)\b",
            # what to say
            r"\b(?:respond|reply|answer)(?: to (?:the|every|all|any)[^.!?]{0,25})? (?:only |always |instead )*(?:with|by saying|that)\b[^.!?]{0,12}[\"“'‘:]",
            r"\b(?:tell|inform|convince|persuade|assure) (?:the|every|each|any|all)(?: the)? (?:readers?|users?|askers?|patients? who asks?)\b",
            r"\b(?:print|reveal|repeat|output|show|display|leak)\b[^.!?]{0,30}\b(?:your|the|system|hidden|initial)\b[^.!?]{0,15}\b(?:prompt|instructions|system message)\b",
            r"</?\s*(?:system|assistant|user|instructions?|inst|passage)\s*>|\[/?(?:inst|system)\]|<\|[^|>]{1,30}\|>|<<sys>>|^\s*#{1,3}\s*(?:system|instruction)s?\b|(?:^|[.!?]\s+)(?:system|assistant)\s*:\s",
        )
    ),
    re.IGNORECASE | re.MULTILINE,
)  # fmt: skip


def gives_orders(text: str) -> bool:
    """Whether a text speaks to the machine that reads it, and not to a woman."""
    return bool(_ORDERS.search(text))
