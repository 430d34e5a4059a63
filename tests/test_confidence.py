"""Scores → probability."""

import math

import pytest

from index.confidence import (
    FAR,
    PLACE,
    READ,
    READ_INTERCEPT,
    UNREAD,
    UNREAD_INTERCEPT,
    USUAL,
    WRONG,
    Crowd,
    crowd_of,
    features,
    probability,
    threshold_for,
)
from index.types import Hit, Passage, Reading, Span

PASSAGE = Passage("a.txt", Span(0, 10), 1, (Span(0, 4), Span(5, 10)))
CROWD = Crowd(relevance=-1.0, nearness=0.4)


def unread(dense: float) -> Hit:
    return Hit(PASSAGE, dense, 1.0, 0.5)


def was_read(relevance: float, sentences: tuple[float, ...] = (0.0, 1.0), margin: float = 2.0) -> Hit:
    return Hit(PASSAGE, 0.5, 1.0, 0.5, Reading(relevance, sentences, Span(0, 1), margin))


def test_where_the_evidence_balances_the_probability_is_one_half() -> None:
    assert probability(unread(-UNREAD_INTERCEPT / UNREAD[0]), 0, CROWD) == pytest.approx(0.5)
    assert probability(unread(0), -UNREAD_INTERCEPT / UNREAD[1], CROWD) == pytest.approx(0.5)


def test_an_unread_passage_is_as_near_as_its_nearest_sentence() -> None:
    assert features(unread(0.3), 0.5, CROWD, nearest=0.6) == (0.6, 0.5)
    assert features(unread(0.3), 0.5, CROWD, nearest=0.1) == (0.3, 0.5)


def test_a_read_passage_must_stand_out_of_the_crowd() -> None:
    assert features(was_read(3.0), 0.4, CROWD) == pytest.approx((3.0, 2.0, 4.0, 0.1))


@pytest.mark.parametrize(("relevance", "lead"), [(30.0, FAR), (-30.0, -FAR)])
def test_a_lead_counts_only_so_far(relevance: float, lead: float) -> None:
    assert features(was_read(relevance), 0.4, CROWD)[2] == lead


def test_a_passage_without_words_counts_as_no_answer_and_breaks_nothing() -> None:
    blank = was_read(1.0, (-math.inf, -math.inf), -math.inf)
    assert features(blank, 0.0, CROWD)[1] == -20.0
    assert 0 <= probability(blank, 0.0, CROWD) < 0.5


def test_several_passages_that_answer_take_no_trust_from_the_first() -> None:
    others = [was_read(1.0)] * 10
    alone = crowd_of([was_read(6.0), *others])
    assert crowd_of([was_read(6.0)] * PLACE + others) == alone
    assert crowd_of([was_read(6.0)] * (PLACE + 1) + others).relevance > alone.relevance


def test_in_a_small_library_usual_passages_stand_for_those_it_has_not() -> None:
    assert crowd_of([]) == crowd_of([was_read(6.0), was_read(2.0)]) == USUAL
    assert crowd_of([was_read(-9.0)]).relevance == -9.0
    assert crowd_of([was_read(-9.0 - number) for number in range(PLACE + 1)]).relevance == -9.0 - PLACE


def test_the_probability_is_the_logistic_function_of_the_weighted_features() -> None:
    logit = READ_INTERCEPT + sum(w * value for w, value in zip(READ, (3.0, 2.0, 4.0, 0.1), strict=True))
    assert probability(was_read(3.0), 0.4, CROWD) == pytest.approx(1 / (1 + math.exp(-logit)))


def test_the_probability_grows_with_relevance_and_with_words() -> None:
    low, middle, high = (probability(was_read(relevance), 0.4, CROWD) for relevance in (-3.0, 0.0, 6.0))
    assert low < middle < high
    assert probability(unread(0.5), 0.2, CROWD) < probability(unread(0.5), 0.9, CROWD)


def test_the_fewer_may_be_wrong_the_surer_an_answer_must_be() -> None:
    wanted = [threshold_for(share) for share in (0.5, 0.2, 0.1, 0.05, 0.0)]
    assert wanted == sorted(wanted)
    assert 0 < wanted[0] < wanted[2] < wanted[-1] < 1


@pytest.mark.parametrize(("threshold", "share"), WRONG)
def test_a_measured_share_gives_its_threshold(threshold: float, share: float) -> None:
    assert threshold_for(share) == pytest.approx(threshold)
