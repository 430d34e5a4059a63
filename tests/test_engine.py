"""What answers: models loaded once, and going on without the reader."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from index.engine import Engine, reader_of
from index.errors import QuestionInvalid, ReaderUnusable, SettingInvalid
from index.followup import Turn
from index.library import Library
from index.settings import Settings
from tests.conftest import WordEmbedder
from tests.test_search import Fond


def test_the_reader_is_loaded_once_and_used(library: Library, settings: Settings) -> None:
    loaded: list[Settings] = []

    def load(given: Settings) -> Fond:
        loaded.append(given)
        return Fond("herring")

    engine = Engine(library, WordEmbedder(), settings, load)  # type: ignore[arg-type]
    assert loaded == []
    engine.load()
    found = engine.ask("Who counted the colonies?")
    assert loaded == [settings]
    assert found.read
    assert "herring" in found.quotes[0].text


def test_without_a_usable_reader_answers_go_on_and_say_so(library: Library, settings: Settings) -> None:
    def load(_: Settings) -> None:
        raise ReaderUnusable("reader.safetensors: not there; restore it")

    found = Engine(library, WordEmbedder(), settings, load).ask("Who asked for a pause during the herring run?")
    assert not found.read
    assert "herring" in found.quotes[0].text
    assert found.warnings == ("ranked without the reader: reader.safetensors: not there; restore it",)


def test_the_adapter_is_that_of_the_settings(settings: Settings) -> None:
    missing = replace(settings, reader=settings.data / "no-such.safetensors")
    with pytest.raises(ReaderUnusable, match="no-such"):
        reader_of(missing)


def test_the_conversation_and_the_number_of_quotes_are_passed_on(library: Library, settings: Settings) -> None:
    engine = Engine(library, WordEmbedder(), settings, lambda _: None)
    found = engine.ask("and when was that?", [Turn("Why did the harbour board vote to dredge?")], quotes=1)
    assert found.understood == "and when was that? (harbour board vote dredge)"
    assert len(found.quotes) == 1


@pytest.mark.parametrize("usable", [True, False])
def test_however_many_ask_at_once_the_reader_is_loaded_once(usable: bool, library: Library, settings: Settings) -> None:
    loaded: list[Settings] = []

    def load(given: Settings) -> Fond:
        loaded.append(given)
        if not usable:
            raise ReaderUnusable("not there")
        return Fond("herring")

    engine = Engine(library, WordEmbedder(), settings, load)  # type: ignore[arg-type]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(engine.ask, ["Who asked for a pause?"] * 8))
    assert loaded == [settings]
    assert [found.read for found in answers] == [usable] * 8
    assert [found.warnings for found in answers] == [() if usable else ("ranked without the reader: not there",)] * 8


def test_what_an_answer_warns_of_is_said_beside_the_missing_reader(library: Library, settings: Settings) -> None:
    def load(_: Settings) -> None:
        raise ReaderUnusable("not there")

    first, second = Engine(library, WordEmbedder(), settings, load).ask("Who asked for “a long pause”?").warnings
    assert "“a long pause”" in first
    assert second == "ranked without the reader: not there"


@pytest.mark.parametrize("quotes", [0, 51])
def test_a_number_of_quotes_that_makes_no_sense_is_refused(quotes: int, library: Library, settings: Settings) -> None:
    with pytest.raises(SettingInvalid, match=f"quotes must be between 1 and 50, found {quotes}"):
        Engine(library, WordEmbedder(), settings, lambda _: None).ask("Who asked for a pause?", quotes=quotes)


def test_a_question_that_cannot_be_asked_is_refused(library: Library, settings: Settings) -> None:
    with pytest.raises(QuestionInvalid, match="type what you want to know"):
        Engine(library, WordEmbedder(), settings, lambda _: None).ask("?!")


def test_the_models_can_be_loaded_however_short_a_question_must_be(library: Library, settings: Settings) -> None:
    Engine(library, WordEmbedder(), replace(settings, max_question=1), lambda _: None).load()
