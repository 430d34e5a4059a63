"""A question that leans on the conversation → the query it stands for; one that begins anew is left as it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.lexical import STOP_WORDS, terms
from index.query import Query, checked, phrases_of, query_of, well_formed

# How many turns of a person are looked back, and how many words they may lend.
LOOKED_BACK = 4
LENT = 12
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_LEANING = re.compile(
    r"\b(?:he|him|his|she|her|hers|it(?! (?:true|possible|likely|clear|known)\b|(?: \w+){1,3}? to\b)|its|they|them|"
    r"their|theirs|these|those|then|this|"
    r"that(?=[?.!,]|$| (?:is|was|be|mean|happen|one|time|day|year|case)\b)|the same|else|another|"
    r"others?|one(?! of\b)|ones|both(?! \w+ and\b)|"
    r"former|latter|such|too|also|instead|again)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:and|but|so|or|also|ok|okay|what about|how about|how come|how so|what else)\b", re.IGNORECASE
)
# A question with fewer words that carry meaning goes on with the subject of the one before.
ALONE = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said in a conversation: by a person, or, where `asked` is false, by Quotary."""

    content: str
    asked: bool = True


def understand(question: str, history: Sequence[Turn], longest: int) -> tuple[Query, ...]:
    """Return what a question may stand for in its conversation, the likelier first; raise QuestionInvalid.

    One that surely leans ("and when was that?") stands for one thing. Another ("how long did the tests take?")
    may lean or begin anew: what is found must tell.
    """
    asked = checked(question, longest)
    earlier = [" ".join(well_formed(turn.content).split())[:longest] for turn in history if turn.asked]
    topic = _topic(earlier[-LOOKED_BACK:])
    alone = query_of(question, longest)
    known = set(terms(asked))
    lent = [word for word in topic if terms(word) and not set(terms(word)) <= known]
    if not lent:
        return (alone,)
    completed = Query(asked, phrases_of(asked), " ".join(lent[:LENT]))
    if leans(asked):
        return (completed,)
    return (completed, alone) if _is_short(asked) else (alone, completed)


def leans(question: str) -> bool:
    """Say whether a question cannot be understood alone: 'and when was that?' → True.

    A word like "he" leans where nothing comes before it that it could stand for, or where it comes last.
    """
    if _OPENING.match(question) or not _carrying(question):
        return True
    return any(
        not _carrying(question[: match.start()]) or not _WORD.search(question, match.end())
        for match in _LEANING.finditer(question)
    )


def _is_short(question: str) -> bool:
    """Say whether a question says so little that its subject is that of the one before: 'how many colonies?'.

    A name that is asked for begins a subject of its own: "Who is Ines Okafor?"
    """
    named = any(word[0].isupper() for word in _WORD.findall(question)[1:])
    return not named and len(_carrying(question)) < ALONE


def _carrying(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.casefold() not in STOP_WORDS]


def _topic(earlier: Sequence[str]) -> list[str]:
    """Return the words that carry the conversation: those of the last question that stood alone and of those since."""
    topic: list[str] = []
    for question in earlier:
        words = _carrying(question)
        goes_on = leans(question) or _is_short(question)
        topic = list(dict.fromkeys([*topic, *words])) if goes_on else words
    return topic
