"""Question → query: what can be asked, phrases, and kinds."""

from contextlib import suppress

import pytest

from index.errors import QuestionInvalid
from index.query import Query, checked, holds, phrases_of, query_of


@pytest.mark.parametrize("question", ["Who asked?", "42", "谁？", "é"])
def test_a_question_with_a_word_or_a_number_is_asked_as_it_is(question: str) -> None:
    assert checked(question, 100) == question


def test_line_breaks_and_runs_of_spaces_become_single_spaces() -> None:
    assert checked("\n Who \t\n asked \u00a0 first?\r\n", 100) == "Who asked first?"


@pytest.mark.parametrize("question", ["", "   ", "\n", "?!…", "— , .", "👩‍👩‍👧"])
def test_a_question_without_a_word_is_refused(question: str) -> None:
    with pytest.raises(QuestionInvalid, match="holds no word; type what you want to know"):
        checked(question, 100)


def test_a_question_that_is_no_unicode_is_refused_or_made_so() -> None:
    with suppress(QuestionInvalid):
        assert "harbour" in checked("\udcff harbour", 100).encode().decode()


def test_a_question_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert checked("a" * 2000 + "  ", 2000) == "a" * 2000
    with pytest.raises(QuestionInvalid, match="the question has 2,001 characters; shorten it to 2,000 or fewer"):
        checked("a" * 2001, 2000)


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ("Who said “not now”?", ("not now",)),
        ('Who said "not now."?', ("not now",)),
        ("«jamais» and „nie wieder“", ("jamais", "nie wieder")),
        ("the 'quoted' mayor's words", ()),
        ('an "unclosed phrase', ()),
        ('""', ()),
        ("“...”", ()),
        ("“twice” and “twice”", ("twice",)),
    ],
)
def test_phrases_are_what_stands_in_quotation_marks(question: str, phrases: tuple[str, ...]) -> None:
    assert phrases_of(question) == phrases
    assert query_of(question + " x", 100).phrases == phrases


@pytest.mark.parametrize(
    ("text", "phrase", "held"),
    [
        ("We will not\nwait.", "will not wait", True),
        ("WE WILL NOT WAIT", "will not wait", True),
        ("the mayor’s “last word”", "mayor's", True),
        ("We will not wait.", "will wait", False),
        ("We will not waiting.", "not wait", False),
        ("costs 4.2 million", "4.2 million", True),
        ("costs 14.2 million", "4.2 million", False),
        ("the long–term plan", "long-term plan", True),
        ("the board's “last word”", "word", True),
        ("a rewording", "word", False),
        ("(see p. 4)", "see p. 4", True),
        ("caf\u00e9", "cafe\u0301", True),
        ("", "word", False),
    ],
)
def test_a_phrase_is_held_word_for_word(text: str, phrase: str, held: bool) -> None:
    assert holds(text, phrase) is held


@pytest.mark.parametrize(
    ("text", "is_question"),
    [
        ("Who asked?", True),
        ("who asked for a pause", True),
        ("in which year did it open", True),
        ("The board voted on Tuesday.", False),
        ("herring pause april", False),
        ("The board voted, did it not?", True),
        ("Who said “not now?”", True),
        ("Tell me about the herring.", True),
        ("Whoever asked was told.", False),
        ("And the price of herring", False),
    ],
)
def test_a_question_is_told_from_words_to_be_found(text: str, is_question: bool) -> None:
    assert Query(text).is_question is is_question


def test_what_a_query_carries_over_is_part_of_how_it_is_understood() -> None:
    assert Query("When?").understood == "When?"
    assert Query("When was that?", topic="harbour dredging").understood == "When was that? (harbour dredging)"
