"""The words of a question in a passage, and the index of all words."""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from math import log
from pathlib import Path

import numpy as np
import pytest

from index.errors import LibraryDamaged
from index.lexical import Entry, Found, TermIndex, coverage, key_of, phrase_terms, terms, update_terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Were the drones shot?", ["drone", "shot"]),
        ("", []),
        ("?! … —", []),
        ("DRONE Drone drone", ["drone", "drone", "drone"]),
        ("1,250 crowns and 4.2 million", ["1250", "crown", "4.2", "million"]),
        ("In 2024, 312.", ["2024", "312"]),
        ("the mayor’s and the Mayor's", ["mayor", "mayor"]),
        ("snake_case", ["snake", "case"]),
        ("Łódź ÄRZTE straße", ["łódź", "ärzte", "strass"]),
        ("港口 关闭", ["港口", "关闭"]),
        ("who are they", ["who", "are", "they"]),
        ("who are the Beatles", ["beatl"]),
    ],
)
def test_terms_are_the_stems_of_the_words_that_carry_meaning(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_an_accent_is_the_same_in_either_of_the_ways_unicode_has_for_it() -> None:
    assert terms("cafe\u0301 Zu\u0308rich") == terms("caf\u00e9 Z\u00fcrich") == ["café", "zürich"]
    assert phrase_terms("cafe\u0301") == phrase_terms("caf\u00e9")


def test_the_share_of_words_held_counts_rare_words_more() -> None:
    found = coverage("harbour drone", ["The harbour.", "The harbour and the drone.", "A market."])
    harbour, drone = log(1 + 3 / 2), log(1 + 3 / 1)
    np.testing.assert_allclose(found, [harbour / (harbour + drone), 1, 0])


def test_a_word_that_no_passage_holds_weighs_as_much_as_the_rarest() -> None:
    assert coverage("harbour unicorn", ["The harbour.", "A market."]).tolist() == [0.5, 0]


def test_a_word_counts_once_however_often_it_is_asked_or_said() -> None:
    passages = ["harbour harbour harbour", "harbour drone"]
    np.testing.assert_allclose(coverage("harbour, harbour! drone", passages), coverage("drone harbour", passages))
    assert coverage("harbour", passages).tolist() == [1, 1]


def test_shares_do_not_depend_on_the_order_of_the_passages() -> None:
    passages = ["The harbour.", "A drone over the market.", "Drones, harbours."]
    np.testing.assert_allclose(
        coverage("Which drones over the harbour?", passages[::-1]),
        coverage("Which drones over the harbour?", passages)[::-1],
    )


@pytest.mark.parametrize(
    ("question", "passages"), [("", ["a harbour", "b"]), ("?!", ["a harbour", "b"]), ("harbour", [])]
)
def test_where_there_is_nothing_to_compare_no_share_is_held(question: str, passages: list[str]) -> None:
    assert coverage(question, passages).tolist() == [0.0] * len(passages)


def test_many_threads_may_stem_at_once() -> None:
    text = "Were the peacekeepers discussing deployments of drones? " * 50
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(terms, [text] * 64))
    assert all(found == terms(text) for found in results)


Articles = dict[str, tuple[str, ...]]
FLEET: Articles = {
    "boats": ("Red boats sailed north, red boats only.", "The boats came back."),
    "trees": ("Green trees grew south of the red wall, where nobody had planted any.",),
    "walls": ("A red wall fell.", "The wall was old, and the wall was red, red, red."),
    "birds": ("Gulls over the water.",),
}


