"""Question → answer: folded, quoted, and honest about whether it answers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import exp, log
from pathlib import Path

import pytest

from index.answer import answer
from index.confidence import FAR, READ, READ_INTERCEPT, UNREAD, UNREAD_INTERCEPT, threshold_for
from index.embedding import Vectors
from index.errors import QuestionInvalid
from index.followup import Turn
from index.library import Library, build_library, open_library
from index.query import Query
from index.ranking import familiar
from index.settings import Settings
from index.types import Answer, Page, Reading, Searched, Span
from tests.conftest import WordEmbedder


def confidence(nearness: float, share: float) -> float:
    """Return the probability of an unread passage with these two features."""
    return 1 / (1 + exp(-UNREAD_INTERCEPT - UNREAD[0] * nearness - UNREAD[1] * share))


PAUSE = "Fishing crews asked for a pause during the herring run in April."


@pytest.fixture
def shelf(tmp_path: Path, settings: Settings) -> "Shelf":
    return Shelf(tmp_path, settings)


class Shelf:
    """A library of a few texts, and questions to it."""

    def __init__(self, place: Path, settings: Settings) -> None:
        self.place, self.settings = place, settings

    def library(self, **texts: str) -> Library:
        (self.place / "shelf").mkdir()
        for name, text in texts.items():
            (self.place / "shelf" / f"{name}.txt").write_text(text, "utf-8")
        build_library(self.place / "library", [self.place / "shelf"], WordEmbedder(), self.settings)
        return open_library(self.place / "library")

    def ask(self, question: str, library: Library, **given: float) -> Answer:
        return answer(question, library, WordEmbedder(), replace(self.settings, **given))  # type: ignore[arg-type]


def tampered(library: Library, id: str) -> None:
    """Change an article that a library keeps decoded."""
    article = library.article(id)
    library._decoded[library._rows[id]] = replace(article, text=article.text.swapcase())


def test_the_answer_is_the_exact_words_of_the_passage_that_holds_it(library: Library, shelf: Shelf) -> None:
    found = shelf.ask("Who asked for a pause during the herring run?", library)
    best = found.quotes[0]
    assert best.article.id == "harbour.txt"
    assert best.text.endswith(PAUSE)
    assert [span.of(best.article.text) for span in best.highlights] == [PAUSE]
    assert found.answered


def test_an_answer_says_what_was_asked_understood_and_searched(library: Library, shelf: Shelf) -> None:
    found = shelf.ask("  Who asked\nfor a pause? ", library)
    assert (found.question, found.understood) == ("  Who asked\nfor a pause? ", "Who asked for a pause?")
    assert found.searched == Searched(2, len(library), None, None)
    assert found.warnings == ()
    assert found.elapsed_ms > 0


def test_a_quote_knows_its_source_and_paragraph(shelf: Shelf) -> None:
    paragraphs = [" ".join([f"The {word} stood by the river all through summer."] * 7) for word in ("mill", "barn")]
    source = shelf.ask("Where was the barn?", shelf.library(town="\n\n".join(paragraphs))).quotes[0].source
    assert (source.path, source.title, source.published, source.paragraph) == ("town.txt", None, None, 2)


def test_the_confidence_of_an_answer_is_the_score_of_its_first_quote(shelf: Shelf) -> None:
    found = shelf.ask("red boats", shelf.library(a="Red boats sailed north.", b="Green trees grew."))
    assert found.confidence == found.quotes[0].score == pytest.approx(confidence(2 / 8**0.5, 1))
    assert found.quotes[1].score == pytest.approx(confidence(0, 0))


def test_the_score_of_a_quote_is_that_of_its_nearest_sentence(shelf: Shelf) -> None:
    library = shelf.library(a="The mill burned. Red boats sailed north. The inn stood empty.")
    (quote,) = shelf.ask("boats sailed north", library).quotes
    assert quote.score == pytest.approx(confidence(3 / (3 * 4) ** 0.5, 1))


@pytest.mark.parametrize(("difference", "answered"), [(-0.001, True), (0.0, True), (0.001, False)])
def test_a_question_is_answered_from_the_threshold_on(
    difference: float, answered: bool, library: Library, shelf: Shelf
) -> None:
    sure = shelf.ask("herring pause", library).confidence
    found = shelf.ask("herring pause", library, threshold=sure + difference)
    assert found.answered is answered
    assert found.quotes


@pytest.mark.parametrize("most_wrong", [0.2, 0.1, 0.05])
def test_how_many_may_be_wrong_decides_before_the_threshold(most_wrong: float, library: Library, shelf: Shelf) -> None:
    for threshold in (0.0, 1.0):
        found = shelf.ask("herring pause", library, threshold=threshold, most_wrong=most_wrong)
        assert found.answered is (found.confidence >= threshold_for(most_wrong))


def test_a_question_that_no_passage_answers_shows_the_nearest_and_says_so(library: Library, shelf: Shelf) -> None:
    found = shelf.ask("Which zeppelin exploded?", library)
    assert not found.answered
    assert found.quotes
    assert found.confidence == pytest.approx(confidence(0, 0))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_as_many_quotes_are_shown_as_the_settings_say(count: int, shelf: Shelf) -> None:
    library = shelf.library(a="Red boats.", b="Red boats sailed.", c="Red trees.", d="Blue trees.")
    assert len(shelf.ask("red boats", library, quotes=count).quotes) == count


def test_words_that_stand_in_several_articles_are_quoted_once_and_named_elsewhere(shelf: Shelf) -> None:
    wire = "Red boats sailed north on Monday."
    library = shelf.library(a=wire, b="Red boats sailed\nnorth on Monday.", c=wire.replace("Red", "Blue"))
    first, second = shelf.ask("red boats sailed north", library).quotes
    assert sorted(source.path for source in (first.source, *first.also_in)) == ["a.txt", "b.txt"]
    assert (second.source.path, second.also_in) == ("c.txt", ())


def test_copies_are_found_behind_the_last_quote_too(shelf: Shelf) -> None:
    library = shelf.library(a="Red boats sailed.", b="Red boats waited.", c="Red  boats sailed.")
    (quote,) = shelf.ask("red boats sailed", library, quotes=1).quotes
    assert sorted(source.path for source in (quote.source, *quote.also_in)) == ["a.txt", "c.txt"]


def test_of_several_sentences_those_that_answer_are_marked(shelf: Shelf) -> None:
    library = shelf.library(a="The mill burned. Red boats sailed north. The inn stood empty.")
    (quote,) = shelf.ask("Which boats sailed north?", library).quotes
    assert [span.of(quote.article.text) for span in quote.highlights] == ["Red boats sailed north."]


def test_a_quote_has_a_mark_even_where_every_sentence_points_away_from_the_question(shelf: Shelf) -> None:
    class Contrary(WordEmbedder):
        def embed_passages(self, texts: Sequence[str], done: Callable[[int], None] | None = None) -> Vectors:
            return -super().embed_passages(texts, done)

    library = shelf.library(a="The mill burned. Red boats sailed north.", b="The mill is old. Boats are red.")
    found = answer("mill boats", library, Contrary(), shelf.settings)
    assert all(quote.highlights for quote in found.quotes)


def test_an_article_that_repeats_its_words_is_not_named_as_another(shelf: Shelf) -> None:
    repeated = "Red boats sailed north on Monday, as they do every summer, with the mayor and her guests on board. " * 3
    found = shelf.ask("red boats", shelf.library(a=f"{repeated}\n\nThe mill burned.\n\n{repeated}"))
    assert [quote.also_in for quote in found.quotes if "Red boats" in quote.text] == [()]


def test_a_question_that_cannot_be_asked_is_refused(library: Library, shelf: Shelf) -> None:
    with pytest.raises(QuestionInvalid, match="type what you want to know"):
        shelf.ask("?!", library)
    with pytest.raises(QuestionInvalid, match="shorten it to 10 or fewer"):
        shelf.ask("a" * 11, library, max_question=10)


@pytest.mark.parametrize(
    ("question", "warned"), [("谁关闭了港口？", True), ("Кто?", True), ("港口 harbour", False), ("42?", False)]
)
def test_a_question_in_a_script_of_which_no_letter_occurs_is_warned_of(
    question: str, warned: bool, library: Library, shelf: Shelf
) -> None:
    found = shelf.ask(question, library)
    assert [("ask in the language" in warning) for warning in found.warnings] == [True] * warned
    assert not found.answered


def test_a_quote_that_does_not_fit_is_left_out_named_and_not_counted_on(library: Library, shelf: Shelf) -> None:
    tampered(library, "harbour.txt")
    found = shelf.ask("Who asked for a pause during the herring run?", library)
    assert {quote.article.id for quote in found.quotes} == {"bees.md"}
    assert any(warning.startswith("harbour.txt ") for warning in found.warnings)
    assert not found.answered


def test_where_no_quote_fits_nothing_is_answered(library: Library, shelf: Shelf) -> None:
    for id in ("harbour.txt", "bees.md"):
        tampered(library, id)
    found = shelf.ask("Who asked for a pause?", library)
    assert (found.quotes, found.confidence, found.answered) == ((), 0.0, False)
    assert len(found.warnings) == len(library)
    assert not shelf.ask("Who asked for a pause?", library, threshold=0.0).answered


def test_the_sentences_of_all_quotes_are_embedded_in_one_batch(library: Library, shelf: Shelf) -> None:
    class Counting(WordEmbedder):
        batches = 0

        def embed_passages(self, texts: Sequence[str], done: Callable[[int], None] | None = None) -> Vectors:
            self.batches += 1
            return super().embed_passages(texts, done)

    embedder = Counting()
    answer("herring colonies", library, embedder, shelf.settings)
    assert embedder.batches == 1


def test_nearly_the_same_words_are_quoted_once_and_named_as_a_version(shelf: Shelf) -> None:
    wire = (
        "Red boats sailed north on Monday with the mayor and her guests on board, and nobody on the quay could say "
        "when they would be back."
    )
    (quote,) = shelf.ask("red boats sailed", shelf.library(a=wire, b=wire.replace("could say", "could tell"))).quotes
    assert (quote.also_in, [source.path for source in quote.versions]) == ((), ["b.txt"])


def test_the_reader_decides_the_order_and_the_marks(shelf: Shelf) -> None:
    library = shelf.library(a="The mill burned. Red boats sailed north.", b="Boats waited. The inn stood empty.")
    found = answer("Which red boats?", library, WordEmbedder(), shelf.settings, Picky("inn"))  # type: ignore[arg-type]
    assert found.read
    assert [quote.source.path for quote in found.quotes] == ["b.txt", "a.txt"]
    first = found.quotes[0]
    assert [span.of(first.article.text) for span in first.highlights] == ["The inn stood empty."]
    assert first.exact is not None
    assert first.exact.of(first.article.text) == "inn"
    # Usual passages stand for a crowd; it is nearer to the question than the one shown, whose nearness is the least.
    features = (50.0, 20.0, FAR, 0.0)
    logit = READ_INTERCEPT + sum(weight * value for weight, value in zip(READ, features, strict=True))
    assert first.score == found.confidence
    assert log(first.score / (1 - first.score)) == pytest.approx(logit)


def test_what_was_not_read_comes_after_all_that_was(shelf: Shelf) -> None:
    library = shelf.library(a="Red boats sailed.", b="Red boats waited long.", c="The red inn stood empty.")
    picky = Picky("inn", most=2)
    found = answer("red boats sailed", library, WordEmbedder(), shelf.settings, picky)  # type: ignore[arg-type]
    assert [quote.source.path for quote in found.quotes] == ["a.txt", "b.txt", "c.txt"]
    assert found.read
    # "red" is all that c has of the three words: log(1 + 3/3), where "boat" counts log(1 + 3/2), "sail" log(1 + 3/1).
    share = log(2) / (log(2) + log(2.5) + log(4))
    assert found.quotes[2].score == pytest.approx(confidence(1 / (3 * 4) ** 0.5, share))


def test_as_many_passages_are_read_as_the_settings_say_but_all_that_are_shown(shelf: Shelf) -> None:
    library = shelf.library(a="Red boats sailed.", b="Red boats waited long.", c="Red trees grew.", d="The inn burned.")
    shelf.settings = replace(shelf.settings, read_passages=2, read_tokens=77)
    for quotes, pages in ((1, 2), (3, 3)):
        picky = Picky("inn")
        answer("red boats", library, WordEmbedder(), replace(shelf.settings, quotes=quotes), picky)  # type: ignore[arg-type]
        ((question, words, budget),) = picky.asked
        assert (question, len(words), budget) == ("red boats", pages, 77)
        assert set(words[:2]) == {"Red boats sailed.", "Red boats waited long."}


def test_copies_are_not_read_again(shelf: Shelf) -> None:
    wire = "Red boats sailed north on Monday."
    picky = Picky("boats")
    (quote,) = answer("boats", shelf.library(a=wire, b=wire), WordEmbedder(), shelf.settings, picky).quotes  # type: ignore[arg-type]
    assert picky.asked[0][1] == [wire]
    assert (quote.source.path, [source.path for source in quote.also_in]) == ("a.txt", ["b.txt"])


def test_the_reader_is_asked_the_question_as_it_is_understood(library: Library, shelf: Shelf) -> None:
    picky, history = Picky("April"), [Turn("Who asked for a pause during the herring run?")]
    found = answer("and when was that?", library, WordEmbedder(), shelf.settings, picky, history)  # type: ignore[arg-type]
    assert picky.asked[0][0] == found.understood == "and when was that? (asked pause herring run)"
    assert "April" in found.quotes[0].text


def test_of_two_passages_alike_the_one_of_the_article_that_was_spoken_of_comes_first(shelf: Shelf) -> None:
    vote = "The vote was on a Tuesday in March."
    library = shelf.library(
        bees="Beekeepers counted colonies.\n\nThe final vote was on a Tuesday in March.",
        harbour=f"The harbour board met to dredge the channel.\n\n{vote}",
    )
    ask = "and when was the vote?"
    found = answer(ask, library, WordEmbedder(), shelf.settings, None, [Turn("Why did the harbour board dredge?")])
    assert found.quotes[0].article.id == "harbour.txt"
    assert familiar(Query(ask, topic="harbour board dredge"), WordEmbedder(), library)[0] == "harbour.txt"
    assert familiar(Query(ask), WordEmbedder(), library) == ()


@pytest.mark.parametrize("question", ["Who asked for “a long pause”?", "Who asked for “a long pause” in “the spring”?"])
def test_whatever_the_threshold_a_phrase_that_stands_nowhere_is_not_answered(
    question: str, library: Library, shelf: Shelf
) -> None:
    found = shelf.ask(question, library, threshold=0.0)
    assert (found.confidence, found.answered) == (0.0, False)


def test_a_phrase_that_stands_nowhere_is_named_and_nothing_is_answered(library: Library, shelf: Shelf) -> None:
    found = shelf.ask("Who asked for “a long pause” during the herring run?", library, threshold=0.0001)
    assert not found.answered
    assert found.warnings == ("no passage holds “a long pause” word for word; these are the nearest",)
    assert PAUSE in found.quotes[0].text


def test_a_follow_up_is_completed_from_the_conversation(library: Library, shelf: Shelf) -> None:
    asked = "Who asked for a pause during the herring run?"
    found = answer("and when was that?", library, WordEmbedder(), shelf.settings, history=[Turn(asked)])
    assert found.understood == "and when was that? (asked pause herring run)"
    assert PAUSE in found.quotes[0].text


class Picky:
    """A reader that is sure of sentences with a word, and of the word; it reads only the first `most` pages."""

    def __init__(self, word: str, most: int = 50) -> None:
        self.word, self.most = word, most
        self.asked: list[tuple[str, list[str], int]] = []

    def read(self, question: str, pages: Sequence[Page], budget: int, thoroughly: int) -> list[Reading | None]:  # noqa: ARG002
        """Return +50 and -50."""
        self.asked.append((question, [page.words for page in pages], budget))
        return [self._reading(page) for page in pages[: self.most]]

    def _reading(self, page: Page) -> Reading:
        place = max(page.words.find(self.word), 0)
        sure = 50.0 if self.word in page.words else -50.0
        sentences = tuple(9.0 if self.word in span.of(page.words) else -9.0 for span in page.sentences)
        return Reading(sure, sentences, Span(place, place + len(self.word)), sure)


class Wary(Picky):
    """A reader that is sure of a word only where it is asked in so many characters, at least and at most."""

    def __init__(self, word: str, least: int, most: int) -> None:
        super().__init__(word)
        self.least, self.longest = least, most

    def read(self, question: str, pages: Sequence[Page], budget: int, thoroughly: int) -> list[Reading | None]:
        """Return -50 for all where the question is too short or too long."""
        fits = self.least <= len(question) <= self.longest
        return Picky(self.word if fits else "nothing of this kind").read(question, pages, budget, thoroughly)


@pytest.mark.parametrize(("least", "most", "understood"), [(0, 15, "how many crews?"), (16, 99, "… (harbour board)")])
def test_a_short_question_is_understood_in_the_way_that_finds_an_answer(
    least: int, most: int, understood: str, library: Library, shelf: Shelf
) -> None:
    wary, history = Wary("crews", least, most), [Turn("What of the harbour board?")]
    found = answer("how many crews?", library, WordEmbedder(), shelf.settings, wary, history)  # type: ignore[arg-type]
    assert found.understood == understood.replace("…", "how many crews?")
    assert "crews" in found.quotes[0].text
