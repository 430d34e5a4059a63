"""The conversations that were written, and how turns are counted as found."""

import json

from index.types import Answer, Article, Quote, Searched, Source, Span
from training.data import Paragraph
from training.followups import _rank, _turns
from training.written import CONVERSATIONS


def test_every_conversation_begins_alone_and_every_leaning_turn_is_completed() -> None:
    conversations = [json.loads(line)["turns"] for line in CONVERSATIONS.read_text("utf-8").splitlines()]
    assert len(conversations) > 20
    for turns in conversations:
        assert len(turns) > 1
        assert not turns[0]["leans"]
        assert all(bool(turn["full"]) == turn["leans"] and turn["q"].strip() for turn in turns)


def test_each_turn_but_the_first_comes_with_what_was_asked_before() -> None:
    first, second = json.loads(CONVERSATIONS.read_text("utf-8").splitlines()[0])["turns"][:2]
    parts = [Paragraph(0, second["title"], text, (), second["paragraph"], 0) for text in ("One.", "Two.")]
    turn = next(_turns(parts))
    assert (turn.question, turn.before, turn.text) == (second["q"], (first["q"],), "One. Two. ")


def quote(text: str) -> Quote:
    stated = dict.fromkeys(("url", "title", "author", "publisher", "published", "updated"))
    article = Article(
        id="a", path="a", language="en", text=text, body=(Span(0, len(text)),), text_sha256="", file_sha256="", **stated
    )
    return Quote(article, 0, len(text), text, (), Source(None, None, None, None, None, "a", 1), 0.5)


def test_a_turn_is_found_at_the_rank_of_the_first_quote_from_its_paragraph() -> None:
    quotes = (quote("Elsewhere."), quote("It rained."))
    found = Answer("?", "?", quotes, 0.5, True, Searched(1, 2, None, None), 1.0)
    assert _rank(found, "The inn stood. It rained. Nobody came.") == 1
    assert _rank(found, "Another.") >= 5
