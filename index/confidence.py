"""How likely a passage answers: a calibrated probability from a few scores.

The constants are fitted by training/calibrate.py on questions that no test uses; docs/search.md shows how
far the probabilities can be trusted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.types import Hit

# What each feature adds to the logit, where the passage was read, and where it was not.
READ_INTERCEPT, READ = -2.715, (0.073, 0.155, 0.289, 5.63)
UNREAD_INTERCEPT, UNREAD = -7.83, (7.68, 4.29)
# The crowd is at this place, counted from 0; a lead in relevance counts up to so much.
PLACE, FAR = 6, 8.0
# Of the answers shown from a confidence on, the part that does not hold the answer, if half of what is asked has none.
WRONG = ((0.1, 0.35), (0.2, 0.246), (0.3, 0.205), (0.4, 0.148), (0.5, 0.117), (0.6, 0.088), (0.7, 0.057), (0.8, 0.031))


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a passage must stand out of: the relevance and the nearness of the one that is `PLACE`-th best at that.

    Not the second best: several passages may answer, and each is a reason more to trust the first.
    """

    relevance: float
    nearness: float


# The median crowd of the questions that the constants were fitted on.
USUAL = Crowd(relevance=-2.05, nearness=0.348)


def crowd_of(hits: Sequence[Hit]) -> Crowd:
    """Return the crowd among the hits of a question; in a library too small for one, what is usual elsewhere."""
    read = [hit.reading.relevance for hit in hits if hit.reading]
    return Crowd(_placed(read, USUAL.relevance), _placed([hit.dense for hit in hits], USUAL.nearness))


def _placed(values: Sequence[float], usual: float) -> float:
    """Return the value at the place of the crowd, usual ones standing for those that are missing."""
    missing = max(PLACE + 1 - len(values), 0)
    return sorted([*values, *[usual] * missing], reverse=True)[PLACE]


def features(hit: Hit, share: float, crowd: Crowd, nearest: float = -1.0) -> tuple[float, ...]:
    """Return what the probability is made of.

    `share` is the part of the question's words, rare ones counting more, that the passage holds; `nearest`
    the cosine of its nearest sentence. Of a hit that was read: relevance, the lead of the best span over
    "nowhere", the lead in relevance and in nearness over the crowd; of another: nearness (of passage or
    sentence), share.
    """
    if hit.reading is None:
        return max(hit.dense, nearest), share
    relevance = hit.reading.relevance
    lead = max(min(relevance - crowd.relevance, FAR), -FAR)
    return relevance, _finite(hit.reading.margin), lead, hit.dense - crowd.nearness


def probability(hit: Hit, share: float, crowd: Crowd, nearest: float = -1.0) -> float:
    """Return the probability, 0 to 1, that a passage answers the question; see `features`."""
    read = hit.reading is not None
    weights = READ if read else UNREAD
    return _logistic(READ_INTERCEPT if read else UNREAD_INTERCEPT, weights, features(hit, share, crowd, nearest))


def threshold_for(most_wrong: float) -> float:
    """Return the confidence from which on answers are to be shown, so that at most this part of them is wrong.

    "At most one in ten" is 0.1. Between the measured points of `WRONG` it is interpolated; what is stricter
    than all of them gives the last.
    """
    thresholds, shares = zip(*reversed(WRONG), strict=True)
    return float(np.interp(most_wrong, shares, thresholds))


def _logistic(intercept: float, weights: Sequence[float], values: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-intercept - sum(w * value for w, value in zip(weights, values, strict=True))))


def _finite(logit: float) -> float:
    """A passage without words has the lead -inf; it counts as one that is surely no answer."""
    return max(min(logit, 20.0), -20.0)
