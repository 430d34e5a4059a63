"""The invariant, before all else: every quote equals its slice of the canonical text, whatever the text is."""

import random
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.answer import answer
from index.errors import QuoteMismatch
from index.library import build_library, open_library
from index.output import answer_json
from index.reader import Reader, encode
from index.settings import Settings
from index.types import Article, Page, Passage, Quote, Reading, Source, Span, text_hash
from tests.conftest import WordEmbedder
from ui.cards import marked

AWKWARD = st.sampled_from(
    [
        "é",
        "👩\u200d👩\u200d👧",
        "🇫🇮",
        "\u202e",
        "\xad",
        "\u200b",
        "“",
        "”",
        "’",
        "…",
        "U.S. ",
        "Tues. ",
        "“No,” he said. ",
        "\n",
        "\r\n",
        "\r",
        "\n\n",
        "\t",
        " ",
        ". ",
        "! ",
        "? ",
        "See also\n",
        "Photo: X\n",
        "# ",
        "> ",
        "- ",
        "---\n",
        "中文。",
    ]
)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
TEXTS = st.lists(st.one_of(AWKWARD, WORDS, st.sampled_from(["the ", "drone ", "harbour ", "was "])), max_size=120).map(
    "".join
)
ARBITRARY = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
SOURCE = Source(None, None, None, None, None, "a.txt", 1)


def article(text: str, *body: tuple[int, int]) -> Article:
    spans = tuple(Span(*span) for span in body)
    return Article(
        id="a.txt",
        path="a.txt",
        url=None,
        title=None,
        author=None,
        publisher=None,
        published=None,
        updated=None,
        language=None,
        text=text,
        body=spans,
        text_sha256=text_hash(text),
        file_sha256="0",
    )


@ARBITRARY
@given(text=TEXTS, suffix=st.sampled_from([".txt", ".md"]))
def test_every_quote_equals_its_slice(text: str, suffix: str, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / f"text{suffix}").write_bytes(text.encode())
    # A second article keeps the library from being empty when the text is.
    (folder / "other.txt").write_text("The harbour was closed because of a drone.", "utf-8")
    configured = Settings(data=tmp_path, quotes=50, sentence_limit=100)
    build_library(tmp_path / "library", [folder], WordEmbedder(), configured)
    library = open_library(tmp_path / "library")
    found = answer("Was the harbour closed?", library, WordEmbedder(), configured)
    assert found.quotes
    assert found.warnings == ()
    for quote in found.quotes:
        raw = (folder / quote.article.id).read_bytes().decode().removeprefix("\ufeff")
        canonical = raw.replace("\r\n", "\n").replace("\r", "\n")
        assert quote.article.text == canonical
        assert quote.text == canonical[quote.start : quote.end]
        assert quote.text == quote.text.strip() != ""
        assert quote.highlights
        assert all(quote.start <= mark.start < mark.end <= quote.end for mark in quote.highlights)
        assert any(quote.start >= s.start for s in quote.article.body)


class Pointing(Reader):
    """Stands in for the reader: the answer is wherever the numbers say, be it in the middle of a letter."""

    def __init__(self, numbers: random.Random) -> None:
        super().__init__(None, {})  # type: ignore[arg-type]
        self._numbers = numbers

    def read(self, question: str, pages: Sequence[Page], budget: int, thoroughly: int) -> list[Reading | None]:  # noqa: ARG002
        assert budget > 0
        assert question
        return [self._reading(page) for page in pages[: self._numbers.randint(1, len(pages))]]

    def _reading(self, page: Page) -> Reading:
        start, end = sorted(self._numbers.randint(0, len(page.words)) for _ in range(2))
        logits = [self._numbers.choice([float("-inf"), *range(-9, 9)]) for _ in page.sentences]
        return Reading(self._numbers.uniform(-9, 9), tuple(logits), Span(start, end), self._numbers.choice([-9, 9]))


