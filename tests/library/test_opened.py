"""A library that is open: whole, checked, and not disturbed by what follows."""

import json
import pickle
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.answer import answer
from index.errors import LibraryDamaged
from index.lexical import Entry, update_terms
from index.library import Library, build_library, open_library
from index.library.layout import ARTICLES, PARTS, PASSAGES, SENTENCES, TERMS, TEXTS, VECTORS, Layout
from index.library.manifest import Manifest, load_manifest
from index.settings import Settings
from index.types import Searched
from index.vectors.faiss import FaissStore
from tests.conftest import WordEmbedder
from tests.library.test_manifest import contents

TERM_FILES = ("meta.json", "*.idx", "*.term", "*.pos", "*.fast", "*.fieldnorm", "*.store")


def part(library: Library, name: str) -> Path:
    return Layout(library.root).generation(library.manifest.generation) / name


def rewritten(library: Library, name: str, content: bytes | None = None) -> None:
    """Write a file of a library, and into the manifest that this is right, so that only its sense can give it away."""
    path = part(library, name)
    if content is not None:
        path.unlink()
        path.write_bytes(content)
    manifest = Layout(library.root).manifest
    said = json.loads(manifest.read_bytes())
    said["files"][name] = sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(said))


def is_damaged(library: Library, reason: str = ".") -> None:
    with pytest.raises(LibraryDamaged, match=reason) as raised:
        open_library(library.root)
    assert "`python -m index build" in str(raised.value)
    assert "\n" not in str(raised.value)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("harm", [flip, truncate, Path.unlink])
@pytest.mark.parametrize("pattern", [*PARTS, *(f"terms/{name}" for name in TERM_FILES)])
def test_a_file_that_is_not_as_it_was_written_is_damage_and_a_build_mends_it(
    pattern: str, harm: Callable[[Path], None], library: Library, settings: Settings
) -> None:
    before = contents(library.root)
    (path,) = part(library, ".").glob(pattern)
    harm(path)
    is_damaged(library, f"{path.name}: ")
    assert build_library(library.root, [], WordEmbedder(), settings).swapped
    assert contents(library.root) == before


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("article", 2, "a passage names an article that is not there"),
        ("article", -1, "a passage names an article that is not there"),
        ("end", 100_000, "passage 0 lies outside its article"),
        ("start", -1, "passage 0 lies outside its article"),
        ("start", 100_000, "passage 0 lies outside its article"),
        ("first", 1, "sentences expected, found"),
        ("count", 0, "sentences expected, found"),
        ("count", -1, "sentences expected, found"),
    ],
)
def test_a_passage_that_points_outside_is_damage(column: str, value: int, reason: str, library: Library) -> None:
    rows = np.array(library.tables.passages)
    rows[column][0] = value
    np.save(part(library, PASSAGES), rows, allow_pickle=False)
    rewritten(library, PASSAGES)
    is_damaged(library, reason)


@pytest.mark.parametrize(("column", "value"), [("start", -1), ("start", 100_000), ("end", 100_000), ("end", -1)])
def test_a_sentence_that_points_outside_its_passage_is_damage(column: str, value: int, library: Library) -> None:
    rows = np.array(library.tables.sentences)
    rows[column][0] = value
    np.save(part(library, SENTENCES), rows, allow_pickle=False)
    rewritten(library, SENTENCES)
    is_damaged(library, "sentence 0 lies outside its passage")


@pytest.mark.parametrize("name", [PASSAGES, SENTENCES])
def test_a_table_of_other_columns_is_damage(name: str, library: Library) -> None:
    np.save(part(library, name), np.zeros(2, dtype=np.int64), allow_pickle=False)
    rewritten(library, name)
    is_damaged(library, "tables of other columns")


@pytest.mark.parametrize(
    "change",
    [
        {"offset": 1},
        {"size": 3},
        {"size": "all"},
        {"body": [[0, 100_000]]},
        {"body": [[5, 2]]},
        {"body": [[3]]},
        {"characters": 3},
        {"characters": 100_000},
    ],
    ids=str,
)
def test_an_article_that_is_not_where_the_table_says_is_damage(change: dict[str, Any], library: Library) -> None:
    first, *others = part(library, ARTICLES).read_text("utf-8").splitlines(keepends=True)
    line = json.dumps(json.loads(first) | change) + "\n"
    rewritten(library, ARTICLES, "".join([line, *others]).encode())
    is_damaged(library)


@pytest.mark.parametrize("name", ["id", "path", "title", "text_sha256", "body", "offset", "size", "characters"])
def test_an_article_without_one_of_its_fields_is_damage(name: str, library: Library) -> None:
    first, *others = part(library, ARTICLES).read_text("utf-8").splitlines(keepends=True)
    line = json.dumps({key: value for key, value in json.loads(first).items() if key != name}) + "\n"
    rewritten(library, ARTICLES, "".join([line, *others]).encode())
    is_damaged(library, name)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (ARTICLES, lambda content: content[: content.index(b"\n") + 1]),
        (ARTICLES, lambda content: content + b"{}\n"),
        (ARTICLES, lambda content: content[:-9]),
        (ARTICLES, lambda content: content + b"\xff\n"),
        (TEXTS, lambda content: content + b"more"),
        (TEXTS, lambda content: content[:-4]),
        (TEXTS, lambda content: content[:0]),
        (PASSAGES, lambda content: content[:-28]),
        (SENTENCES, lambda content: content[:-8]),
        (VECTORS, lambda content: content[:0]),
    ],
)
def test_a_file_that_does_not_fit_the_others_is_damage(
    name: str, change: Callable[[bytes], bytes], library: Library
) -> None:
    rewritten(library, name, change(part(library, name).read_bytes()))
    is_damaged(library)


