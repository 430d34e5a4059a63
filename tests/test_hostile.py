"""Questions and libraries that nobody would wish for, asked of the real models: no crash, nothing but true quotes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from index.embedding import SentenceTransformerEmbedder
from index.engine import Engine
from index.errors import NothingToRead, QuestionInvalid
from index.library import build_library, open_library
from index.settings import Settings
from index.types import Answer

Place = Callable[..., Engine]
STORY = (
    "The harbour board voted on Tuesday to dredge the northern channel. Chair Ines Okafor said the work would cost "
    "4.2 million crowns.\n\nFishing crews asked for a pause during the herring run in April.\n"
)


@pytest.fixture(scope="module")
def models() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


@pytest.fixture
def engine_of(tmp_path: Path, models: SentenceTransformerEmbedder) -> Place:
    def made(*texts: str, max_question: int = 2000) -> Engine:
        folder = tmp_path / "articles"
        folder.mkdir()
        for number, text in enumerate(texts):
            (folder / f"{number}.txt").write_text(text, "utf-8")
        settings = replace(Settings(), data=tmp_path / "data", max_question=max_question)
        build_library(tmp_path / "library", [folder], models, settings)
        return Engine(open_library(tmp_path / "library"), models, settings)

    return made


def checked(found: Answer) -> Answer:
    """Check every quote against its article once more."""
    assert 0 <= found.confidence <= 1
    for quote in found.quotes:
        quote.check()
        assert quote.highlights
    return found


@pytest.mark.parametrize("question", ["the", "The?", "who", "is it"])
def test_a_question_of_stop_words_is_asked_and_nothing_is_claimed(question: str, engine_of: Place) -> None:
    found = checked(engine_of(STORY).ask(question))
    assert found.quotes
    assert not found.answered


def test_a_question_of_ten_thousand_characters_is_refused_with_the_limit_named(engine_of: Place) -> None:
    with pytest.raises(QuestionInvalid, match="10,000 characters; shorten it to 2,000"):
        engine_of(STORY).ask("dredge " * 1428 + "drag")


@pytest.mark.parametrize("text", ["dredge " * 1428, "x" * 10_000, "“dredge the northern channel” " * 330])
def test_where_so_long_a_question_is_allowed_it_is_asked(text: str, engine_of: Place) -> None:
    found = checked(engine_of(STORY, max_question=10_000).ask(text))
    assert found.quotes


@pytest.mark.parametrize("question", ["港口什么时候关闭？", "Когда закрыли гавань?", "متى أغلق الميناء؟", "🚢⚓ 42"])
def test_a_question_in_another_script_is_not_answered(question: str, engine_of: Place) -> None:
    found = checked(engine_of(STORY).ask(question))
    assert found.quotes
    assert not found.answered


def test_an_article_in_another_script_is_quoted_to_the_letter(engine_of: Place) -> None:
    words = "港口委员会周二投票决定疏浚北航道。渔民要求四月停工。"
    (quote, *_) = checked(engine_of(STORY, words).ask("港口委员会什么时候投票？")).quotes
    assert quote.text == words


def test_a_library_of_one_sentence_answers_with_it(engine_of: Place) -> None:
    sentence = "The old mill burned down in 1911."
    found = checked(engine_of(sentence).ask("When did the mill burn down?"))
    assert [quote.text for quote in found.quotes] == [sentence]
    assert found.answered


def test_a_folder_without_articles_makes_no_library_and_the_remedy_is_named(engine_of: Place) -> None:
    with pytest.raises(NothingToRead, match=r"no articles in it; put .*there"):
        engine_of()


@pytest.mark.parametrize("word", ["herring ", "herring", "鲱", "herring, "])
def test_a_sentence_of_twenty_thousand_characters_is_searched_and_quoted_in_parts(word: str, engine_of: Place) -> None:
    sentence = (word * 20_000)[:19_990].strip() + "."
    engine = engine_of(STORY, sentence)
    found = checked(engine.ask("What did the fishing crews ask for?"))
    assert "pause" in found.quotes[0].text
    for quote in checked(engine.ask(word)).quotes:
        assert len(quote.text) <= engine.settings.sentence_limit
