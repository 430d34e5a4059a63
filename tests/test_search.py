"""Query → hits, best first, with scores that can be worked out by hand."""

from collections.abc import Sequence
from math import sqrt
from pathlib import Path

import pytest

from index.library import Library, build_library, open_library
from index.query import Query, query_of
from index.search import ASKED, CARRIED, FAMILIAR, GIVEN, page_of, read, search
from index.settings import Settings
from index.types import Hit, Page, Reading, Span
from tests.conftest import WordEmbedder

TEXTS = {"boats": "Red boats sailed north.", "trees": "Green trees grew south.", "both": "Red trees burned west."}


class Fond:
    """A reader that likes pages with a word, and reads as many pages as the budget says."""

    def __init__(self, word: str) -> None:
        self.word = word

    def read(self, question: str, pages: Sequence[Page], budget: int, thoroughly: int) -> list[Reading | None]:  # noqa: ARG002
        """Return 50 for a page with the word, -50 for another."""
        return [
            Reading(50.0 if self.word in page.words else -50.0, (0.0,) * len(page.sentences), Span(0, 1), 0.0)
            for page in pages[:budget]
        ]


@pytest.fixture
def small(tmp_path: Path, settings: Settings, embedder: WordEmbedder) -> Library:
    """A library of three passages of four words each, whose files are named with a number."""
    (tmp_path / "small").mkdir()
    for number, text in enumerate(TEXTS.values()):
        (tmp_path / "small" / f"{number}.txt").write_text(text)
    build_library(tmp_path / "library", [tmp_path / "small"], embedder, settings)
    return open_library(tmp_path / "library")


def asked(query: Query | str, library: Library, candidates: int = 50) -> list[Hit]:
    query = query_of(query, 2000) if isinstance(query, str) else query
    return search(query, WordEmbedder().embed_query(query.asked), library, candidates).hits


def first_words(hits: Sequence[Hit], library: Library) -> list[str]:
    return [" ".join(hit.passage.span.of(library.article(hit.passage.article).text).split()[:2]) for hit in hits]


def test_hits_are_ordered_by_nearness_and_words_together(small: Library) -> None:
    assert first_words(asked("Which red boats sailed?", small), small) == ["Red boats", "Red trees", "Green trees"]


def test_the_fused_score_is_a_convex_combination_of_scores_scaled_by_the_greatest(small: Library) -> None:
    best, second, third = asked("Which red trees?", small)
    assert best.dense == pytest.approx(2 / sqrt(2 * 4), abs=1e-6)
    assert second.dense == third.dense == pytest.approx(1 / sqrt(2 * 4), abs=1e-6)
    # "red" and "tree" stand in two passages of equal length each, so each counts the same.
    assert second.lexical == third.lexical == pytest.approx(best.lexical / 2)
    assert best.fused == pytest.approx(1)
    assert second.fused == pytest.approx((1 - ASKED) / 2 + ASKED / 2)


def test_words_to_be_found_are_weighted_otherwise_than_questions(small: Library) -> None:
    # "boats" alone is rarer than "red": nearness is equal, the words decide.
    for text, weight in (("Did red boats?", ASKED), ("red boats burned", GIVEN)):
        hits = asked(text, small)
        top_dense, top_words = max(hit.dense for hit in hits), max(hit.lexical for hit in hits)
        for hit in hits:
            expected = (1 - weight) * hit.dense / top_dense + weight * hit.lexical / top_words
            assert hit.fused == pytest.approx(expected)


def test_candidates_are_those_near_and_those_with_the_words_together(small: Library) -> None:
    near_trees = WordEmbedder().embed_query("green trees")
    hits = search(query_of("boats", 100), near_trees, small, 1).hits
    assert set(first_words(hits, small)) == {"Green trees", "Red boats"}


def test_a_library_smaller_than_the_candidates_gives_all_its_passages_once(small: Library) -> None:
    hits = asked("Anything at all?", small, candidates=1000)
    assert sorted(first_words(hits, small)) == ["Green trees", "Red boats", "Red trees"]
    assert {(hit.dense, hit.lexical, hit.fused) for hit in hits} == {(0.0, 0.0, 0.0)}


def test_only_passages_that_hold_every_phrase_are_found(small: Library) -> None:
    assert first_words(asked('What of "red trees"?', small), small) == ["Red trees"]
    assert first_words(asked('"RED" and "west"', small), small) == ["Red trees"]


