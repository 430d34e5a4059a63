"""Files → library: what a build takes in, redoes, keeps and refuses."""

import os
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from index import intake, segment
from index.errors import LibraryBusy, LibraryUnwritable, NothingToRead
from index.library import BuildReport, Library, Progress, build_library, open_library, passage_text
from index.library.layout import Layout
from index.settings import Settings
from tests.conftest import WordEmbedder


def paragraph(word: str) -> str:
    """Return a paragraph too long to share a passage with another."""
    return f"{' '.join([f'The {word} stood by the river all through summer.'] * 5)}\n"


class Town:
    """Folders of articles in a temporary place, and a library of them."""

    def __init__(self, place: Path, settings: Settings) -> None:
        self.place = place
        self.root = place / "library"
        self.settings = settings
        self.embedder = WordEmbedder()
        self.progress: list[Progress] = []

    def write(self, name: str, *words: str) -> Path:
        path = self.place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(paragraph(word) for word in words or ("mill", "barn", "inn")), "utf-8")
        return path

    def build(self, *sources: str, forget: tuple[str, ...] = ()) -> BuildReport:
        self.embedder.embedded.clear()
        places = [self.place / source for source in sources]
        away = [self.place / source for source in forget]
        return build_library(self.root, places, self.embedder, self.settings, self.progress.append, forget=away)

    def open(self) -> Library:
        return open_library(self.root)

    def ids(self) -> list[str | None]:
        return [record.fields["id"] for record in self.open().tables.records]

    def words(self) -> list[str]:
        """Return the second word of each passage that the last build embedded: 'mill\\nThe barn stood' → 'barn'."""
        return [text.splitlines()[-1].split()[1] for text in self.embedder.embedded]


@pytest.fixture
def town(tmp_path: Path, settings: Settings) -> Town:
    town = Town(tmp_path, settings)
    town.write("a/mill.txt")
    return town


def counts(built: BuildReport) -> tuple[int, int, int, int]:
    return built.added, built.changed, built.removed, built.embedded


def test_every_article_and_passage_comes_back_as_it_was_cut(town: Town, articles: Path) -> None:
    report = town.build("articles")
    expected = [intake.read_article(file, 20) for file in intake.find(articles)[0]]
    cut = [p for a in expected for p in segment.passages(a, target=300, limit=900, sentence_limit=1200)]
    library = town.open()
    assert [library.article(article.id) for article in expected] == expected
    assert [library.passage(row) for row in range(len(library))] == cut
    assert (report.articles, report.passages) == (2, len(cut))


def test_a_new_library_embeds_every_passage_and_tells_how_far_it_is(town: Town) -> None:
    report = town.build("a")
    assert (counts(report), report.swapped, report.skipped) == ((1, 0, 0, 3), True, ())
    assert town.words() == ["mill", "barn", "inn"]
    stages = [(told.stage, told.done, told.total) for told in town.progress]
    assert stages == [("reading", 1, 1), ("cutting", 1, 1), ("embedding", 0, 3), ("embedding", 3, 3)]


def test_where_nothing_changed_nothing_is_written(town: Town) -> None:
    town.build("a")
    before = Layout(town.root).manifest.read_bytes()
    (town.place / "a/mill.txt").touch()
    report = town.build("a")
    assert (counts(report), report.swapped) == ((0, 0, 0, 0), False)
    assert Layout(town.root).manifest.read_bytes() == before


@pytest.mark.parametrize(("title", "embedded"), [("---\ntitle: The mill\n---\n\n", 0), ("", 3)])
def test_a_renamed_file_is_embedded_again_only_where_its_name_is_its_heading(
    title: str, embedded: int, town: Town
) -> None:
    mill = town.place / "a/mill.txt"
    mill.write_text(title + mill.read_text("utf-8"), "utf-8")
    town.build("a")
    mill.rename(town.place / "a/old mill.txt")
    assert counts(town.build("a")) == (1, 0, 1, embedded)
    assert town.ids() == ["old mill.txt"]


def test_of_an_edited_file_only_the_new_passages_are_embedded(town: Town) -> None:
    town.build("a")
    town.write("a/mill.txt", "mill", "chapel", "inn")
    assert counts(town.build("a")) == (0, 1, 0, 1)
    assert town.words() == ["chapel"]


