"""Which library is opened, and whether it is brought in step first."""

from pathlib import Path

import pytest
from filelock import FileLock

from index.errors import LibraryDamaged, LibraryMissing, LibraryUnwritable, NothingToRead
from index.library import Library, Progress, build_library
from index.library.layout import Layout
from index.prepare import Prepared, prepare
from index.settings import Settings
from tests.conftest import WordEmbedder


class Desk:
    """Settings with an empty folder of data, and a way to prepare."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.embedder = WordEmbedder()
        self.progress: list[Progress] = []

    def sample(self, name: str = "sample.txt", text: str = "The mill burned down on Monday.") -> Path:
        path = self.settings.articles / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def prepare(self, *, articles: Path | None = None, library: Path | None = None) -> Prepared:
        return prepare(self.settings, self.embedder, self.progress.append, articles=articles, library=library)


@pytest.fixture
def desk(settings: Settings) -> Desk:
    return Desk(settings)


def ids(prepared: Prepared) -> list[str | None]:
    return [record.fields["id"] for record in prepared.library.tables.records]


def test_a_library_that_is_named_is_opened_as_it_is(desk: Desk, library: Library, articles: Path) -> None:
    (articles / "new.txt").write_text("This came after the library was built.")
    prepared = desk.prepare(library=library.root)
    assert ids(prepared) == ["bees.md", "harbour.txt"]
    assert (prepared.built, prepared.warning, desk.embedder.embedded) == (None, None, [])


def test_a_library_of_another_model_is_refused_with_both_names(desk: Desk, library: Library) -> None:
    desk.embedder.fingerprint = "other:2"
    with pytest.raises(
        LibraryDamaged, match="built with model words:1, asked with other:2; give the same --model"
    ) as it:
        desk.prepare(library=library.root)
    assert f"`python -m index build --library {library.root}`" in str(it.value)


def test_a_library_that_is_not_there_is_named(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="nowhere: no library here"):
        desk.prepare(library=tmp_path / "nowhere")


def test_the_library_of_a_folder_is_built_at_first_and_then_refreshed(desk: Desk, articles: Path) -> None:
    first = desk.prepare(articles=articles)
    assert first.library.root == desk.settings.library_for(articles)
    assert first.built is not None
    assert (first.built.added, ids(first)) == (2, ["bees.md", "harbour.txt"])
    (articles / "new.txt").write_text("This came after the library was built.")
    again = desk.prepare(articles=articles)
    assert ids(again) == ["bees.md", "harbour.txt", "new.txt"]
    assert again.built is not None
    assert (again.built.added, again.built.embedded, again.built.swapped) == (1, 1, True)


def test_the_library_of_a_folder_is_built_again_for_another_model(desk: Desk, articles: Path) -> None:
    desk.prepare(articles=articles)
    desk.embedder.fingerprint = "other:2"
    assert desk.prepare(articles=articles).library.manifest.recipe.model == "other:2"


def test_a_damaged_library_of_a_folder_is_mended(desk: Desk, articles: Path) -> None:
    prepared = desk.prepare(articles=articles)
    Layout(prepared.library.root).manifest.write_text("{")
    assert ids(desk.prepare(articles=articles)) == ["bees.md", "harbour.txt"]


def test_a_folder_that_holds_nothing_is_named(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(NothingToRead, match="nowhere: no such file or directory"):
        desk.prepare(articles=tmp_path / "nowhere")


def test_what_is_done_is_reported(desk: Desk, articles: Path) -> None:
    desk.prepare(articles=articles)
    assert [told.stage for told in desk.progress if told.done == told.total] == ["reading", "cutting", "embedding"]


def test_without_a_name_the_samples_are_read_and_kept_in_step(desk: Desk) -> None:
    desk.sample()
    first = desk.prepare()
    assert (first.library.root, ids(first), first.warning) == (desk.settings.library, ["sample.txt"], None)
    desk.sample("second.txt", "The inn burned down on Friday.")
    assert ids(desk.prepare()) == ["sample.txt", "second.txt"]


def test_the_default_library_is_kept_in_step_with_the_places_it_was_built_from(desk: Desk, articles: Path) -> None:
    desk.sample()
    build_library(desk.settings.library, [articles], desk.embedder, desk.settings)
    (articles / "bees.md").unlink()
    assert ids(desk.prepare()) == ["harbour.txt"]


def test_without_samples_and_without_a_library_there_is_nothing_to_read(desk: Desk) -> None:
    with pytest.raises(NothingToRead, match="articles: no such file or directory"):
        desk.prepare()


def test_where_the_samples_are_gone_the_library_is_used_as_it_was_built_last(desk: Desk) -> None:
    sample = desk.sample()
    desk.prepare()
    sample.unlink()
    prepared = desk.prepare()
    assert (ids(prepared), prepared.built) == (["sample.txt"], None)
    assert "no articles in it" in str(prepared.warning)
    assert str(prepared.warning).endswith("; the library is used as it was built last")


def unwritable(desk: Desk) -> None:
    """Put a folder where the lock must be: no user, not even root, can write there."""
    Layout(desk.settings.library).lock.unlink(missing_ok=True)
    Layout(desk.settings.library).lock.mkdir(parents=True)


def test_where_the_library_cannot_be_written_it_is_used_as_it_was_built_last(desk: Desk) -> None:
    desk.sample()
    desk.prepare()
    unwritable(desk)
    prepared = desk.prepare()
    assert (ids(prepared), prepared.built) == (["sample.txt"], None)
    assert "cannot be written" in str(prepared.warning)


def test_where_another_process_builds_for_too_long_the_library_is_used_as_it_was_built_last(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.sample()
    desk.prepare()
    monkeypatch.setattr("index.library.build.PATIENCE_S", 0.05)
    with FileLock(Layout(desk.settings.library).lock):
        prepared = desk.prepare()
    assert ids(prepared) == ["sample.txt"]
    assert "another process is building it" in str(prepared.warning)


def test_where_there_is_no_library_to_fall_back_on_the_first_reason_is_given(desk: Desk) -> None:
    desk.sample()
    unwritable(desk)
    with pytest.raises(LibraryUnwritable, match="cannot be written"):
        desk.prepare()


def test_a_library_of_another_model_is_not_fallen_back_on(desk: Desk) -> None:
    desk.sample()
    desk.prepare()
    unwritable(desk)
    desk.embedder.fingerprint = "other:2"
    with pytest.raises(LibraryUnwritable, match="cannot be written"):
        desk.prepare()
