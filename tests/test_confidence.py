"""Scores → probability."""

import math

import pytest

from index.confidence import READ, READ_INTERCEPT, UNREAD, UNREAD_INTERCEPT, features, probability
from index.types import Hit, Passage, Reading, Span

PASSAGE = Passage("a.txt", Span(0, 10), 1, (Span(0, 4), Span(5, 10)))


def unread(dense: float) -> Hit:
    return Hit(PASSAGE, dense, 1.0, 0.5)


def was_read(relevance: float, sentences: tuple[float, ...] = (0.0, 1.0), margin: float = 2.0) -> Hit:
    return Hit(PASSAGE, 0.5, 1.0, 0.5, Reading(relevance, sentences, Span(0, 1), margin))


def test_where_the_evidence_balances_the_probability_is_one_half() -> None:
    assert probability(unread(-UNREAD_INTERCEPT / UNREAD[0]), 0) == pytest.approx(0.5)
    assert probability(unread(0), -UNREAD_INTERCEPT / UNREAD[1]) == pytest.approx(0.5)


def test_an_unread_passage_is_as_near_as_its_nearest_sentence() -> None:
    assert features(unread(0.3), 0.5, nearest=0.6) == (0.6, 0.5)
    assert features(unread(0.3), 0.5, nearest=0.1) == (0.3, 0.5)


def test_of_a_read_passage_the_best_sentence_counts() -> None:
    assert features(was_read(3.0), 0.4) == (3.0, 1.0, 2.0, 0.5, 0.4)


def test_a_sentence_that_was_not_read_counts_as_no_answer_and_breaks_nothing() -> None:
    found = features(was_read(1.0, (-math.inf, -math.inf), -math.inf), 0.0)
    assert found == (1.0, -20.0, -20.0, 0.5, 0.0)
    assert 0 <= probability(was_read(1.0, (-math.inf, -math.inf), -math.inf), 0.0) < 0.5


def test_the_probability_is_the_logistic_function_of_the_weighted_features() -> None:
    logit = READ_INTERCEPT + sum(w * value for w, value in zip(READ, (3.0, 1.0, 2.0, 0.5, 0.4), strict=True))
    assert probability(was_read(3.0), 0.4) == pytest.approx(1 / (1 + math.exp(-logit)))


def test_the_probability_grows_with_relevance_and_with_words() -> None:
    assert probability(was_read(-3.0), 0.4) < probability(was_read(0.0), 0.4) < probability(was_read(6.0), 0.4)
    assert probability(unread(0.5), 0.2) < probability(unread(0.5), 0.9)
