"""Passages → vectors and terms: headings, what is embedded, and what is computed again."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from index import segment
from index.errors import LibraryUnwritable
from index.lexical import Entry, Found, TermIndex, key_of, phrase_terms, terms, update_terms
from index.library import Library, build_library, heading, open_library, passage_text
from index.library.derive import embed, index_terms
from index.library.layout import TERMS, Layout
from index.settings import Settings
from index.types import Article, Passage, Span, text_hash
from tests.conftest import WordEmbedder
from tests.library.test_manifest import contents, small_disk

MILL = " ".join(["The mill stood by the river all through summer."] * 7)
BARN = MILL.replace("mill", "barn")


def made(words: str = MILL, *, id: str = "town.txt", title: str | None = None, published: str | None = None) -> Article:
    """Return an article of one paragraph."""
    whole = (Span(0, len(words)),)
    return Article(id, f"/x/{id}", None, title, None, None, published, None, "en", words, whole, text_hash(words), "0")


def cut(*articles: Article) -> list[Passage]:
    return [p for a in articles for p in segment.passages(a, target=300, limit=900, sentence_limit=1200)]


def of_text(article: Article) -> Passage:
    (passage,) = cut(article)
    return passage


@pytest.mark.parametrize(
    ("title", "name", "expected"),
    [
        ("The mill", "a-tiger_1.txt", "The mill"),
        (None, "a-tiger_1.txt", "a tiger 1"),
        ("", "harbour.md", "harbour"),
        (None, "folder/sub/sturgeon season.txt", "sturgeon season"),
        (None, "2024-05-01-ferry.txt", "2024 05 01 ferry"),
        (None, "ferry-20240501.txt", "ferry"),
        (None, "Ärzte.streiken.txt", "Ärzte streiken"),
        (None, "775449d1aa18-3000.txt", ""),
        (None, "2024-05-01.txt", ""),
        (None, "42.txt", ""),
        (None, "ab-c.txt", ""),
    ],
)
def test_a_heading_is_the_title_or_the_words_a_file_is_named_with(title: str | None, name: str, expected: str) -> None:
    assert heading(made(id=name, title=title)) == expected


def test_a_passage_is_embedded_under_its_heading() -> None:
    article = made("Red boats sailed. They came back.", title="Boats")
    assert passage_text(article, of_text(article)) == "Boats\nRed boats sailed. They came back."


def test_a_passage_without_a_heading_is_embedded_as_it_is() -> None:
    article = made("Red boats sailed.", id="1.txt")
    assert passage_text(article, of_text(article)) == "Red boats sailed."


def test_the_same_words_under_the_same_heading_are_embedded_once_whatever_file_they_are_in(library: Library) -> None:
    known = library.article("bees.md")
    copy = made(known.text, id="copy.txt", title=known.title)
    other = made("Gulls over the water.", id="gulls.txt")
    passages = [Passage("copy.txt", p.span, p.paragraph, p.sentences) for p in map(library.passage, range(len(library)))
                if p.article == "bees.md"]  # fmt: skip
    embedder, told = WordEmbedder(), list[tuple[int, int]]()
    vectors, computed = embed(
        [copy, other], [*passages, of_text(other)], library, embedder, lambda done, total: told.append((done, total))
    )
    assert embedder.embedded == ["gulls\nGulls over the water."]
    assert (computed, told) == (1, [(0, 1), (1, 1)])
    expected = embedder.embed_passages([passage_text(copy, passage) for passage in passages])
    assert vectors[:-1].tolist() == expected.tolist()


class Town:
    """A library of articles that come and go, and its term index."""

    def __init__(self, place: Path, settings: Settings) -> None:
        self.place, self.settings = place / "town", settings
        self.root = place / "library"
        self.place.mkdir()

    def build(self, **articles: str) -> Library:
        """Write files, empty ones to be removed, and return the library of them."""
        for name, text in articles.items():
            path = self.place / f"{name}.txt"
            path.write_text(text) if text else path.unlink()
        build_library(self.root, [self.place], WordEmbedder(), self.settings)
        return open_library(self.root)


def segments(library: Library) -> set[tuple[str, int]]:
    """Return names and inodes of the parts of a term index; each update adds one for what it indexes."""
    folder = Layout(library.root).generation(library.manifest.generation) / TERMS
    return {(file.stem, file.stat().st_ino) for file in folder.glob("*.store")}


def found_by(word: str, library: Library) -> set[str]:
    """Return the ids of the articles in which the term index finds a word."""
    found = library.terms.search(dict.fromkeys(terms(word), 1.0), 50)
    return {library.passage(int(row)).article for row in library.rows_of(found)}


@pytest.fixture
def town(tmp_path: Path, settings: Settings) -> Town:
    return Town(tmp_path, settings)


def test_every_passage_of_a_library_can_be_found_by_its_words(town: Town) -> None:
    library = town.build(town=f"{MILL}\n\n{BARN}", gulls="Gulls over the water.")
    rows = {word: library.rows_of(library.terms.search({word: 1.0}, 9)).tolist() for word in ("gull", "mill", "barn")}
    words = {word: library.passage(row).span.of(library.article(library.passage(row).article).text)
             for word, (row,) in rows.items()}  # fmt: skip
    assert words == {"gull": "Gulls over the water.", "mill": MILL, "barn": BARN}


@pytest.mark.parametrize("words", ["ferry", "19 March 2025", "2025-03-19"])
def test_headings_and_dates_are_indexed_beside_the_words_and_hold_no_phrase(words: str, tmp_path: Path) -> None:
    article = made(id="ferry.txt", published="2025-03-19")
    index_terms(tmp_path / TERMS, [article], cut(article), None)
    index = TermIndex(tmp_path / TERMS)
    for term in terms(words):
        assert index.search({term: 1.0}, 5).keys.tolist() == [key_of("ferry.txt")]
    assert not len(index.phrase(phrase_terms(words), 5).keys)


@pytest.mark.parametrize("published", ["2025", "2025-03", "spring 2025"])
def test_a_date_without_a_day_is_indexed_as_it_is_stated(published: str, tmp_path: Path) -> None:
    article = made(published=published)
    index_terms(tmp_path / TERMS, [article], cut(article), None)
    found: Found = TermIndex(tmp_path / TERMS).search(dict.fromkeys(terms(published), 1.0), 5)
    assert found.keys.tolist() == [key_of("town.txt")]


def test_an_article_that_did_not_change_is_not_indexed_again_and_its_files_are_shared(town: Town) -> None:
    before = segments(town.build(mill=MILL, barn=BARN))
    library = town.build(gulls="Gulls over the water.")
    assert before < segments(library)
    assert (found_by("mill", library), found_by("gulls", library)) == ({"mill.txt"}, {"gulls.txt"})


def test_an_index_is_written_anew_when_too_many_of_its_passages_are_gone(town: Town) -> None:
    words = [f"{chr(97 + n)}{chr(98 + n)}ark" for n in range(20)]
    before = segments(town.build(**{word: f"The {word} is full." for word in words}))
    one = town.build(**{words[0]: ""})
    assert (segments(one) & before, one.terms.removed) == (before, 1)
    three = town.build(**{words[1]: "", words[2]: "It is empty now."})
    assert (segments(three) & before, three.terms.removed) == (set(), 0)
    assert [found_by(word, three) for word in words[:4]] == [set(), set(), {f"{words[2]}.txt"}, {f"{words[3]}.txt"}]


def test_of_a_changed_article_only_the_new_words_are_found(town: Town) -> None:
    town.build(town=MILL, gulls="Gulls over the water.")
    library = town.build(town=BARN)
    assert (found_by("mill", library), found_by("barn", library)) == (set(), {"town.txt"})
    assert found_by("gulls", library) == {"gulls.txt"}


def test_a_removed_article_is_found_no_more_and_the_rows_of_others_stay_right(town: Town) -> None:
    town.build(a=f"{MILL}\n\n{MILL.replace('mill', 'inn')}", b=BARN)
    library = town.build(a="")
    assert (found_by("mill", library), found_by("barn", library)) == (set(), {"b.txt"})


def test_a_renamed_article_is_found_by_its_new_name_and_not_by_the_old(town: Town) -> None:
    town.build(sturgeon=MILL, barn=BARN)
    library = town.build(sturgeon="", lantern=MILL)
    assert (found_by("sturgeon", library), found_by("lantern", library)) == (set(), {"lantern.txt"})
    assert found_by("mill", library) == {"lantern.txt"}


def test_an_article_that_gets_another_title_is_found_by_it(town: Town) -> None:
    town.build(town=f"---\ntitle: Sturgeon\n---\n\n{MILL}", barn=BARN)
    library = town.build(town=f"---\ntitle: Lantern\n---\n\n{MILL}")
    assert (found_by("sturgeon", library), found_by("lantern", library)) == (set(), {"town.txt"})


def test_with_other_cuts_everything_is_indexed_again(town: Town, settings: Settings) -> None:
    before = segments(town.build(town=f"{MILL}\n\n{BARN}"))
    town.settings = Settings(data=settings.data, passage_target=900)
    library = town.build()
    assert len(library) == len(library.terms) == 1
    assert not before & segments(library)


def test_a_disk_that_is_full_when_the_terms_are_written_leaves_the_library_as_it_was(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path, previous: Path | None, gone: Iterable[str], entries: Iterable[Entry]) -> None:
        with small_disk(50):
            update_terms(folder, previous, gone, entries)

    town.build(town=MILL)
    before = contents(town.root)
    with monkeypatch.context() as patched:
        patched.setattr("index.library.derive.update_terms", full)
        with pytest.raises(LibraryUnwritable, match="the library is as it was; free space"):
            town.build(gulls="Gulls over the water.")
    assert contents(town.root) == before
    assert town.build().manifest.articles == 2
