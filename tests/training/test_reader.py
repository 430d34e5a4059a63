"""What each step of the training learns from."""

import math
from collections import Counter

import pytest
import torch

from index.types import Span
from training.data import Asked, Paragraph, Query
from training.reader import Batches, Material, _binary, _order, _ranking, _shuffled
from training.written import NOT_HERE, NOWHERE

SUBJECTS = ("mill", "ferry", "orchard", "school", "quarry", "choir")


def material() -> Material:
    """Six paragraphs of three articles from a file, six of three written ones, all of much the same words."""
    paragraphs = [
        Paragraph(row // 2 + (100 if row >= 6 else 0), "Town", text, (Span(0, len(text)),), row % 2, 0)
        for row, text in enumerate(
            f"The {subject} of the town opened in {1900 + row}{place}."
            for row, (subject, place) in enumerate([(s, p) for p in ("", " again") for s in SUBJECTS])
        )
    ]
    asked = [Asked(f"When did the {SUBJECTS[row]} open?", row, (Span(4, 8),)) for row in range(6)]
    written = [
        *(Query(f"the {SUBJECTS[row - 6]} opening", "open", row, Span(0, 8), (Span(0, 8),)) for row in range(6, 10)),
        Query("Who owns the mill of the town?", NOT_HERE, 0, None, ()),
        Query("Who owns the ferry of the town?", NOWHERE, 11, None, ()),
    ]
    return Material(paragraphs, 6, asked, written, hidden={1})


@pytest.fixture(scope="module")
def batches() -> Batches:
    return Batches(material(), 5, 2)


def test_the_same_step_learns_from_the_same_cases_whatever_came_before(batches: Batches) -> None:
    assert batches.at(7, 3) == batches.at(7, 3) == Batches(material(), 5, 2).at(7, 3)
    assert batches.at(7, 3) != batches.at(8, 3)


def test_at_first_only_questions_of_the_file_are_learnt_then_the_written_too(batches: Batches) -> None:
    before = [case.query.kind for step in range(3) for case in batches.at(step, 3)]
    after = [case.query.kind for step in range(3, 6) for case in batches.at(step, 3)]
    written = {"open", NOT_HERE, NOWHERE}
    assert not written & set(before)
    assert sum(kind in written for kind in after) == 3 * 3


def test_every_item_comes_once_an_epoch() -> None:
    items = [Query(str(number), "open", 0, None, ()) for number in range(7)]
    for epoch in range(3):
        drawn = Counter(_shuffled(items, epoch * 7 + place).text for place in range(7))
        assert set(drawn.values()) == {1}
        assert len(drawn) == 7
    assert _order(7, 0) != _order(7, 1)


def test_rows_that_do_not_answer_are_of_the_same_origin_and_never_the_right_one(batches: Batches) -> None:
    for step in range(40):
        for case in batches.at(step, 0):
            right, *wrong = case.rows
            assert right == case.query.row
            assert right not in wrong
            assert len(set(wrong)) == 2
            assert all((row < 6) == (right < 6) for row in wrong)


def test_what_another_paragraph_of_the_article_may_answer_is_not_taught_to_be_wrong(batches: Batches) -> None:
    cases = [case for step in range(40) for case in batches.at(step, 0) if case.query.kind == NOT_HERE]
    assert cases
    # Row 1 is of the same article as row 0.
    assert all(1 not in case.rows for case in cases)


def test_held_out_articles_are_never_learnt_from(batches: Batches) -> None:
    rows = {case.query.row for step in range(40) for case in batches.at(step, 20)}
    assert not {2, 3} & rows
    assert {0, 1, 4, 5} <= rows


def test_the_choice_may_be_none_of_the_rows() -> None:
    table = torch.tensor([[3.0, 0.0], [-5.0, -5.0]])
    right = float(_ranking(table, torch.tensor([True, False])))
    wrong = float(_ranking(table, torch.tensor([False, True])))
    assert right == pytest.approx((math.log(1 + 2 * math.exp(-3)) + math.log(1 + 2 * math.exp(-5))) / 2, abs=1e-4)
    assert wrong > right + 3


def test_a_row_is_right_only_where_the_query_has_an_answer() -> None:
    sure = torch.tensor([[9.0, -9.0, -9.0]])
    assert float(_binary(sure, torch.tensor([True]))) < 0.001
    assert float(_binary(sure, torch.tensor([False]))) > 1
