"""The manifest: what makes a library whole; and whatever stops a build, there is a whole one."""

import errno
import itertools
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from index.answer import answer
from index.errors import LibraryDamaged, LibraryMissing, LibraryUnwritable, QuotaryError
from index.library import Library, build_library, open_library
from index.library.layout import PARTS, Layout
from index.library.manifest import load_manifest
from index.settings import HOME, Settings
from tests.conftest import WordEmbedder

HERRING = "The herring came back to the northern channel in April.\n"
Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def manifest(library: Library) -> Path:
    return Layout(library.root).manifest


def contents(root: Path) -> list[object]:
    """Return all that a library holds and an answer from it, the time aside; raise if it is not whole."""
    library = open_library(root)
    found = answer("When was the herring run?", library, WordEmbedder(), Settings())
    passages = [library.passage(row) for row in range(len(library))]
    return [passages, [library.article(passage.article).text for passage in passages], found.quotes]


def edited(manifest: Path, edit: Edit) -> None:
    content = json.loads(manifest.read_bytes())
    edit(content)
    manifest.write_text(json.dumps(content))


def test_a_manifest_comes_back_as_it_was_saved(library: Library, manifest: Path) -> None:
    again = load_manifest(Layout(library.root))
    assert again == library.manifest
    before = manifest.read_bytes()
    again.save(Layout(library.root))
    assert manifest.read_bytes() == before


def test_a_manifest_says_what_the_library_is_made_of(library: Library) -> None:
    manifest = library.manifest
    assert (manifest.format, manifest.recipe.model, manifest.articles) == (2, "words:1", 2)
    assert (manifest.recipe.passage_target, manifest.recipe.passage_limit, manifest.recipe.sentence_limit) == (
        (300, 900, 1200)
    )
    assert {name for name in manifest.files if not name.startswith("terms/")} == set(PARTS)
    assert "terms/meta.json" in manifest.files


def test_the_dates_of_a_library_are_the_first_and_last_of_publication(
    articles: Path, settings: Settings, tmp_path: Path
) -> None:
    for name, date in [("harbour", [2024, 5, 1]), ("bees", [2019, 12, 31])]:
        (articles / f"{name}.json").write_text(json.dumps({"issued": {"date-parts": [date]}}))
    build_library(tmp_path / "dated", [articles], WordEmbedder(), settings)
    manifest = load_manifest(Layout(tmp_path / "dated"))
    assert (manifest.first, manifest.last) == ("2019-12-31", "2024-05-01")


@pytest.mark.parametrize("made", [False, True], ids=["no folder", "an empty folder"])
def test_where_there_is_no_manifest_the_command_that_makes_one_is_named(made: bool, tmp_path: Path) -> None:
    if made:
        (tmp_path / "library").mkdir()
    with pytest.raises(LibraryMissing, match="library: no library here; make it with `python -m index build PATH`"):
        open_library(tmp_path / "library")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not readable"),
        ("{", "not readable"),
        ("\udcff", "not readable"),
        ("[" * 100_000, "not readable"),
        ("[]", "format None, this Quotary reads format 2"),
        ("{}", "format None, this Quotary reads format 2"),
        ('{"format": 1}', "format 1, this Quotary reads format 2"),
        ('{"format": 3}', "format 3, this Quotary reads format 2"),
        ('{"format": 2}', "a field is missing or wrong"),
    ],
    ids=["empty", "cut off", "not UTF-8", "nested", "a list", "no format", "older", "newer", "nothing but a format"],
)
def test_a_manifest_that_cannot_be_used_is_damage(content: str, reason: str, manifest: Path) -> None:
    manifest.write_text(content, "utf-8", "surrogateescape")
    with pytest.raises(LibraryDamaged, match=reason) as raised:
        open_library(manifest.parent)
    assert f"`python -m index build --library {manifest.parent}`" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "name",
    ["generation", "recipe", "articles", "passages", "sentences", "first", "last", "files", "skipped"],
)
def test_a_manifest_without_one_of_its_fields_is_damage(name: str, manifest: Path) -> None:
    edited(manifest, lambda content: content.pop(name))
    with pytest.raises(LibraryDamaged, match=f"missing or wrong .*python -m index build --library {manifest.parent}"):
        open_library(manifest.parent)


@pytest.mark.parametrize(
    "change",
    [
        {"articles": "2"},
        {"generation": "../elsewhere"},
        {"generation": 7},
        {"recipe": {"model": "words:1"}},
        {"skipped": [["only a path"]]},
        {"files": []},
        {"files": {"articles.jsonl": "0"}},
        {"unknown": 1},
    ],
    ids=str,
)
def test_a_manifest_with_a_wrong_field_is_damage(change: dict[str, Any], manifest: Path) -> None:
    edited(manifest, lambda content: content.update(change))
    with pytest.raises(LibraryDamaged, match=f"python -m index build --library {manifest.parent}"):
        open_library(manifest.parent)


@pytest.mark.parametrize("name", ["articles", "passages", "sentences"])
@pytest.mark.parametrize("difference", [-1, 1])
def test_counts_that_disagree_are_damage(name: str, difference: int, manifest: Path) -> None:
    edited(manifest, lambda content: content.update({name: content[name] + difference}))
    with pytest.raises(LibraryDamaged, match=f"expected, found .*python -m index build --library {manifest.parent}"):
        open_library(manifest.parent)


