"""Canonical text → units."""

from textwrap import fill

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.intake.lines import units

PARAGRAPHS = (
    "The northern pier stays shut until the end of May, the harbour board decided on Wednesday after a long debate "
    "in the old town hall, which was full to the last seat. No member objected, and nobody asked who will pay.",
    "A second vote, on the price of the repair, was put off until the autumn.",
    "Room 4",
)
WRAPPED = "\n\n".join(fill(paragraph, 66) for paragraph in PARAGRAPHS)
TEXTS = st.lists(
    st.one_of(st.sampled_from(["\n", "\n\n", " ", "\t", "\u2028", "\x1f", "\x85", "word ", "longer-word "]), st.text()),
    max_size=60,
).map("".join)


def words(text: str, start: int = 0) -> list[str]:
    return [unit.span.of(text) for unit in units(text, start)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One line.\nAnother line.", ["One line.", "Another line."]),
        ("  One line. \t\n \n\n\u00a0Another line.\u2003", ["One line.", "Another line."]),
        ("one", ["one"]),
        (" \n\t\n", []),
        ("", []),
    ],
)
def test_a_line_is_a_paragraph_without_the_space_around_it(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_the_lines_of_a_wrapped_text_are_one_paragraph_up_to_a_blank_line() -> None:
    assert [" ".join(paragraph.split()) for paragraph in words(WRAPPED)] == list(PARAGRAPHS)
    assert words(WRAPPED) == WRAPPED.split("\n\n")


@pytest.mark.parametrize(
    "poem",
    [
        "Ropes in the rain\nand a gull on the rail,\nnobody rows\ntoday, not one sail",
        "red ropes\nold boats\nnew nails\nten lamps\ntwo masts",
    ],
)
def test_lines_that_their_writer_ended_stay_apart(poem: str) -> None:
    assert words(poem) == poem.splitlines()


def test_lines_that_end_early_stay_apart_in_a_wrapped_text_too() -> None:
    text = "Pier shut until June\nBy Ann Lee\n3 May 2025\n\n" + WRAPPED
    assert words(text) == ["Pier shut until June", "By Ann Lee", "3 May 2025", *WRAPPED.split("\n\n")]


def test_lines_too_wide_for_a_wrapped_text_stay_apart() -> None:
    lines = [f"Paragraph {number} of this text is a single line: " + "pier " * 20 + "end." for number in range(5)]
    assert words("\n".join(lines)) == lines


def test_reading_begins_where_it_is_told_to() -> None:
    text = "---\nskipped\n---\nOne line.\nAnother line."
    assert words(text, text.index("One")) == ["One line.", "Another line."]


def test_a_unit_is_judged_by_its_words_with_single_spaces() -> None:
    (unit,) = units("  The\u00a0 pier \t is shut. ")
    assert (unit.words, unit.heading, unit.listed) == ("The pier is shut.", False, False)


@given(TEXTS, st.integers(0, 20))
def test_units_are_in_order_inside_the_text_and_lose_nothing(text: str, start: int) -> None:
    start = min(start, len(text))
    spans = [unit.span for unit in units(text, start)]
    ends = [start, *(span.end for span in spans)]
    assert all(end <= span.start < span.end <= len(text) for end, span in zip(ends, spans, strict=False))
    assert all(span.of(text) == span.of(text).strip() for span in spans)
    gaps = zip(ends, [*(span.start for span in spans), len(text)], strict=True)
    assert not any(text[left:right].strip() for left, right in gaps)