def test_a_rare_phrase_is_found_beside_one_that_stands_in_a_thousand_passages(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", passage_target=1)
    common = "The red boat with the number {} sailed north that day with all of its crew on board."
    paragraphs = [
        *(common.format(number) for number in range(1000)),
        f"Red trees grew. {common.format(1000).replace('red', 'old')}",
    ]
    (tmp_path / "1.txt").write_text("\n\n".join(paragraphs))
    build_library(tmp_path / "library", [tmp_path / "1.txt"], WordEmbedder(), settings)
    library = open_library(tmp_path / "library")
    assert len(library) == 1001
    found = search(query_of('"red" and "trees"', 100), WordEmbedder().embed_query("red trees"), library, 50)
    assert found.missing == ()
    assert first_words(found.hits, library) == ["Red trees"]


def test_a_phrase_is_held_to_the_letter_and_its_signs_count(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "signs").mkdir()
    for number, text in enumerate(["It was a long-term plan.", "In the long term, plan well.", "A Long–Term  plan."]):
        (tmp_path / "signs" / f"{number}.txt").write_text(text)
    build_library(tmp_path / "library", [tmp_path / "signs"], WordEmbedder(), settings)
    library = open_library(tmp_path / "library")
    assert {hit.passage.article for hit in asked('the "long-term plan"', library)} == {"0.txt", "2.txt"}


def test_no_more_passages_with_a_phrase_than_candidates(small: Library) -> None:
    assert first_words(asked('"red" boats', small), small) == ["Red boats", "Red trees"]
    assert first_words(asked('"red" boats', small, candidates=1), small) == ["Red boats"]


def test_phrases_that_stand_nowhere_are_reported_and_the_nearest_shown(small: Library) -> None:
    query = query_of('Where are "red boats sail"?', 100)
    found = search(query, WordEmbedder().embed_query(query.asked), small, 50)
    assert found.missing == ("red boats sail",)
    assert first_words(found.hits, small)[0] == "Red boats"
    assert len(found.hits) == 3


def test_the_title_counts_in_the_search_and_so_does_the_name_of_a_file(
    tmp_path: Path, settings: Settings, embedder: WordEmbedder
) -> None:
    (tmp_path / "titled").mkdir()
    (tmp_path / "titled" / "1.txt").write_text("Lantern festival\n\nThousands came to the river that evening for it.\n")
    (tmp_path / "titled" / "sturgeon-season.txt").write_text(
        "Thousands came to the river that evening to fish there.\n"
    )
    build_library(tmp_path / "library", [tmp_path / "titled"], embedder, settings)
    library = open_library(tmp_path / "library")
    for word, article in (("lantern", "1.txt"), ("sturgeon", "sturgeon-season.txt")):
        first, second = asked(word, library)
        assert first.passage.article == article
        assert first.lexical > second.lexical == 0


def test_a_date_of_publication_may_be_named(tmp_path: Path, settings: Settings, embedder: WordEmbedder) -> None:
    (tmp_path / "dated").mkdir()
    for day in (18, 19):
        text = f"---\ntitle: Vote\ndate: 2025-03-{day}\n---\n\nThe board voted that evening.\n"
        (tmp_path / "dated" / f"{day}.md").write_text(text)
    build_library(tmp_path / "library", [tmp_path / "dated"], embedder, settings)
    library = open_library(tmp_path / "library")
    assert [hit.passage.article for hit in asked("vote 19 March 2025", library)] == ["19.md", "18.md"]
    assert [hit.passage.article for hit in asked("vote 2025-03-18", library)] == ["18.md", "19.md"]


def test_words_from_the_conversation_count_less_than_those_of_the_question(small: Library) -> None:
    alone = {hit.passage: hit.lexical for hit in asked("red", small)}
    carried = {hit.passage: hit.lexical for hit in asked(Query("zebra", topic="red"), small)}
    for passage, score in alone.items():
        assert carried[passage] == pytest.approx(CARRIED * score)


def test_an_article_the_conversation_led_to_is_preferred(small: Library) -> None:
    plain = {hit.passage: hit.fused for hit in asked("red", small)}
    article = next(iter(plain)).article
    familiar = {hit.passage: hit.fused for hit in asked(Query("red", articles=(article,)), small)}
    for passage, score in plain.items():
        assert familiar[passage] == pytest.approx(score + FAMILIAR * (passage.article == article))


def test_hits_are_read_in_their_order_as_long_as_the_budget_lasts(small: Library) -> None:
    query = query_of("Which red trees?", 100)
    hits = asked(query, small)
    everything = read(query, hits, small, Fond("boats"), 10, 10)  # type: ignore[arg-type]
    likes = [hit.reading is not None and hit.reading.relevance > 0 for hit in everything]
    assert likes == [words == "Red boats" for words in first_words(hits, small)]
    one = read(query, hits, small, Fond("boats"), 1, 10)  # type: ignore[arg-type]
    assert [hit.passage for hit in one] == [hit.passage for hit in hits]
    assert [hit.reading is not None for hit in one] == [True, False, False]


def test_a_page_is_the_passage_with_its_sentences_counted_from_its_start(library: Library) -> None:
    passage = next(library.passage(row) for row in range(len(library)) if len(library.passage(row).sentences) > 1)
    page = page_of(passage, library)
    text = library.article(passage.article).text
    assert page.words == passage.span.of(text)
    assert [span.of(page.words) for span in page.sentences] == [span.of(text) for span in passage.sentences]