# Every way in which a build changes what is on the disk.
STEPS = ((os, "mkdir"), (os, "fsync"), (os, "link"), (os, "replace"), (np, "save"), (faiss, "write_index"))


@contextmanager
def failing(error: BaseException, at: int, *, after: bool) -> Iterator[list[str]]:
    """Let the step of a number, counted from 1, fail before or after it is done; yield the names of the steps."""
    begun: list[str] = []

    def wrapped(step: Callable[..., object]) -> Callable[..., object]:
        def wrapper(*args: object, **options: object) -> object:
            begun.append(step.__name__)
            mine = len(begun) == at
            if mine and not after:
                raise error
            result = step(*args, **options)
            if mine:
                raise error
            return result

        return wrapper

    with pytest.MonkeyPatch.context() as patched:
        for owner, name in STEPS:
            patched.setattr(owner, name, wrapped(getattr(owner, name)))
        yield begun


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes: a write beyond fails, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Refresh:
    """A library that is behind its folder by one article, and a build that brings it in step."""

    def __init__(self, library: Library, articles: Path, settings: Settings) -> None:
        self.root, self.articles, self.settings = library.root, articles, settings
        self.old = contents(self.root)
        shutil.copytree(self.root, self.root.with_name("before"))
        (articles / "herring.txt").write_text(HERRING)
        self.build()
        self.new = contents(self.root)
        assert self.old != self.new

    def rewind(self) -> None:
        shutil.rmtree(self.root)
        shutil.copytree(self.root.with_name("before"), self.root)

    def build(self) -> None:
        build_library(self.root, [self.articles], WordEmbedder(), self.settings)

    def survives(self) -> bool:
        """Say whether the library is whole, old or new, and the next build brings it in step and leaves nothing."""
        try:
            whole = contents(self.root) in (self.old, self.new)
            self.build()
        except QuotaryError:
            return False
        layout = Layout(self.root)
        generations = [folder.name for folder in layout.generations.iterdir()]
        left = {path.name for path in self.root.iterdir()} - {"manifest.json", "sources.json", "lock", "generations"}
        only = generations == [load_manifest(layout).generation]
        return whole and only and not left and contents(self.root) == self.new


@pytest.fixture
def refresh(library: Library, articles: Path, settings: Settings) -> Refresh:
    return Refresh(library, articles, settings)


@pytest.mark.parametrize("after", [False, True], ids=["before it is done", "after it is done"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")], ids=repr)
def test_whichever_step_of_a_build_fails_there_is_a_whole_library(
    error: BaseException, after: bool, refresh: Refresh
) -> None:
    broken: list[tuple[int, str]] = []
    for at in itertools.count(1):
        refresh.rewind()
        with suppress(KeyboardInterrupt, LibraryUnwritable), failing(error, at, after=after) as begun:
            refresh.build()
        if len(begun) < at:
            break
        if not refresh.survives():
            broken.append((at, begun[at - 1]))
    assert {name for _, name in STEPS} <= set(begun)
    assert broken == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError()], ids=repr)
def test_a_build_that_fails_while_embedding_changes_nothing(
    error: BaseException, refresh: Refresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    refresh.rewind()
    with monkeypatch.context() as patched:
        patched.setattr(WordEmbedder, "embed_passages", fail)
        with pytest.raises(type(error)):
            refresh.build()
    assert contents(refresh.root) == refresh.old
    assert refresh.survives()


def test_however_full_the_disk_is_there_is_a_whole_library(refresh: Refresh) -> None:
    folder = next(Layout(refresh.root).generations.iterdir())
    sizes = {path.stat().st_size for path in folder.iterdir()} | {0, 100}
    for size in sorted({size - less for size in sizes for less in (1, 200) if size >= less}):
        refresh.rewind()
        with pytest.raises(LibraryUnwritable, match="the library is as it was; free space"), small_disk(size):
            refresh.build()
        assert contents(refresh.root) == refresh.old
        assert refresh.survives()


def stuck_build(root: str, articles: str, step: str) -> None:
    """Build, but say so and wait for a line on stdin when a step is due: 'embed', or the number of an fsync."""

    def wait(*_: object) -> None:
        print("waiting", flush=True)
        sys.stdin.readline()

    counted = itertools.count(1)
    with pytest.MonkeyPatch.context() as patched:
        if step == "embed":
            patched.setattr(WordEmbedder, "embed_passages", wait)
        else:
            patched.setattr(os, "fsync", lambda _: wait() if next(counted) == int(step) else None)
        build_library(Path(root), [Path(articles)], WordEmbedder(), Settings())


@pytest.mark.parametrize("step", ["embed", "1", "5", "9", "11"])
def test_a_build_that_is_killed_leaves_the_library_as_it_was(step: str, refresh: Refresh) -> None:
    refresh.rewind()
    code = f"from {__name__} import stuck_build; import sys; stuck_build(*sys.argv[1:])"
    command = [sys.executable, "-c", code, str(refresh.root), str(refresh.articles), step]
    with subprocess.Popen(command, cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as building:
        assert building.stdout is not None
        assert building.stdout.readline() == b"waiting\n"
        building.kill()
    assert contents(refresh.root) == refresh.old
    assert refresh.survives()
