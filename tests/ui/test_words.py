"""The page's own sentences."""

import pytest

from ui import words


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2025-03-17", "2025-04-12", "1 article, 1,200 passages, published 2025-03-17 to 2025-04-12"),
        ("2025-03-17", "2025-03-17", "1 article, 1,200 passages, published 2025-03-17"),
        (None, None, "1 article, 1,200 passages, no date of publication stated"),
    ],
)
def test_what_is_searched_is_said_with_its_dates(first: str | None, last: str | None, said: str) -> None:
    assert words.searched(1, 1200, first, last) == said


def test_counts_agree_with_their_nouns() -> None:
    assert words.found(5, 1) == "5 quotes from 1 article"
    assert words.also(2) == "The same words in 2 other articles"
    assert words.versions(1) == "Nearly the same words in 1 other article"
