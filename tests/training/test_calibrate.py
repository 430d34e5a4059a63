"""What counts as found, and what is said of it."""

from pathlib import Path

import pytest

from index.types import Hit, Passage, Reading, Span
from training.calibrate import Case, _exact, _is_kept, _marked, _places_in, is_right, write_articles
from training.data import Paragraph

CONTEXT = "The mill burned down in 1911. Nobody rebuilt it; the owner had left."
SENTENCES = (Span(0, 29), Span(30, len(CONTEXT)))


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        (CONTEXT, ["1911"], True),
        (CONTEXT[30:], ["the owner"], True),
        (f"{CONTEXT} More was said.", ["1911"], True),
        (CONTEXT[30:], ["1911"], False),
        (CONTEXT, [], False),
        ("In 1911 the inn burned down.", ["1911"], False),
    ],
)
def test_right_is_a_part_of_the_paragraph_that_holds_an_answer(text: str, answers: list[str], expected: bool) -> None:
    assert is_right(text, CONTEXT, answers) is expected


def test_an_answer_is_placed_in_the_passage_and_one_that_is_elsewhere_is_not() -> None:
    assert _places_in(CONTEXT, ["1911", "never", "the owner"]) == (Span(24, 28), Span(49, 58))


def test_parts_of_one_paragraph_are_written_as_one(tmp_path: Path) -> None:
    parts = [Paragraph(0, "Mill", text, (), number, 0) for number, text in ((0, "One."), (0, "Two."), (1, "Three."))]
    write_articles([*parts, Paragraph(1, "Inn", "Four.", (), 0, 0)], tmp_path)
    assert (tmp_path / "0.md").read_text() == "# Mill\n\nOne. Two.\n\nThree.\n"
    assert (tmp_path / "1.md").read_text() == "# Inn\n\nFour.\n"


def reading(first: float, second: float, span: Span, margin: float) -> Reading:
    return Reading(1.0, (first, second), span, margin)


def case(*answers: Span, read: Reading) -> Case:
    hit = Hit(Passage("a", Span(0, len(CONTEXT)), 1, SENTENCES), 0.5, 1.0, 0.5, read)
    return Case("ask", (hit,), (True,), (1.0,), answers, (True,))


def test_a_page_that_was_not_read_to_the_end_is_not_kept() -> None:
    read = reading(0, 0, Span(0, 3), 0)
    assert _is_kept([None, read], [False, True])
    assert not _is_kept([read, None], [False, True])


def test_marks_are_compared_with_all_sentences_that_answer() -> None:
    both = case(Span(24, 28), Span(49, 58), read=reading(2, 2, Span(0, 3), 0))
    assert _marked(both) == (2, 2, 1, 1)
    one = case(Span(24, 28), Span(49, 58), read=reading(2, -9, Span(0, 3), 0))
    assert _marked(one) == pytest.approx((2, 1, 1, 29 / (len(CONTEXT) - 1)))


@pytest.mark.parametrize(("span", "expected"), [(Span(24, 28), True), (Span(22, 28), True), (Span(4, 8), False)])
def test_an_exact_answer_is_right_where_it_shares_half_of_it(span: Span, expected: bool) -> None:
    assert _exact(case(Span(24, 28), read=reading(0, 0, span, 9)), 8) is expected
    assert _exact(case(Span(24, 28), read=reading(0, 0, span, 7)), 8) is None
