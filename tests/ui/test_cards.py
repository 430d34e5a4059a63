"""Answers as HTML: whole, labelled, and inert."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from index.types import Answer, Article, Quote, Searched, Source, Span, text_hash
from ui import cards

HOSTILE = '<script>alert(1)</script> said "no" & left. <img src=x onerror=alert(2)> That was all.'
SEARCHED = Searched(2, 9, "2025-03-17", "2025-03-19")


class Elements(HTMLParser):
    """Collects the tags, attributes and text of a page, as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def quote(text: str = HOSTILE, url: str | None = None, title: str | None = "<b>Title</b>") -> Quote:
    article = Article(
        id='a"b<i>.txt',
        path="/a.txt",
        url=url,
        title=title,
        author=None,
        publisher="P & Q",
        published=None,
        updated=None,
        language="en",
        text=text,
        body=(Span(0, len(text)),),
        text_sha256=text_hash(text),
        file_sha256="0",
    )
    source = Source(title, None, "P & Q", None, url, article.id, 4)
    return Quote.cut(article, Span(0, len(text)), highlights=(Span(0, 43),), source=source, score=0.9)


def answered(*quotes: Quote, confidence: float = 0.9) -> Answer:
    return Answer("Who <i>left</i>?", "Who left?", quotes, confidence, confidence >= 0.2, SEARCHED, 12.0)


def test_the_words_of_an_article_are_text_never_markup() -> None:
    page = Elements(cards.turn(answered(quote())))
    assert not {"script", "img", "b", "i"} & set(page.tags) - {"i"}
    assert "onerror" not in {name for name, _ in page.attributes}
    assert HOSTILE in page.text
    assert "<b>Title</b>" in page.text
    assert "Who <i>left</i>?" in page.text
    assert 'a"b<i>.txt' in page.text


def test_the_marked_words_are_the_highlight() -> None:
    html = cards.turn(answered(quote("It rained all day. Then the drone fell into the sea. So it went.")))
    assert "<mark>It rained all day. Then the drone fell into</mark>" in html


def test_what_is_not_stated_is_named_as_such() -> None:
    text = Elements(cards.turn(answered(quote()))).text
    assert "author not stated" in text
    assert "date not stated" in text
    assert "P & Q" in text
    assert "paragraph 4" in text


def test_without_a_title_the_file_is_named_once() -> None:
    text = Elements(cards.turn(answered(quote(title=None)))).text
    assert text.count('a"b<i>.txt') == 1


def test_a_web_source_is_a_link_that_tells_nothing_of_the_reader() -> None:
    page = Elements(cards.turn(answered(quote(url="https://news.example/a?b=1&c=2"))))
    assert ("href", "https://news.example/a?b=1&c=2") in page.attributes
    assert ("rel", "noopener noreferrer") in page.attributes


def test_copying_gives_the_words_to_the_letter_and_their_source() -> None:
    attributes = dict(Elements(cards.turn(answered(quote(title="Bridge")))).attributes)
    assert attributes["data-copy"] == (
        f"“{HOSTILE}”\n— Bridge — P & Q, author not stated, date not stated, paragraph 4"
    )


@pytest.mark.parametrize(
    ("confidence", "said"),
    [(0.9, "very likely answers"), (0.7, "probably answers"), (0.3, "may answer")],
)
def test_confidence_is_said_in_words(confidence: float, said: str) -> None:
    assert said in cards.turn(answered(quote(), confidence=confidence))


def test_no_answer_says_what_was_searched_and_folds_the_nearest_away() -> None:
    html = cards.turn(answered(quote(), confidence=0.1))
    assert "No passage answers this." in html
    assert "2 articles, 9 passages, published 2025-03-17 to 2025-03-19" in html
    assert html.index("<details") < html.index("<blockquote")
    assert "<details open" not in html


def test_copies_of_a_quote_are_listed_under_it() -> None:
    other = Source("Elsewhere", None, None, None, None, "b.txt", 2)
    text = Elements(cards.turn(answered(replace(quote(), also_in=(other,))))).text
    assert "The same words in 1 other article" in text
    assert "Elsewhere" in text


def test_a_quote_that_was_tampered_with_is_not_rendered() -> None:
    with pytest.raises(Exception, match="not what the article says"):
        cards.turn(answered(replace(quote(), text="something else")))


def test_the_masthead_names_what_could_not_be_read() -> None:
    text = Elements(cards.masthead(SEARCHED, (("/x/<b>.bin", "this is a binary file"),))).text
    assert "Searching 2 articles, 9 passages, published 2025-03-17 to 2025-03-19" in text
    assert "Not read: 1 file" in text
    assert "/x/<b>.bin this is a binary file" in text


def test_a_refused_question_is_shown_with_the_reason() -> None:
    text = Elements(cards.failed("<q>", "shorten it")).text
    assert "<q>" in text
    assert "shorten it" in text
