"""What answers: models loaded once, and going on without the reader."""

from dataclasses import replace

import pytest

from index.engine import Engine, reader_of
from index.errors import ReaderUnusable
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
