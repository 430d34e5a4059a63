"""The nouns: what they refuse, and that they never change."""

from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from hashlib import sha256
from typing import Any

import pytest

from index import types
from index.errors import QuoteMismatch
from index.types import Article, Passage, Quote, Source, Span, text_hash

TEXT = "The drone fell. Nobody was hurt."
SOURCE = Source(None, None, None, None, None, "a.txt", 1)
ARTICLE = Article(
    "a.txt", "/x/a.txt", None, None, None, None, None, None, None, TEXT, (Span(0, 32),), text_hash(TEXT), "0"
)


def quote(span: Span, *highlights: Span) -> Quote:
    return Quote.cut(ARTICLE, span, highlights=highlights, source=SOURCE, score=0.5)


@pytest.mark.parametrize("noun", [noun for noun in vars(types).values() if is_dataclass(noun)])
def test_every_noun_is_frozen_and_has_slots(noun: Any) -> None:
    made = object.__new__(noun)
    with pytest.raises(FrozenInstanceError):
        setattr(made, fields(noun)[0].name, None)
    assert not hasattr(made, "__dict__")


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (4, 3), (-2, -1)])
def test_a_span_that_ends_before_it_starts_or_starts_before_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=f"0 <= start <= end, found {start} and {end}"):
        Span(start, end)


def test_a_span_is_a_slice() -> None:
    span = Span(4, 9)
    assert (span.of(TEXT), len(span)) == ("drone", 5)
    assert sorted([Span(4, 9), Span(4, 5), Span(0, 20)]) == [Span(0, 20), Span(4, 5), Span(4, 9)]


@pytest.mark.parametrize(
    ("other", "expected"),
    [((4, 9), True), ((0, 32), True), ((5, 9), False), ((4, 8), False), ((9, 12), False)],
)
def test_a_span_lies_within_another_that_holds_all_of_it(other: tuple[int, int], expected: bool) -> None:
    assert Span(4, 9).within(Span(*other)) is expected


def test_the_hash_of_a_text_is_that_of_its_utf_8() -> None:
    assert text_hash("Grüße") == sha256(b"Gr\xc3\xbc\xc3\x9fe").hexdigest()


@pytest.mark.parametrize(
    "body",
    [(Span(0, 33),), (Span(0, 15), Span(14, 20)), (Span(16, 32), Span(0, 15))],
    ids=["outside", "twice", "order"],
)
def test_the_body_of_an_article_lies_in_its_text_in_order(body: tuple[Span, ...]) -> None:
    with pytest.raises(ValueError, match=r"a\.txt: body spans must be in order inside 32 characters"):
        replace(ARTICLE, body=body)


@pytest.mark.parametrize("sentences", [(), (Span(0, 16),), (Span(0, 5), Span(14, 16))])
def test_a_passage_consists_of_sentences_inside_it(sentences: tuple[Span, ...]) -> None:
    with pytest.raises(ValueError, match="sentences that lie inside it"):
        Passage("a.txt", Span(0, 15), 1, sentences)


def test_a_quote_is_its_slice_of_the_article() -> None:
    cut = quote(Span(16, 32), Span(16, 22))
    assert (cut.text, cut.start, cut.end) == ("Nobody was hurt.", 16, 32)
    assert (cut.also_in, cut.versions, cut.exact) == ((), (), None)
    cut.check()


@pytest.mark.parametrize("span", [Span(5, 5), Span(32, 40), Span(16, 33)], ids=["empty", "behind", "beyond the end"])
def test_a_span_that_does_not_fit_the_article_is_no_quote(span: Span) -> None:
    with pytest.raises(QuoteMismatch, match=f"a.txt {span.start}-{span.end}: "):
        quote(span)


@pytest.mark.parametrize("mark", [Span(0, 4), Span(15, 22), Span(30, 33)])
def test_a_highlight_outside_the_quote_is_refused(mark: Span) -> None:
    with pytest.raises(QuoteMismatch, match=f"highlight {mark.start}-{mark.end} lies outside the quote"):
        quote(Span(16, 32), mark)


@pytest.mark.parametrize("exact", [Span(0, 4), Span(15, 22), Span(30, 33)])
def test_an_exact_answer_outside_the_quote_is_refused(exact: Span) -> None:
    with pytest.raises(QuoteMismatch, match=f"{exact.start}-{exact.end} lies outside the quote"):
        Quote.cut(ARTICLE, Span(16, 32), highlights=(), source=SOURCE, score=0.5, exact=exact)


def test_a_quote_keeps_its_exact_answer_and_where_else_its_words_stand() -> None:
    copy, version = replace(SOURCE, path="copy.txt"), replace(SOURCE, path="version.txt")
    cut = Quote.cut(
        ARTICLE,
        Span(16, 32),
        highlights=(Span(16, 32),),
        source=SOURCE,
        score=0.5,
        also_in=(copy,),
        versions=(version,),
        exact=Span(16, 22),
    )
    assert (cut.also_in, cut.versions) == ((copy,), (version,))
    assert cut.exact is not None
    assert cut.exact.of(ARTICLE.text) == "Nobody"


@pytest.mark.parametrize("change", [{"text": "Nobody was Hurt."}, {"start": 15}, {"end": 31}, {"text": ""}], ids=str)
def test_a_quote_that_was_changed_in_any_part_fails_its_check(change: dict[str, Any]) -> None:
    with pytest.raises(QuoteMismatch, match="it is not shown"):
        replace(quote(Span(16, 32)), **change).check()


def test_a_quote_of_a_text_that_is_not_the_one_that_was_hashed_fails_its_check() -> None:
    other = replace(ARTICLE, text=TEXT.replace("drone", "plane"))
    with pytest.raises(QuoteMismatch, match=r"differs from its SHA-256; rebuild with `python -m index build`"):
        replace(quote(Span(16, 32)), article=other).check()
