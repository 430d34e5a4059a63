"""The record of the places that a library is built from."""

import os
from pathlib import Path

import pytest

from index.errors import LibraryDamaged, LibraryUnwritable
from index.library import build_library, open_library
from index.library.layout import Layout
from index.library.sources import load_sources, save_sources
from index.settings import Settings
from tests.conftest import WordEmbedder


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / "library").mkdir()
    return Layout(tmp_path / "library")


def build(layout: Layout, settings: Settings, *places: Path, forget: tuple[Path, ...] = ()) -> None:
    build_library(layout.root, places, WordEmbedder(), settings, forget=forget)


def test_without_a_record_there_are_no_places(layout: Layout) -> None:
    assert load_sources(layout) == ()


@pytest.mark.parametrize(
    "names", [("b", "a"), ("with space", "it's “quoted”", "Ärzte/風"), (os.fsdecode(b"caf\xe9"),)], ids=ascii
)
def test_places_come_back_in_the_order_they_were_given(names: tuple[str, ...], layout: Layout) -> None:
    places = tuple(Path("/articles") / name for name in names)
    save_sources(layout, places)
    assert load_sources(layout) == places
    assert [path.name for path in layout.root.iterdir()] == ["sources.json"]


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", '{"place": "/a"}', "null", "[" * 100_000], ids=lambda text: text[:9]
)
def test_a_record_that_is_no_list_of_paths_is_damage(content: str, layout: Layout) -> None:
    layout.sources.write_text(content)
    with pytest.raises(LibraryDamaged, match="remove it and name the places again") as raised:
        load_sources(layout)
    assert f"`python -m index build PATH --library {layout.root}`" in str(raised.value)


def test_places_are_recorded_in_full_once_and_in_the_order_they_were_given(
    layout: Layout, articles: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(articles)
    build(layout, settings, Path("harbour.txt"))
    build(layout, settings, Path("bees.md"), articles / "harbour.txt", articles / ".." / "articles" / "bees.md")
    assert load_sources(layout) == (articles / "harbour.txt", articles / "bees.md")


def test_a_place_that_is_forgotten_is_struck_out(layout: Layout, articles: Path, settings: Settings) -> None:
    build(layout, settings, articles / "harbour.txt", articles / "bees.md")
    build(layout, settings, forget=(articles / "harbour.txt",))
    assert load_sources(layout) == (articles / "bees.md",)


def test_a_place_that_no_longer_exists_can_be_forgotten(layout: Layout, articles: Path, settings: Settings) -> None:
    build(layout, settings, articles / "harbour.txt", articles / "bees.md")
    (articles / "harbour.txt").unlink()
    build(layout, settings, forget=(articles / "harbour.txt",))
    assert open_library(layout.root).manifest.articles == 1


@pytest.mark.parametrize("left", [None, "", "{", '{"format": 99}'])
def test_a_build_mends_a_library_without_a_manifest_from_the_recorded_places(
    left: str | None, layout: Layout, articles: Path, settings: Settings
) -> None:
    build(layout, settings, articles / "harbour.txt", articles / "bees.md")
    layout.manifest.unlink()
    if left is not None:
        layout.manifest.write_text(left)
    build(layout, settings)
    assert load_sources(layout) == (articles / "harbour.txt", articles / "bees.md")
    assert open_library(layout.root).manifest.articles == 2


def test_a_damaged_record_is_never_overwritten(layout: Layout, articles: Path, settings: Settings) -> None:
    build(layout, settings, articles)
    layout.sources.write_text("{")
    with pytest.raises(LibraryDamaged, match="remove it and name the places again"):
        build(layout, settings, articles)
    assert layout.sources.read_text() == "{"
    assert open_library(layout.root).manifest.articles == 2


def test_a_build_that_fails_leaves_the_record_as_it_was(
    layout: Layout, articles: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(layout, settings, articles / "harbour.txt")
    replace = os.replace

    def full(source: Path, target: Path) -> None:
        if Path(target) == layout.manifest:
            raise OSError(28, "No space left on device")
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(LibraryUnwritable, match=r"no space left on device.*the library is as it was"):
            build(layout, settings, articles / "bees.md", forget=(articles / "harbour.txt",))
    assert load_sources(layout) == (articles / "harbour.txt",)
