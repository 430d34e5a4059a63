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


def answering(text: str, mark: str, exact: str) -> Quote:
    """Return a text as a quote, one part of it marked, another the exact answer."""
    spans = [Span(text.index(part), text.index(part) + len(part)) for part in (mark, exact)]
    return replace(
        quote(text + " " * (43 - len(text))), end=len(text), text=text, highlights=(spans[0],), exact=spans[1]
    )


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


@pytest.mark.parametrize(
    ("exact", "expected"),
    [
        ("drone", "<mark>Then the <strong>drone</strong> fell &amp; sank.</mark>"),
        ("Then", "<mark><strong>Then</strong> the drone fell &amp; sank.</mark>"),
        ("& sank.", "<mark>Then the drone fell <strong>&amp; sank.</strong></mark>"),
        ("Then the drone fell & sank.", "<mark><strong>Then the drone fell &amp; sank.</strong></mark>"),
    ],
)
def test_the_exact_answer_stands_out_inside_its_mark(exact: str, expected: str) -> None:
    text = "It rained. Then the drone fell & sank. So <it> went."
    shown = cards.marked(answering(text, "Then the drone fell & sank.", exact))
    assert shown == f"It rained. {expected} So &lt;it&gt; went."


def test_an_exact_answer_that_is_markup_stays_text() -> None:
    shown = cards.marked(answering("He typed <b>&copy;</b> and left.", "He typed <b>&copy;</b> and left.", "<b>&copy;"))
    assert "<strong>&lt;b&gt;&amp;copy;</strong>&lt;/b&gt;" in shown


def test_an_exact_answer_in_words_that_are_not_marked_is_left_as_they_are() -> None:
    assert cards.marked(answering("Rain. The drone fell.", "Rain.", "drone")) == "<mark>Rain.</mark> The drone fell."
    assert (
        cards.marked(answering("Rain. The drone fell.", "Rain.", "Rain. The")) == "<mark>Rain.</mark> The drone fell."
    )


def test_with_two_marks_the_exact_answer_stands_out_in_its_own() -> None:
    text = "It rained. Nobody cared. It fell in 1963."
    whole = answering(text, "It fell in 1963.", "1963")
    shown = cards.marked(replace(whole, highlights=(Span(0, 10), *whole.highlights)))
    assert shown == "<mark>It rained.</mark> Nobody cared. <mark>It fell in <strong>1963</strong>.</mark>"


def test_how_a_question_was_understood_is_shown_as_text() -> None:
    page = Elements(cards.turn(replace(answered(quote()), understood="Who left? (<script>2</script> & more)")))
    assert "Understood as: Who left? (<script>2</script> & more)" in page.text
    assert "script" not in page.tags


@pytest.mark.parametrize("question", ["Who left?", "  Who\n left? "])
def test_a_question_that_stands_alone_is_not_said_again(question: str) -> None:
    assert "Understood as" not in cards.turn(replace(answered(quote()), question=question, understood="Who left?"))


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


def test_versions_of_a_quote_are_listed_apart_from_its_copies() -> None:
    copy, version = (Source(name, None, None, None, None, f"{name}.txt", 2) for name in ("<i>Copy", "<i>Version"))
    text = Elements(cards.turn(answered(replace(quote(), also_in=(copy,), versions=(version,))))).text
    same, nearly = (
        text.index("The same words in 1 other article"),
        text.index("Nearly the same words in 1 other article"),
    )
    assert same < text.index("<i>Copy") < nearly < text.index("<i>Version")
    assert "Nearly the same words" not in cards.turn(answered(replace(quote(), also_in=(copy,))))


def test_what_the_reader_could_not_do_is_noted_as_text() -> None:
    text = Elements(cards.turn(replace(answered(quote()), warnings=("ranked without the reader: <b>",)))).text
    assert "ranked without the reader: <b>" in text


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
