"""What is one passage and what is two."""

from pathlib import Path

import pytest

from index.folding import fold
from index.library import Library, build_library, open_library
from index.settings import Settings
from index.types import Hit
from tests.conftest import WordEmbedder

LONG = (
    "The harbour board voted on Tuesday to dredge the northern channel before winter, after nine years in which crews "
    "had asked for it again and again and had been told that there was no money."
)


@pytest.fixture
def shelf(tmp_path: Path, settings: Settings) -> "Shelf":
    return Shelf(tmp_path, settings)


class Shelf:
    """Texts as hits, in the order they are given."""

    def __init__(self, place: Path, settings: Settings) -> None:
        self.place, self.settings = place, settings

    def hits(self, *texts: str) -> tuple[list[Hit], Library]:
        (self.place / "shelf").mkdir()
        for number, text in enumerate(texts):
            (self.place / "shelf" / f"{number}.txt").write_text(text, "utf-8")
        build_library(self.place / "library", [self.place / "shelf"], WordEmbedder(), self.settings)
        library = open_library(self.place / "library")
        return [Hit(library.passage(row), 0.5, 0.5, 0.5) for row in range(len(library))], library


def folded(shelf: Shelf, *texts: str) -> list[tuple[str, list[str], list[str]]]:
    hits, library = shelf.hits(*texts)
    return [
        (
            group.hit.passage.article[0],
            [hit.passage.article[0] for hit in group.copies],
            [hit.passage.article[0] for hit in group.versions],
        )
        for group in fold(hits, library, 10)
    ]


def test_the_same_words_are_one_however_they_are_spaced(shelf: Shelf) -> None:
    assert folded(shelf, LONG, LONG.replace("winter, ", "winter,  ")) == [("0", ["1"], [])]


def test_a_version_with_a_few_words_changed_is_one_and_said_to_be_a_version(shelf: Shelf) -> None:
    assert folded(shelf, LONG, LONG.replace("again and again", "many times")) == [("0", [], ["1"])]


def test_a_part_of_a_passage_is_a_version_of_it(shelf: Shelf) -> None:
    assert folded(shelf, LONG, LONG.partition(", after")[0] + ", after nine years in which crews had asked") == [
        ("0", [], ["1"])
    ]


def test_another_number_makes_another_passage(shelf: Shelf) -> None:
    texts = (f"{LONG} It costs 4.2 million crowns.", f"{LONG} It costs 4.3 million crowns.")
    assert folded(shelf, *texts) == [("0", [], []), ("1", [], [])]


def test_of_short_passages_one_word_makes_another(shelf: Shelf) -> None:
    assert folded(shelf, "Red boats sailed north on Monday.", "Blue boats sailed north on Monday.") == [
        ("0", [], []),
        ("1", [], []),
    ]


def test_what_is_about_the_same_in_other_words_stays_two(shelf: Shelf) -> None:
    other = (
        "Before the cold sets in, the approach to the port will be deepened: that is what the board decided this week, "
        "nearly a decade after fishing crews first asked."
    )
    assert len(folded(shelf, LONG, other)) == 2


def test_no_more_groups_than_asked_for_but_every_copy_is_counted(shelf: Shelf) -> None:
    hits, library = shelf.hits(LONG, "Green trees grew.", LONG)
    (group,) = fold(hits, library, 1)
    assert (group.hit, group.copies) == (hits[0], [hits[2]])


def test_a_version_that_has_a_number_the_one_shown_has_not_stays_for_itself(shelf: Shelf) -> None:
    with_cost = f"{LONG} It costs 4.2 million crowns."
    assert folded(shelf, LONG, with_cost) == [("0", [], []), ("1", [], [])]


def test_a_version_whose_numbers_are_all_in_the_one_shown_is_one_with_it(shelf: Shelf) -> None:
    with_cost = f"{LONG} It costs 4.2 million crowns."
    assert folded(shelf, with_cost, LONG) == [("0", [], ["1"])]


def test_a_short_passage_that_stands_whole_in_another_is_a_version_of_it(shelf: Shelf) -> None:
    assert folded(shelf, "Red boats sailed north on Monday.", "Red boats sailed north.") == [("0", [], ["1"])]


def test_copies_of_a_version_are_versions_and_each_is_named_under_the_best(shelf: Shelf) -> None:
    changed = LONG.replace("again and again", "many times")
    assert folded(shelf, LONG, changed, LONG, changed) == [("0", ["2"], ["1", "3"])]


def test_without_hits_there_is_no_group(library: Library) -> None:
    assert fold([], library, 5) == []
