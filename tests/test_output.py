"""Answers and articles as JSON, field by field."""

import json
from dataclasses import replace

import pytest

from index.errors import QuoteMismatch
from index.output import answer_json, article_json
from index.types import Answer, Article, Quote, Searched, Source, Span, text_hash

TEXT = "Font size A A\n\nThe drone fell. “Nobody” was hurt."
ARTICLE = Article(
    id="sub/a.txt",
    path="/x/sub/a.txt",
    url="https://gazette.example/a",
    title="Drone",
    author=None,
    publisher="The Gazette",
    published="2025-03-19",
    updated=None,
    language="en",
    text=TEXT,
    body=(Span(15, 49),),
    text_sha256=text_hash(TEXT),
    file_sha256="f" * 64,
)
SOURCE = Source("Drone", None, "The Gazette", "2025-03-19", "https://gazette.example/a", "sub/a.txt", 1)
OTHER = Source(None, None, None, None, None, "b.txt", 7)
EDITED = Source("Edited", None, None, None, None, "c.txt", 2)
QUOTE = Quote.cut(
    ARTICLE,
    Span(15, 49),
    highlights=(Span(15, 30),),
    source=SOURCE,
    score=0.123456,
    also_in=(OTHER,),
    versions=(EDITED,),
    exact=Span(19, 24),
)
ANSWER = Answer(
    question=" What fell? ",
    understood="What fell?",
    quotes=(QUOTE,),
    confidence=0.98765,
    answered=True,
    searched=Searched(2, 31, "2024-01-01", None),
    elapsed_ms=41.6789,
    warnings=("a warning",),
    read=True,
)


def test_an_answer_is_written_field_by_field() -> None:
    assert answer_json(ANSWER, "q7") == {
        "id": "q7",
        "question": " What fell? ",
        "understood": "What fell?",
        "read": True,
        "answered": True,
        "confidence": 0.9877,
        "searched": {"articles": 2, "passages": 31, "first": "2024-01-01", "last": None},
        "quotes": [
            {
                "article": "sub/a.txt",
                "start": 15,
                "end": 49,
                "text": "The drone fell. “Nobody” was hurt.",
                "highlights": [[15, 30]],
                "exact": [19, 24],
                "score": 0.1235,
                "paragraph": 1,
                "title": "Drone",
                "author": None,
                "publisher": "The Gazette",
                "published": "2025-03-19",
                "url": "https://gazette.example/a",
                "text_sha256": text_hash(TEXT),
                "file_sha256": "f" * 64,
                "also_in": [{"article": "b.txt", "paragraph": 7}],
                "versions": [{"article": "c.txt", "paragraph": 2}],
            }
        ],
        "warnings": ["a warning"],
        "elapsed_ms": 41.7,
    }


@pytest.mark.parametrize(("id", "expected"), [(None, {}), ("", {"id": ""}), ("7", {"id": "7"})])
def test_an_answer_has_an_id_where_one_is_given(id: str | None, expected: dict[str, str]) -> None:
    printed = answer_json(ANSWER, id)
    assert {name: value for name, value in printed.items() if name == "id"} == expected


def test_an_answer_without_quotes_is_written_too() -> None:
    printed = answer_json(replace(ANSWER, quotes=(), answered=False, confidence=0.0, warnings=()))
    assert (printed["quotes"], printed["answered"], printed["confidence"]) == ([], False, 0.0)


def test_what_was_not_read_and_has_no_exact_answer_says_so() -> None:
    plain = replace(QUOTE, exact=None, also_in=(), versions=())
    printed = answer_json(replace(ANSWER, read=False, quotes=(plain,)))
    (quote,) = printed["quotes"]
    assert (printed["read"], quote["exact"], quote["also_in"], quote["versions"]) == (False, None, [], [])


@pytest.mark.parametrize("printed", [answer_json(ANSWER), article_json(ARTICLE)], ids=["answer", "article"])
def test_what_is_written_can_be_read_again(printed: dict[str, object]) -> None:
    assert json.loads(json.dumps(printed, ensure_ascii=False, allow_nan=False)) == printed


def test_a_quote_that_is_not_what_the_article_says_is_never_written() -> None:
    altered = replace(QUOTE, text=QUOTE.text.replace("Nobody", "Somebody"))
    with pytest.raises(QuoteMismatch, match="it is not shown"):
        answer_json(replace(ANSWER, quotes=(QUOTE, altered)))


def test_an_article_is_written_field_by_field() -> None:
    assert article_json(ARTICLE) == {
        "path": "/x/sub/a.txt",
        "title": "Drone",
        "author": None,
        "publisher": "The Gazette",
        "published": "2025-03-19",
        "updated": None,
        "url": "https://gazette.example/a",
        "language": "en",
        "text": TEXT,
        "body": [[15, 49]],
        "text_sha256": text_hash(TEXT),
        "file_sha256": "f" * 64,
    }
