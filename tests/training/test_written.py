"""What was written for training: every line fits its paragraph, and is read as it was meant."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from index.types import Span
from training.data import Paragraph, Query
from training.written import NEWS, NOT_HERE, NOWHERE, QUESTIONS, load_news, load_questions

KINDS = {"ask", "open", "yesno", "claim", "topic", "none"}
FIRST, SECOND = "The mill burned down in 1911.", "Nobody rebuilt it; the owner had left."
TITLE = "A mill that stayed a ruin"


def item(kind: str, sentences: Sequence[int], **more: Any) -> dict[str, Any]:
    return {"p": 0, "kind": kind, "q": f"{kind}?", "s": list(sentences), **more}


def written(path: Path, items: Sequence[dict[str, Any]]) -> list[Query]:
    article = {"title": TITLE, "paragraphs": [[FIRST, SECOND], ["It rained."]], "items": items}
    path.write_text(json.dumps(article) + "\n", "utf-8")
    return load_news(path, 100)[1]


def test_an_article_becomes_paragraphs_with_their_sentences_in_place(tmp_path: Path) -> None:
    written(tmp_path / "news.jsonl", [])
    (one, two), _ = load_news(tmp_path / "news.jsonl", 100)
    assert (one.title, one.article, one.number) == (TITLE, 100, 0)
    assert [span.of(one.text) for span in one.sentences] == [FIRST, SECOND]
    assert (two.text, two.article, two.number) == ("It rained.", 100, 1)


def test_a_query_points_at_its_answer_and_holds_its_sentences(tmp_path: Path) -> None:
    text = f"{FIRST} {SECOND}"
    short, long, none = written(
        tmp_path / "news.jsonl", [item("ask", [1], a="the owner"), item("open", [0, 1]), item("none", [])]
    )
    assert short.row == 100
    assert short.span
    assert short.span.of(text) == "the owner"
    assert [span.of(text) for span in short.holds] == [SECOND]
    assert long.span
    assert long.span.of(text) == FIRST
    assert [span.of(text) for span in long.holds] == [FIRST, SECOND]
    assert (none.kind, none.span, none.holds) == (NOWHERE, None, ())


def test_a_question_on_a_paragraph_that_was_divided_goes_to_the_part_that_holds_it(tmp_path: Path) -> None:
    parts = [
        Paragraph(3, TITLE, FIRST, (Span(0, len(FIRST)),), 7, 0),
        Paragraph(3, TITLE, SECOND, (Span(0, len(SECOND)),), 7, len(FIRST) + 1),
    ]
    second = [len(FIRST) + 1, len(FIRST) + 1 + len(SECOND)]
    lines = [
        {
            "title": TITLE,
            "paragraph": 7,
            "kind": "ask",
            "q": "who?",
            "spans": [second],
            "a": [second[0], second[0] + 6],
        },
        {"title": TITLE, "paragraph": 7, "kind": "open", "q": "both?", "spans": [[0, len(FIRST)], second]},
        {"title": TITLE, "paragraph": 7, "kind": "none", "q": "none?", "spans": []},
        {"title": "Another", "paragraph": 7, "kind": "none", "q": "unknown?", "spans": []},
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    who, none = load_questions(path, parts)
    assert (who.row, who.kind, who.holds) == (1, "ask", (Span(0, len(SECOND)),))
    assert who.span
    assert who.span.of(SECOND) == "Nobody"
    assert (none.kind, none.span) == (NOT_HERE, None)


@pytest.fixture(scope="module")
def articles() -> list[dict[str, Any]]:
    return [json.loads(line) for line in NEWS.read_text("utf-8").splitlines()]


def test_every_written_article_is_one_and_every_item_fits_it(articles: list[dict[str, Any]]) -> None:
    assert len({article["title"] for article in articles}) == len(articles) > 20
    for article in articles:
        for entry in article["items"]:
            sentences = article["paragraphs"][entry["p"]]
            assert entry["kind"] in KINDS
            assert entry["q"].strip()
            assert (entry["s"] == []) == (entry["kind"] == "none")
            words = [sentences[place] for place in entry["s"]]
            assert "a" not in entry or any(entry["a"] in sentence for sentence in words)


def test_every_written_question_is_whole() -> None:
    entries = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    assert len({(entry["q"], entry["title"], entry["paragraph"]) for entry in entries}) == len(entries) > 1000
    for entry in entries:
        assert entry["kind"] in KINDS
        assert (entry["spans"] == []) == (entry["kind"] == "none")
        assert all(start < end for start, end in entry["spans"])
        if "a" in entry:
            assert any(start <= entry["a"][0] < entry["a"][1] <= end for start, end in entry["spans"])
