"""How likely a passage answers: a calibrated probability from a few scores that do not depend on the library's size.

The constants are fitted by training/calibrate.py on questions that no test uses; docs/search.md shows how
far the probabilities can be trusted.
"""

import math
from collections.abc import Sequence

from index.types import Hit

# What each feature adds to the logit, where the passage was read, and where it was not.
READ_INTERCEPT, READ = -3.31, (0.209, 0.114, 0.047, 2.038, 2.372)
UNREAD_INTERCEPT, UNREAD = -7.83, (7.68, 4.29)


def features(hit: Hit, share: float, nearest: float = -1.0) -> tuple[float, ...]:
    """Return what the probability is made of.

    `share` is the part of the question's words, rare ones counting more, that the passage holds; `nearest`
    the cosine of its nearest sentence. Of a hit that was read: relevance, the best sentence, the lead of the
    best span over "nowhere", nearness, share; of another: nearness (of passage or sentence), share.
    """
    if hit.reading is None:
        return max(hit.dense, nearest), share
    reading = hit.reading
    return reading.relevance, _finite(max(reading.sentences)), _finite(reading.margin), hit.dense, share


def probability(hit: Hit, share: float, nearest: float = -1.0) -> float:
    """Return the probability, 0 to 1, that a passage answers the question."""
    read = hit.reading is not None
    return _logistic(
        READ_INTERCEPT if read else UNREAD_INTERCEPT, READ if read else UNREAD, features(hit, share, nearest)
    )


def _logistic(intercept: float, weights: Sequence[float], values: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-intercept - sum(w * value for w, value in zip(weights, values, strict=True))))


def _finite(logit: float) -> float:
    """A sentence that was not read has the logit -inf; it counts as one that is surely no answer."""
    return max(min(logit, 20.0), -20.0)