def test_after_a_refresh_each_vector_is_that_of_its_own_passage(town: Town) -> None:
    town.write("a/yard.txt", "yard", "shed")
    town.build("a")
    town.write("a/attic.txt", "attic", "cellar")
    town.write("a/mill.txt", "bridge", "inn", "mill")
    town.build("a")
    library = town.open()
    passages = [library.passage(row) for row in range(len(library))]
    expected = town.embedder.embed_passages([passage_text(library.article(p.article), p) for p in passages])
    np.testing.assert_array_equal(library.store.vectors_of(range(len(library))), expected)


def test_a_statement_about_an_article_changes_it_but_not_its_vectors(town: Town) -> None:
    town.build("a")
    (town.place / "a/mill.json").write_text('{"author": [{"literal": "Ann Lee"}]}')
    assert counts(town.build("a")) == (0, 1, 0, 0)
    assert town.open().article("mill.txt").author == "Ann Lee"


def test_a_removed_file_disappears(town: Town) -> None:
    removed = town.write("a/yard.txt", "yard")
    town.build("a")
    removed.unlink()
    assert counts(town.build("a")) == (0, 0, 1, 0)
    assert town.ids() == ["mill.txt"]


def test_with_another_model_every_passage_is_embedded_again(town: Town) -> None:
    town.build("a")
    town.embedder.fingerprint = "words:2"
    assert counts(town.build("a")) == (0, 0, 0, 3)
    assert town.open().manifest.recipe.model == "words:2"


def test_files_of_the_same_name_from_two_places_get_different_ids(town: Town) -> None:
    town.write("b/mill.txt", "windmill")
    town.write("c/b/mill.txt", "sawmill")
    town.build("a", "b", "c/b")
    texts = {id: town.open().article(str(id)).text.split()[1] for id in town.ids()}
    third = (town.place / "c/b/mill.txt").as_posix()
    assert texts == {"mill.txt": "mill", "b/mill.txt": "windmill", third: "sawmill"}


@pytest.mark.parametrize("second", ["a/sub", "a/sub/yard.txt"])
def test_a_file_that_two_places_lead_to_is_one_article(second: str, town: Town) -> None:
    town.write("a/sub/yard.txt", "yard")
    assert town.build("a", second).articles == 2


def test_a_place_that_is_forgotten_is_gone_and_stays_gone(town: Town) -> None:
    town.write("b/yard.txt", "yard")
    town.build("a", "b")
    assert counts(town.build(forget=("a",))) == (0, 0, 1, 0)
    assert not town.build().swapped
    assert town.ids() == ["yard.txt"]


@pytest.mark.parametrize("forget", ["a/mill.txt", "nowhere"])
def test_a_place_that_was_never_given_cannot_be_forgotten(forget: str, town: Town) -> None:
    town.build("a")
    with pytest.raises(NothingToRead, match=f"{forget}: the library was not built from it; it holds .*/a$"):
        town.build(forget=(forget,))


def test_the_last_place_cannot_be_forgotten(town: Town) -> None:
    town.build("a")
    with pytest.raises(NothingToRead, match="name a file or a folder"):
        town.build(forget=("a",))
    assert town.ids() == ["mill.txt"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (None, "no such file or directory; name a file or folder that exists"),
        ({}, "no articles in it"),
        ({"x.txt": b"\x00\x01\x02"}, "x.txt: this is a binary file"),
        ({"x.txt": b"", "y.txt": b" \n", "z.pdf": b"%PDF"}, r"none of its files could be read; .* \(and 2 more\)"),
    ],
    ids=["missing", "empty", "one unreadable file", "several"],
)
def test_a_place_without_an_article_is_named_and_the_library_stays(
    files: dict[str, bytes] | None, reason: str, town: Town
) -> None:
    town.build("a")
    (town.place / "a/mill.txt").rename(town.place / "mill.txt")
    (town.place / "a").rmdir()
    if files is not None:
        (town.place / "a").mkdir()
        for name, content in files.items():
            (town.place / "a" / name).write_bytes(content)
    with pytest.raises(NothingToRead, match=reason) as raised:
        town.build("a")
    assert str(town.place / "a") in str(raised.value)
    assert "\n" not in str(raised.value)
    assert town.ids() == ["mill.txt"]


