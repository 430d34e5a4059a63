"""The words of a question in a passage: what a vector blurs (names, numbers) counts here to the letter."""

import math
import re
import threading
from collections.abc import Sequence

import numpy as np
import Stemmer
from numpy.typing import NDArray

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_STOP_WORDS = frozenset(
    "a about after again against all also am an and any are as at be because been before being between both but "
    "by can could did do does doing done down during each ever few for from further get had has have having he "
    "her here hers him his how i if in into is it its itself just like made make many may me might more most "
    "much must my no nor not now of off on once one only or other our out over own said same say says she should "
    "so some such than that the their them then there these they this those through to too under until up upon "
    "us very was we were what when where which while who whom whose why will with would you your s t d ll re ve "
    "tell".split()
)


def terms(text: str) -> list[str]:
    """Return the stems of the words that carry meaning: 'Were the drones shot?' → ['drone', 'shot'].

    Snowball stemming (English); where every word is a stop word, all of them count.
    """
    words = [word.casefold().replace(",", "") for word in _WORD.findall(text.replace("’", "'").replace("'s ", " "))]
    kept = [word for word in words if word not in _STOP_WORDS] or words
    return [str(stem) for stem in _local.stemmer.stemWords(kept)]


def coverage(question: str, passages: Sequence[str]) -> NDArray[np.float64]:
    """Return, for each passage, which share of the question's words it holds (0 to 1), rare words counting more.

    A word's weight is log(1 + n/df) over the given passages, so that the measure does not depend on the
    size of the library.
    """
    wanted = sorted(set(terms(question)))
    held = [frozenset(terms(passage)) for passage in passages]
    if not wanted or not held:
        return np.zeros(len(held))
    counts = [sum(word in words for words in held) for word in wanted]
    weights = [math.log(1 + len(held) / max(count, 1)) for count in counts]
    scores = [sum(w for word, w in zip(wanted, weights, strict=True) if word in words) for words in held]
    return np.array(scores) / sum(weights)


class _Local(threading.local):
    """A Snowball stemmer for each thread: one must not be used by two at once."""

    def __init__(self) -> None:
        self.stemmer = Stemmer.Stemmer("english")


_local = _Local()
