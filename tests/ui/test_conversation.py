"""Asking on the page: the question waits, is answered, or is refused with the reason."""

from collections.abc import Sequence

import pytest

from index.engine import Engine
from index.errors import ReaderUnusable
from index.followup import Turn
from index.library import Library
from index.settings import Settings
from index.types import Answer
from tests.conftest import WordEmbedder
from ui.conversation import KEPT, Conversation, Shown

BEFORE = Shown("before", False, "<p>before</p>")
VOTE = "Did the harbour board vote to dredge the northern channel?"


class Heard(Engine):
    """An engine that keeps what it was told of the conversation."""

    told: Sequence[Turn] = ()

    def ask(self, question: str, history: Sequence[Turn] = (), quotes: int | None = None) -> Answer:
        self.told = history
        return super().ask(question, history, quotes)


def engine(library: Library, settings: Settings) -> Heard:
    return Heard(library, WordEmbedder(), settings, load_reader=lambda _: None)


@pytest.fixture
def conversation(library: Library, settings: Settings) -> Conversation:
    return Conversation(engine(library, settings))


def test_a_question_waits_and_is_then_answered(conversation: Conversation) -> None:
    waiting, answered = conversation.ask(VOTE, 2, [BEFORE])
    assert waiting[0] == answered[0] == BEFORE
    assert (waiting[1].question, waiting[1].asked) == (answered[1].question, False) == (VOTE, False)
    assert "Searching the articles" in waiting[1].html
    assert answered[1].asked
    assert "dredge the northern channel" in answered[1].html
    assert answered[1].html.count("<blockquote") == 2


def test_a_refused_question_leaves_the_conversation_as_it_was(conversation: Conversation) -> None:
    *_, refused = conversation.ask("x" * 10_000, 5, [BEFORE])
    assert refused[0] == BEFORE
    assert not refused[1].asked
    assert "10,000 characters" in refused[1].html
    assert len(refused[1].html) < 1000


@pytest.mark.parametrize("quotes", [0, -1, 51])
def test_the_number_of_quotes_is_held_to_what_is_allowed(quotes: int, conversation: Conversation) -> None:
    *_, (refused,) = conversation.ask("herring run", quotes, [])
    assert "quotes must be between 1 and 50" in refused.html
    assert not refused.asked


def test_a_follow_up_is_answered_in_its_conversation_and_says_how_it_was_understood(conversation: Conversation) -> None:
    *_, before = conversation.ask(VOTE, 1, [])
    *_, after = conversation.ask("and when was that?", 1, before)
    assert after[0] == before[0]
    assert "Understood as" not in after[0].html
    assert "Understood as" in after[1].html
    assert "harbour board vote dredge northern channel" in after[1].html
    assert "voted on Tuesday to" in after[1].html


def test_a_follow_up_without_a_conversation_is_asked_as_it_is(conversation: Conversation) -> None:
    *_, (shown,) = conversation.ask("and when was that?", 1, [])
    assert shown.asked
    assert "Understood as" not in shown.html


def test_only_questions_that_could_be_asked_are_remembered(library: Library, settings: Settings) -> None:
    heard = engine(library, settings)
    turns = [Shown("first", True, ""), Shown("?!", False, ""), Shown("second", True, "")]
    *_, _after = Conversation(heard).ask("third", 1, turns)
    assert heard.told == [Turn("first"), Turn("second")]


def test_a_question_may_stand_for_itself_after_a_refused_one(conversation: Conversation) -> None:
    *_, before = conversation.ask("?!", 1, [])
    *_, after = conversation.ask("and the harbour?", 1, before)
    assert [turn.asked for turn in after] == [False, True]
    assert "Understood as" not in after[1].html


def test_the_oldest_turns_leave_the_page(conversation: Conversation) -> None:
    before = [Shown(f"turn {number}", False, "") for number in range(KEPT + 5)]
    *_, after = conversation.ask("herring run", 1, before)
    assert len(after) == KEPT + 1
    assert after[0].question == "turn 5"


def test_without_a_usable_reader_every_answer_says_so(library: Library, settings: Settings) -> None:
    def unusable(_: Settings) -> None:
        raise ReaderUnusable("reader.safetensors: <gone>")

    found = Conversation(Engine(library, WordEmbedder(), settings, load_reader=unusable))
    *_, first = found.ask(VOTE, 1, [])
    *_, second = found.ask("herring run", 1, first)
    for turn in second:
        assert "ranked without the reader: reader.safetensors: &lt;gone&gt;" in turn.html
        assert "<blockquote" in turn.html


def test_every_example_has_an_answer_in_this_library(conversation: Conversation) -> None:
    assert conversation.examples == ("Bees return",)