def test_fewer_vectors_than_passages_are_damage(library: Library) -> None:
    store = FaissStore.open(part(library, VECTORS), writable=True)
    store.remove([0])
    store.save(part(library, VECTORS))
    rewritten(library, VECTORS)
    is_damaged(
        library,
        rf"vectors, terms \(.*, {len(library)}, .*\) expected, found \(.*, {len(library) - 1}, {len(library)}\)",
    )


def test_a_library_without_its_term_index_is_damaged_and_a_build_mends_it(library: Library, settings: Settings) -> None:
    before = contents(library.root)
    shutil.rmtree(part(library, TERMS))
    is_damaged(library, f"{TERMS}/")
    assert build_library(library.root, [], WordEmbedder(), settings).swapped
    assert contents(library.root) == before


def test_fewer_terms_than_passages_are_damage(library: Library) -> None:
    shutil.rmtree(part(library, TERMS))
    part(library, TERMS).mkdir()
    update_terms(part(library, TERMS), None, [], [Entry("bees.md", 0, "", "Bees returned.")])
    manifest = Layout(library.root).manifest
    said = json.loads(manifest.read_bytes())
    said["files"] = {name: checksum for name, checksum in said["files"].items() if not name.startswith(f"{TERMS}/")}
    manifest.write_text(json.dumps(said))
    for file in part(library, TERMS).iterdir():
        rewritten(library, f"{TERMS}/{file.name}")
    is_damaged(library, rf"terms \(.*, {len(library)}\) expected, found \(.*, 1\)")


@pytest.mark.parametrize("name", [ARTICLES, TEXTS, PASSAGES, VECTORS, f"{TERMS}/meta.json"])
def test_the_command_that_mends_a_library_names_that_library(name: str, library: Library) -> None:
    rewritten(library, name, b"nonsense")
    with pytest.raises(LibraryDamaged, match=f"`python -m index build --library {library.root}`"):
        open_library(library.root)


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Path.touch, (self.path,)


def test_a_pickle_in_the_place_of_a_table_is_damage_and_is_never_run(library: Library, tmp_path: Path) -> None:
    np.save(part(library, PASSAGES), np.array([Trap(tmp_path / "sprung")], dtype=object), allow_pickle=True)
    rewritten(library, PASSAGES)
    is_damaged(library, "Python objects")
    assert not (tmp_path / "sprung").exists()


def test_no_file_of_a_library_is_a_pickle(library: Library) -> None:
    for path in (path for path in library.root.rglob("*") if path.is_file()):
        with pytest.raises((pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError, AttributeError)):
            pickle.loads(path.read_bytes())
    for name in (PASSAGES, SENTENCES):
        assert not np.load(part(library, name), allow_pickle=False).dtype.hasobject


def test_texts_and_tables_are_mapped_and_not_loaded(library: Library) -> None:
    for table in (library.tables.texts, library.tables.passages, library.tables.sentences):
        assert isinstance(table, np.memmap)
        assert not table.flags.writeable


def test_an_open_library_answers_as_before_after_a_build_has_replaced_its_files(
    articles: Path, library: Library, settings: Settings, embedder: WordEmbedder
) -> None:
    before = answer("Who asked for a pause?", open_library(library.root), embedder, settings)
    for path in articles.iterdir():
        path.unlink()
    (articles / "other.txt").write_text("Nothing of the kind was ever written in this place.")
    build_library(library.root, [articles], embedder, settings)
    assert not part(library, TEXTS).exists()
    found = answer("Who asked for a pause?", library, embedder, settings)
    assert (found.quotes, found.confidence, found.searched) == (before.quotes, before.confidence, before.searched)
    assert open_library(library.root).manifest.articles == 1


def test_a_library_that_is_replaced_while_it_is_opened_opens_as_the_new_one(
    articles: Path, library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (articles / "herring.txt").write_text("The herring came back to the channel in April.")
    build_library(library.root, [articles], WordEmbedder(), settings)
    read: list[Manifest] = [library.manifest]

    def stale_first(layout: Layout) -> Manifest:
        return read.pop() if read else load_manifest(layout)

    monkeypatch.setattr("index.library.opened.load_manifest", stale_first)
    assert open_library(library.root).manifest.articles == 3


def test_a_library_says_what_there_is_to_search(library: Library) -> None:
    assert library.searched == Searched(articles=2, passages=len(library), first=None, last=None)


def test_an_unknown_article_is_a_key_error(library: Library) -> None:
    with pytest.raises(KeyError, match=r"nowhere\.txt"):
        library.article("nowhere.txt")


def test_articles_that_are_no_longer_kept_are_read_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.library.opened.KEPT", 1)
    first = library.article("bees.md")
    assert library.article("bees.md") is first
    assert library.article("harbour.txt").text.startswith("The harbour board")
    again = library.article("bees.md")
    assert again is not first
    assert again == first
