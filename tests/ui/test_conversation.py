"""Asking on the page: the question waits, is answered, or is refused with the reason."""

from index.library import Library
from index.settings import Settings
from tests.conftest import WordEmbedder
from ui.conversation import KEPT, Conversation


def conversation(library: Library, settings: Settings) -> Conversation:
    return Conversation(library, WordEmbedder(), settings)


def test_a_question_waits_and_is_then_answered(library: Library, settings: Settings) -> None:
    waiting, answered = conversation(library, settings).ask("Did the harbour board vote to dredge?", 2, ["before"])
    assert waiting[0] == answered[0] == "before"
    assert "Searching the articles" in waiting[1]
    assert "dredge the northern channel" in answered[1]
    assert answered[1].count("<blockquote") == 2


def test_a_refused_question_leaves_the_conversation_as_it_was(library: Library, settings: Settings) -> None:
    *_, refused = conversation(library, settings).ask("x" * 10_000, 5, ["before"])
    assert refused[0] == "before"
    assert "10,000 characters" in refused[1]
    assert len(refused[1]) < 1000


def test_the_number_of_quotes_is_held_to_what_is_allowed(library: Library, settings: Settings) -> None:
    *_, refused = conversation(library, settings).ask("herring run", 0, [])
    assert "quotes must be between 1 and 50" in refused[0]


def test_the_oldest_turns_leave_the_page(library: Library, settings: Settings) -> None:
    before = [f"turn {number}" for number in range(KEPT + 5)]
    *_, after = conversation(library, settings).ask("herring run", 1, before)
    assert len(after) == KEPT + 1
    assert after[0] == "turn 5"


def test_every_example_has_an_answer_in_this_library(library: Library, settings: Settings) -> None:
    assert conversation(library, settings).examples == ("Bees return",)