@ARBITRARY
@given(text=TEXTS, numbers=st.integers(0, 1000).map(random.Random))
def test_wherever_the_reader_points_every_quote_equals_its_slice(
    text: str, numbers: random.Random, tmp_path: Path
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir(exist_ok=True)
    (folder / "text.txt").write_bytes(text.encode())
    (folder / "other.txt").write_text("The harbour was closed because of a drone. Nobody was hurt.", "utf-8")
    configured = Settings(data=tmp_path, sentence_limit=100)
    build_library(tmp_path / "library", [folder], WordEmbedder(), configured)
    library = open_library(tmp_path / "library")
    found = answer("Was the harbour closed?", library, WordEmbedder(), configured, Pointing(numbers))
    assert found.read
    assert found.quotes
    assert found.warnings == ()
    for quote, printed in zip(found.quotes, answer_json(found)["quotes"], strict=True):
        assert quote.text == quote.article.text[quote.start : quote.end]
        assert quote.highlights
        assert quote.exact is None or quote.start <= quote.exact.start < quote.exact.end <= quote.end
        assert printed["exact"] == ([quote.exact.start, quote.exact.end] if quote.exact else None)
        assert re.sub("</?(mark|strong)>", "", marked(quote)) == escape(quote.text)


@settings(max_examples=300)
@given(text=TEXTS)
def test_every_token_that_is_read_lies_in_the_words_one_after_the_other(text: str) -> None:
    places = [place for place in encode("Was it closed?", "Harbour", text).places if place]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


@pytest.mark.parametrize(
    "text",
    [
        "The harbour was closed.",
        "The harbour was closed.\r\n\r\nThe drone\rfell.\r\n",
        "\ufeffThe harbour e\u0301tait ferme\u0301.\u00a0🎉🎉 Finí.",
        "harbour " * 4000,
        "harbour" + "e\u0301" * 9000,
        "港口关闭了。无人机坠落了。",
        "The “harbour” … was\u00adclosed.\tThen 👩‍👩‍👧 left.\n\n\n",
    ],
    ids=["no final newline", "newlines", "marks and emoji", "endless line", "endless word", "Chinese", "odd marks"],
)
def test_awkward_texts_are_quoted_to_the_letter(text: str, tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "text.txt").write_bytes(text.encode())
    configured = Settings(data=tmp_path, quotes=50)
    build_library(tmp_path / "library", [tmp_path / "articles"], WordEmbedder(), configured)
    library = open_library(tmp_path / "library")
    found = answer("harbour", library, WordEmbedder(), configured)
    canonical = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    assert found.quotes
    assert all(quote.text == canonical[quote.start : quote.end] for quote in found.quotes)
    assert all(len(quote.text) <= configured.sentence_limit for quote in found.quotes)
    assert not any(unicodedata.combining(quote.text[0]) for quote in found.quotes)


def test_a_quote_that_does_not_fit_is_never_made() -> None:
    text = "One sentence. Another one."
    whole = article(text, (0, len(text)))
    with pytest.raises(QuoteMismatch, match="not what the article says"):
        Quote.cut(whole, Span(30, 40), highlights=(), source=SOURCE, score=1)
    with pytest.raises(QuoteMismatch, match="highlight 0-13 lies outside"):
        Quote.cut(whole, Span(14, 26), highlights=(Span(0, 13),), source=SOURCE, score=1)


def test_a_quote_whose_text_was_changed_is_not_shown() -> None:
    text = "The mayor would raise taxes."
    quote = Quote.cut(article(text, (0, 28)), Span(0, 28), highlights=(), source=SOURCE, score=1)
    with pytest.raises(QuoteMismatch, match="not what the article says"):
        replace(quote, text="The mayor would cut taxes.").check()


def test_a_quote_from_a_text_that_differs_from_its_hash_is_not_shown() -> None:
    text = "The mayor would raise taxes."
    tampered = replace(article(text, (0, 28)), text="The mayor would lower taxes.")
    with pytest.raises(QuoteMismatch, match="SHA-256"):
        Quote.cut(tampered, Span(0, 28), highlights=(), source=SOURCE, score=1)


def test_a_mismatch_is_reported_and_the_other_quotes_are_shown(tmp_path: Path, articles: Path) -> None:
    configured = Settings(data=tmp_path)
    build_library(tmp_path / "library", [articles], WordEmbedder(), configured)
    library = open_library(tmp_path / "library")
    honest = library.article("harbour.txt")
    library._decoded[library._rows["harbour.txt"]] = replace(honest, text=honest.text.replace("voted", "VOTED"))
    found = answer("Did the harbour board vote, and were colonies counted?", library, WordEmbedder(), configured)
    assert {quote.article.id for quote in found.quotes} == {"bees.md"}
    assert any("harbour.txt" in warning and "SHA-256" in warning for warning in found.warnings)


def test_marking_a_quote_changes_none_of_its_words() -> None:
    text = "A <b>bold</b> claim & more. It was denied."
    quote = Quote.cut(
        article(text, (0, len(text))), Span(0, len(text)), highlights=(Span(0, 27),), source=SOURCE, score=1
    )
    shown = marked(quote)
    assert shown == "<mark>A &lt;b&gt;bold&lt;/b&gt; claim &amp; more.</mark> It was denied."


def test_json_carries_the_exact_words(tmp_path: Path, articles: Path) -> None:
    configured = Settings(data=tmp_path)
    build_library(tmp_path / "library", [articles], WordEmbedder(), configured)
    printed = answer_json(answer("herring run", open_library(tmp_path / "library"), WordEmbedder(), configured))
    for quote in printed["quotes"]:
        text = (articles / quote["article"]).read_text("utf-8")
        assert quote["text"] == text[quote["start"] : quote["end"]]


def test_a_passage_needs_sentences_that_lie_inside_it() -> None:
    with pytest.raises(ValueError, match="sentences that lie inside"):
        Passage("a.txt", Span(0, 10), 1, (Span(5, 12),))
