"""A source in one line, and what is not known named as such."""

from dataclasses import replace

import pytest

from index.citation import line_of, quotation, source_of, title_of
from index.types import Article, Source

FULL = Source("Bridge opens", "Ann Lee", "The Gazette", "2025-03-19", "https://gazette.example/bridge", "b.txt", 4)
NONE = Source(None, None, None, None, None, "sub/b.txt", 2)


def test_a_source_is_what_the_article_states_with_its_id_and_the_paragraph() -> None:
    article = Article(
        id="b.txt",
        path="/home/ann/b.txt",
        url="https://gazette.example/bridge",
        title="Bridge opens",
        author="Ann Lee",
        publisher="The Gazette",
        published="2025-03-19",
        updated="2025-03-20",
        language="en",
        text="",
        body=(),
        text_sha256="",
        file_sha256="",
    )
    assert source_of(article, 4) == FULL


def test_a_full_source_is_named_in_one_line() -> None:
    expected = "Bridge opens — The Gazette, Ann Lee, 2025-03-19, paragraph 4, https://gazette.example/bridge"
    assert line_of(FULL) == expected


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    assert line_of(NONE) == "sub/b.txt — publisher not stated, author not stated, date not stated, paragraph 2"


@pytest.mark.parametrize(
    ("field", "unknown"),
    [("publisher", "publisher not stated"), ("author", "author not stated"), ("published", "date not stated")],
)
def test_each_unknown_part_is_named_where_it_would_stand(field: str, unknown: str) -> None:
    without = replace(FULL, **{field: None})  # type: ignore[arg-type]
    assert line_of(without) == line_of(FULL).replace(getattr(FULL, field), unknown)


@pytest.mark.parametrize(("source", "title"), [(FULL, "Bridge opens"), (NONE, "sub/b.txt")])
def test_the_name_of_the_file_stands_in_for_a_title(source: Source, title: str) -> None:
    assert title_of(source) == title


def test_a_quotation_to_paste_holds_the_words_to_the_letter_and_their_source() -> None:
    words = "“No,” she\nsaid.  "
    assert quotation(words, NONE) == f"“{words}”\n— {line_of(NONE)}"
