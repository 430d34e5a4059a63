"""Passages that say the same in the same words → one: copies, and versions with a few words changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from index.lexical import phrase_terms
from index.library import Library
from index.types import Hit

# Two passages are one where this share of the shorter one's runs of three words stands in the other; a short
# one only where it stands there whole: a single word makes it another.
SAME = 0.6
RUN = 3
SHORT = 15


@dataclass(slots=True)
class Group:
    """A hit, the hits below it of the same words, and those of nearly the same."""

    hit: Hit
    copies: list[Hit] = field(default_factory=list)
    versions: list[Hit] = field(default_factory=list)


def fold(hits: Sequence[Hit], library: Library, limit: int) -> list[Group]:
    """Return the first `limit` hits that differ, each with the later hits that repeat it.

    A version with another number in it is no copy: who reads for facts must see both.
    """
    groups: list[Group] = []
    runs: list[_Words] = []
    for hit in hits:
        words = _words(hit.passage.span.of(library.article(hit.passage.article).text))
        same = next((number for number, shown in enumerate(runs) if _repeats(words, shown)), None)
        if same is not None:
            kind = groups[same].copies if words.text == runs[same].text else groups[same].versions
            kind.append(hit)
        elif len(groups) < limit:
            groups.append(Group(hit))
            runs.append(words)
    return groups


@dataclass(frozen=True, slots=True)
class _Words:
    text: str
    runs: frozenset[tuple[str, ...]]
    numbers: frozenset[str]


def _words(text: str) -> _Words:
    found = phrase_terms(text)
    runs = frozenset(zip(*(found[place:] for place in range(RUN)), strict=False)) or frozenset([tuple(found)])
    numbers = (word for word in found if not word.isalpha() and any(letter.isdigit() for letter in word))
    return _Words(" ".join(text.split()), runs, frozenset(numbers))


def _repeats(words: _Words, shown: _Words) -> bool:
    if not words.numbers <= shown.numbers:
        return False
    shorter, longer = sorted((words, shown), key=lambda words: len(words.runs))
    needed = SAME if len(shorter.runs) >= SHORT else 1.0
    return len(shorter.runs & longer.runs) >= needed * len(shorter.runs)
