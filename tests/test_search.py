"""Question → hits, best first, with scores that can be worked out by hand."""

from contextlib import suppress
from math import sqrt
from pathlib import Path

import pytest

from index import search as module
from index.errors import QuestionInvalid
from index.library import Library, build_library, open_library
from index.search import INTERCEPT, LEXICAL, NEARNESS, WORDS, checked, confidence, search
from index.settings import Settings
from index.types import Hit
from tests.conftest import WordEmbedder

TEXTS = {"boats": "Red boats sailed north.", "trees": "Green trees grew south.", "both": "Red trees burned west."}


@pytest.fixture
def small(tmp_path: Path, settings: Settings, embedder: WordEmbedder) -> Library:
    """A library of three passages of four words each."""
    (tmp_path / "small").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "small" / f"{name}.txt").write_text(text)
    build_library(tmp_path / "library", [tmp_path / "small"], embedder, settings)
    return open_library(tmp_path / "library")


def asked(question: str, library: Library, candidates: int = 50) -> list[Hit]:
    return search(question, WordEmbedder().embed_query(question), library, candidates)


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


def test_hits_are_ordered_by_nearness_and_words_together(small: Library) -> None:
    hits = asked("Which red boats sailed?", small)
    assert [hit.passage.article for hit in hits] == ["boats.txt", "both.txt", "trees.txt"]


def test_the_scores_of_a_hit_are_cosine_share_of_words_and_their_sum(small: Library) -> None:
    best, second, third = asked("Which red trees?", small)
    assert best.dense == pytest.approx(2 / sqrt(2 * 4), abs=1e-6)
    assert second.dense == third.dense == pytest.approx(1 / sqrt(2 * 4), abs=1e-6)
    # "red" and "tree" stand in two passages each, so they weigh the same.
    assert [best.lexical, second.lexical, third.lexical] == pytest.approx([1, 0.5, 0.5])
    for hit in (best, second, third):
        assert hit.fused == pytest.approx(hit.dense + WORDS * hit.lexical)


def test_only_the_nearest_candidates_are_returned(small: Library) -> None:
    assert [hit.passage.article for hit in asked("red trees burned", small, candidates=1)] == ["both.txt"]
    assert len(asked("red trees burned", small, candidates=3)) == 3


def test_a_library_smaller_than_the_candidates_gives_all_its_passages_once(small: Library) -> None:
    hits = asked("Anything at all?", small, candidates=1000)
    assert sorted(hit.passage.article for hit in hits) == ["boats.txt", "both.txt", "trees.txt"]
    assert {(hit.dense, hit.lexical, hit.fused) for hit in hits} == {(0.0, 0.0, 0.0)}


def test_the_words_decide_between_passages_that_are_equally_near(
    small: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "Did green boats sail?"
    assert asked(question, small)[0].passage.article == "boats.txt"
    monkeypatch.setattr(module, "WORDS", -0.9)
    assert asked(question, small)[0].passage.article != "boats.txt"


def test_the_title_counts_in_the_search(tmp_path: Path, settings: Settings, embedder: WordEmbedder) -> None:
    (tmp_path / "titled").mkdir()
    (tmp_path / "titled" / "a.txt").write_text("Lantern festival\n\nThousands came to the river that evening for it.\n")
    (tmp_path / "titled" / "b.txt").write_text("Thousands came to the river that evening to fish there.\n")
    build_library(tmp_path / "library", [tmp_path / "titled"], embedder, settings)
    first, second = asked("lantern", open_library(tmp_path / "library"))
    assert (first.passage.article, first.lexical, second.lexical) == ("a.txt", 1, 0)


def test_where_the_evidence_balances_the_confidence_is_one_half() -> None:
    assert confidence(-INTERCEPT / NEARNESS, 0) == pytest.approx(0.5)
    assert confidence(0, -INTERCEPT / LEXICAL) == pytest.approx(0.5)


def test_confidence_is_a_probability_that_grows_with_nearness_and_with_words() -> None:
    grid = [[confidence(nearness / 10, share / 10) for share in range(11)] for nearness in range(-10, 11)]
    assert all(0 < value < 1 for row in grid for value in row)
    assert all(row == sorted(row) and len(set(row)) == len(row) for row in grid)
    assert all(list(column) == sorted(column) for column in zip(*grid, strict=True))