class Shelf:
    """Term indexes in a temporary place."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def index(self, articles: Articles, previous: Path | None = None, gone: tuple[str, ...] = ()) -> Path:
        """Return the folder of a new term index."""
        folder = self.place / f"terms{len(list(self.place.iterdir()))}"
        folder.mkdir()
        entries = [Entry(id, place, "", words) for id, texts in articles.items() for place, words in enumerate(texts)]
        update_terms(folder, previous, gone, entries)
        return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def hits(found: Found, articles: Articles = FLEET) -> list[tuple[str, int]]:
    """Return article and place of what was found, in order."""
    names = {key_of(id): id for id in articles}
    return [(names[key], place) for key, place in zip(found.keys.tolist(), found.places.tolist(), strict=True)]


def bm25(wanted: Mapping[str, float], articles: Articles) -> dict[tuple[str, int], float]:
    """Return the scores of all passages that hold a term, as Robertson and Zaragoza define them: k1 = 1.2, b = 0.75."""
    held = {(id, place): Counter(terms(text)) for id, texts in articles.items() for place, text in enumerate(texts)}
    average = sum(counts.total() for counts in held.values()) / len(held)
    scores: dict[tuple[str, int], float] = {}
    for passage, counts in held.items():
        for term in wanted.keys() & counts.keys():
            having = sum(term in others for others in held.values())
            rarity = log(1 + (len(held) - having + 0.5) / (having + 0.5))
            often = counts[term] * 2.2 / (counts[term] + 1.2 * (0.25 + 0.75 * counts.total() / average))
            scores[passage] = scores.get(passage, 0.0) + wanted[term] * rarity * often
    return scores


def everything(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize(
    "wanted",
    [{"red": 1.0}, {"red": 1.0, "boat": 1.0}, {"red": 0.5, "wall": 1.0, "north": 2.0}, {"gull": 1, "zebra": 1}],
)
def test_passages_that_hold_a_term_are_ranked_by_bm25(wanted: Mapping[str, float], shelf: Shelf) -> None:
    found = TermIndex(shelf.index(FLEET)).search(wanted, 50)
    expected = bm25(wanted, FLEET)
    assert hits(found) == sorted(expected, key=lambda passage: -expected[passage])
    np.testing.assert_allclose(found.scores, sorted(expected.values(), reverse=True), rtol=1e-5)


def test_no_more_are_found_than_asked_for_and_those_are_the_best(shelf: Shelf) -> None:
    index = TermIndex(shelf.index(FLEET))
    assert len(index) == 6
    assert hits(index.search({"red": 1.0}, 2)) == hits(index.search({"red": 1.0}, 50))[:2]


def test_a_term_that_stands_nowhere_finds_nothing(shelf: Shelf) -> None:
    index = TermIndex(shelf.index(FLEET))
    assert hits(index.search({"zebra": 1.0}, 5)) == hits(index.phrase(["red", "zebra"], 5)) == []


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("red boats", {("boats", 0)}),
        ("RED Boats!", {("boats", 0)}),
        ("boats red", set()),
        ("the wall was", {("walls", 1)}),
        ("wall", {("trees", 0), ("walls", 0), ("walls", 1)}),
        ("walls", set()),
        ("red red", {("walls", 1)}),
        ("only the boats", set()),
    ],
)
def test_a_phrase_is_found_where_its_words_stand_one_after_the_other(
    phrase: str, expected: set[tuple[str, int]], shelf: Shelf
) -> None:
    assert set(hits(TermIndex(shelf.index(FLEET)).phrase(phrase_terms(phrase), 50))) == expected


def test_a_heading_helps_the_search_and_holds_no_phrase(tmp_path: Path) -> None:
    update_terms(tmp_path, None, [], [Entry("a", 0, "Lantern festival", "Thousands came to the river.")])
    index = TermIndex(tmp_path)
    assert len(index.search({"lantern": 1.0}, 5).keys) == 1
    assert len(index.phrase(["lantern"], 5).keys) == len(index.phrase(["festival", "thousands"], 5).keys) == 0


def test_an_article_is_known_by_63_bits_of_the_hash_of_its_id() -> None:
    assert key_of("a/b.txt") == int(sha256(b"a/b.txt").hexdigest()[:16], 16) >> 1
    assert np.array([key_of("caf\udce9.txt")], dtype=np.int64)[0] >= 0


def test_equal_scores_come_in_the_same_order_however_they_were_indexed(shelf: Shelf) -> None:
    same: Articles = dict.fromkeys("abcdef", ("red boats", "red boats"))
    orders = [same, dict(reversed(same.items()))]
    first, second = (hits(TermIndex(shelf.index(order)).search({"red": 1.0}, 50), same) for order in orders)
    assert first == second == sorted(first, key=lambda hit: (key_of(hit[0]), hit[1]))


def test_an_update_takes_articles_away_and_adds_others(shelf: Shelf) -> None:
    new: Articles = {"boats": ("Blue boats stayed.",), "suns": ("A red sun rose.",)}
    index = TermIndex(shelf.index(new, shelf.index(FLEET), gone=("boats", "walls")))
    assert len(index) == 4
    assert set(hits(index.search({"red": 1.0, "boat": 1.0, "wall": 1.0}, 50), FLEET | new)) == {
        ("boats", 0), ("suns", 0), ("trees", 0),
    }  # fmt: skip
    assert hits(index.phrase(["red", "boats"], 50)) == []


def test_an_update_leaves_the_index_before_it_as_it_was(shelf: Shelf) -> None:
    previous = shelf.index(FLEET)
    before = everything(previous)
    shelf.index({"suns": ("A red sun rose.",)}, previous, gone=("boats", "trees"))
    assert everything(previous) == before
    found = TermIndex(previous).search({"red": 1.0}, 50)
    assert dict(zip(hits(found), found.scores.tolist(), strict=True)) == pytest.approx(bm25({"red": 1.0}, FLEET))


def test_an_update_shares_the_files_that_stay(shelf: Shelf) -> None:
    previous = shelf.index(FLEET)
    updated = shelf.index({"suns": ("A red sun rose.",)}, previous)
    stores = list(previous.glob("*.store"))
    assert stores
    assert all((updated / store.name).samefile(store) for store in stores)


def test_where_files_cannot_be_shared_they_are_copied(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no hard links here")

    previous = shelf.index(FLEET)
    monkeypatch.setattr("os.link", refuse)
    updated = shelf.index({"suns": ("A red sun rose.",)}, previous)
    shutil.rmtree(previous)
    assert len(TermIndex(updated)) == 7


def test_every_article_may_go(shelf: Shelf) -> None:
    index = TermIndex(shelf.index({}, shelf.index(FLEET), gone=tuple(FLEET)))
    assert len(index) == len(index.search({"red": 1.0}, 5).keys) == 0


def test_no_lock_is_left_behind(shelf: Shelf) -> None:
    previous = shelf.index(FLEET)
    (previous / ".tantivy-meta.lock").touch()
    assert list(shelf.index({}, previous).glob(".*.lock")) == []


def test_passages_that_are_gone_are_counted_as_long_as_the_files_hold_them(shelf: Shelf) -> None:
    previous = shelf.index(FLEET)
    assert TermIndex(previous).removed == 0
    updated = TermIndex(shelf.index({}, previous, gone=(next(iter(FLEET)),)))
    assert len(updated) + updated.removed == len(TermIndex(previous))


@pytest.fixture
def locked(shelf: Shelf) -> Iterator[Path]:
    """A term index in a folder that cannot be written to."""
    folder = shelf.index(FLEET)
    for path in (*folder.iterdir(), folder):
        path.chmod(0o500 if path == folder else 0o400)
    yield folder
    folder.chmod(0o700)


def test_an_index_that_can_only_be_read_is_searched_and_nothing_is_written_into_it(
    locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The superuser may write anywhere, whatever the rights say.
    monkeypatch.setattr(os, "access", lambda path, mode: (Path(path), mode) != (locked, os.W_OK))
    before = sorted(locked.iterdir())
    assert len(TermIndex(locked).search({"red": 1.0}, 5).keys) > 0
    assert sorted(locked.iterdir()) == before


def test_an_index_may_be_read_by_whoever_may_read_other_files(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    usual = (tmp_path / "other").stat().st_mode
    assert {file.stat().st_mode for file in shelf.index(FLEET).iterdir()} == {usual}


def test_many_threads_may_search_at_once(shelf: Shelf) -> None:
    index = TermIndex(shelf.index(FLEET))
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda _: hits(index.search({"red": 1.0, "wall": 1.0}, 50)), range(64)))
    assert all(found == results[0] for found in results)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


# That positions are missing is not seen before a phrase is asked for; check_files sees it.
@pytest.mark.parametrize(
    ("suffix", "harm"),
    [
        *((suffix, Path.unlink) for suffix in ("idx", "term", "fast", "fieldnorm", "store", "json")),
        *((suffix, cut_off) for suffix in ("idx", "term", "fast", "fieldnorm", "store", "json", "pos")),
    ],
)
def test_an_index_without_a_whole_file_is_damaged(suffix: str, harm: Callable[[Path], None], shelf: Shelf) -> None:
    folder = shelf.index(FLEET)
    harm(next(file for file in folder.iterdir() if file.suffix == f".{suffix}" and not file.name.startswith(".")))
    with pytest.raises(LibraryDamaged, match="not a whole term index") as raised:
        TermIndex(folder)
    assert str(raised.value).startswith(str(folder))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("made", [False, True], ids=["no folder", "an empty folder"])
def test_where_there_is_no_index_the_library_is_damaged(made: bool, tmp_path: Path) -> None:
    if made:
        (tmp_path / "terms").mkdir()
    with pytest.raises(LibraryDamaged, match="terms: not a whole term index"):
        TermIndex(tmp_path / "terms")