def test_with_no_place_at_all_there_is_nothing_to_build(town: Town) -> None:
    with pytest.raises(NothingToRead, match="name a file or a folder of articles"):
        town.build()


@pytest.mark.parametrize(
    "name",
    ["my mill.txt", "it's “the” mill.txt", "мельница.txt", "风车.md", "mill\nwheel.txt", "a\u2028b.txt", "a\x85b.txt"],
)
def test_a_file_of_any_name_is_an_article(name: str, town: Town) -> None:
    town.write(f"a/{name}", "windmill")
    town.build("a")
    assert town.open().article(name).text == paragraph("windmill")
    assert town.open().article("mill.txt").text.split()[1] == "mill"


def test_what_cannot_be_read_is_named_with_the_reason_and_the_others_go_on(town: Town) -> None:
    folder = town.place / "a"
    (folder / "back").symlink_to(folder)
    (folder / "self.txt").symlink_to("self.txt")
    (folder / "gone.txt").symlink_to("nowhere.txt")
    (folder / "binary.txt").write_bytes(b"GIF89a\x00\x01")
    (folder / "scan.pdf").write_bytes(b"%PDF-1.7")
    os.mkfifo(folder / "pipe.txt")
    skipped = {Path(path).name: reason for path, reason in town.build("a").skipped}
    assert {name: reason.split(";")[0] for name, reason in skipped.items()} == {
        "back": "a link back to a folder already read",
        "self.txt": "too many levels of symbolic links",
        "gone.txt": "no such file or directory",
        "binary.txt": "this is a binary file, not text",
        "scan.pdf": ".pdf files are not read",
        "pipe.txt": "not a regular file",
    }
    assert town.ids() == ["mill.txt"]
    assert dict(town.open().manifest.skipped).keys() == {str(folder / name) for name in skipped}


def test_a_place_that_is_a_link_to_itself_is_named(town: Town) -> None:
    (town.place / "loop").symlink_to("loop")
    with pytest.raises(NothingToRead, match="loop"):
        town.build("loop")


@pytest.mark.parametrize("name", [b"caf\xe9.txt", b"caf\xe9/cup.txt"], ids=["a file", "a folder"])
def test_a_name_that_is_not_utf_8_is_skipped_and_the_others_go_on(name: bytes, town: Town) -> None:
    path = Path(os.fsdecode(os.fsencode(town.place / "a") + b"/" + name))
    path.parent.mkdir(exist_ok=True)
    path.write_text(paragraph("cup"))
    ((skipped, reason),) = town.build("a").skipped
    assert r"caf\udce9" in skipped
    assert "UTF-8" in reason
    assert town.ids() == ["mill.txt"]


@pytest.mark.parametrize("name", ["caf\udce9/cup.txt", "caf\udce9/cups"], ids=["a file", "a folder"])
def test_a_place_below_a_name_that_is_not_utf_8_is_skipped_and_the_others_go_on(name: str, town: Town) -> None:
    town.write(f"{name}/cup.txt" if name.endswith("cups") else name, "cup")
    ((skipped, reason),) = town.build("a", name).skipped
    assert r"caf\udce9" in skipped
    assert "UTF-8" in reason
    assert town.ids() == ["mill.txt"]


def test_a_second_build_waits_says_so_and_gives_up_in_the_end(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.build("a")
    town.write("a/yard.txt", "yard")
    monkeypatch.setattr("index.library.build.PATIENCE_S", 0.05)
    with FileLock(Layout(town.root).lock), pytest.raises(LibraryBusy, match="another process is building it"):
        town.build("a")
    assert town.progress[-1] == Progress("waiting for another build", 0, 0)
    assert town.ids() == ["mill.txt"]
    assert counts(town.build("a")) == (1, 0, 0, 1)


def test_a_library_that_cannot_be_written_is_named_with_the_reason(town: Town) -> None:
    town.root.write_text("a file where the library should be")
    with pytest.raises(LibraryUnwritable, match=r"library: cannot be written \(file exists\)") as raised:
        town.build("a")
    assert "\n" not in str(raised.value)
