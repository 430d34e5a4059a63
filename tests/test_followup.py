"""Which questions lean on the conversation, and what they take from it."""

import pytest

from index.errors import QuestionInvalid
from index.followup import LENT, LOOKED_BACK, Turn, leans, understand

HARBOUR = "Why did the harbour board vote to dredge the northern channel?"


def topic(question: str, *earlier: str) -> str:
    return understand(question, [Turn(text) for text in earlier], 2000)[0].topic


@pytest.mark.parametrize(
    "question",
    ["and when was that?", "What did he say about drones?", "When was it?", "How many?", "Why?",
     "What about the crews?", "Did they agree?", "And the cost of dredging?", "who else voted for the channel then?"],
)  # fmt: skip
def test_a_question_that_cannot_be_understood_alone_leans(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [HARBOUR, "Who is Ines Okafor?", "How many living colonies were counted this spring?",
     "What did the minister say about his budget for schools?", "Which crews asked that fishing be stopped?"],
)  # fmt: skip
def test_a_question_that_names_its_subject_does_not_lean(question: str) -> None:
    assert not leans(question)


@pytest.mark.parametrize(
    "question",
    ["Are there plans to dredge the northern channel in winter?", "Is it true that the harbour board voted to dredge?",
     "Did more than 300 colonies survive the winter on the island?"],
)  # fmt: skip
def test_a_word_that_stands_for_nothing_said_before_does_not_lean(question: str) -> None:
    assert not leans(question)


@pytest.mark.parametrize("question", ["How many colonies?", "what is a catholicos", "reasons for the decline"])
def test_a_short_question_goes_on_or_begins_anew(question: str) -> None:
    completed, alone = understand(question, [Turn(HARBOUR)], 2000)
    assert completed.understood == f"{question} (harbour board vote dredge northern channel)"
    assert alone.understood == question


@pytest.mark.parametrize("question", ["how did the members of the council respond", "Who is Ines Okafor?"])
def test_a_question_that_seems_to_stand_alone_may_lean_all_the_same(question: str) -> None:
    alone, completed = understand(question, [Turn(HARBOUR)], 2000)
    assert alone.understood == question
    assert completed.understood == f"{question} (harbour board vote dredge northern channel)"


@pytest.mark.parametrize(
    "question", ["and how many colonies?", "Why?", "How did they count the living colonies there?"]
)
def test_a_question_that_surely_leans_is_not_tried_alone(question: str) -> None:
    assert len(understand(question, [Turn(HARBOUR)], 2000)) == 1


def test_a_leaning_question_takes_over_the_words_of_the_one_before() -> None:
    assert topic("and when was that?", HARBOUR) == "harbour board vote dredge northern channel"


def test_what_the_question_says_itself_is_not_taken_over() -> None:
    assert topic("and the channels?", HARBOUR) == "harbour board vote dredge northern"


def test_several_leaning_questions_gather_what_they_are_about() -> None:
    found = topic("and how much was it?", HARBOUR, "what did the crews say about it?")
    assert found == "harbour board vote dredge northern channel crews"


def test_a_change_of_subject_is_not_dragged_back() -> None:
    bees = "How many living colonies did beekeepers count?"
    assert topic(bees, HARBOUR) == ""
    assert topic("and why?", HARBOUR, bees) == "living colonies beekeepers count"


def test_what_quotary_said_lends_nothing() -> None:
    history = [Turn(HARBOUR), Turn("Beekeepers on the island counted 312 colonies.", asked=False)]
    assert "Beekeepers" not in understand("and when was that?", history, 2000)[0].topic


def test_without_a_conversation_a_leaning_question_stands_alone() -> None:
    (query,) = understand("and when was that?", [], 2000)
    assert (query.topic, query.understood) == ("", "and when was that?")


def test_only_so_many_turns_and_words_are_taken_over() -> None:
    first = "Where is the lighthouse keeper's orchard garden?"
    assert "lighthouse" not in topic("and when?", first, *["and why?"] * LOOKED_BACK)
    many = " ".join(f"word{number}" for number in range(LENT + 5))
    assert len(topic("and when?", f"What of {many} here?").split()) == LENT


def test_a_conversation_may_hold_anything() -> None:
    assert topic("and when?", "", "?!", "\udcff", "x" * 5000)
    with pytest.raises(QuestionInvalid):
        understand("?!", [Turn(HARBOUR)], 2000)


def test_words_are_taken_over_once_and_a_question_without_new_ones_lends_none() -> None:
    assert topic("and when?", "Where did the harbour crews meet?", "and why the crews?") == "harbour crews meet"
    assert topic("and when did the harbour crews meet?", "Where did the harbour crews meet?") == ""


def test_phrases_are_those_of_the_question_alone() -> None:
    (query,) = understand("and who said “never”?", [Turn("Who said “not now” about the harbour board?")], 2000)
    assert query.phrases == ("never",)


def test_a_question_in_a_conversation_is_held_to_the_same_length() -> None:
    with pytest.raises(QuestionInvalid, match="shorten it to 10 or fewer"):
        understand("and when was that?", [Turn(HARBOUR)], 10)
