"""python -m index build."""

from pathlib import Path

import pytest

from index.library import open_library
from tests.conftest import HARBOUR
from tests.main import QUESTION, mistaken, run


def test_build_says_what_it_did_and_then_that_nothing_had_changed(articles: Path, place: Path) -> None:
    first = run("build", articles, "--library", place / "lib")
    passages = len(open_library(place / "lib"))
    what = f"2 articles, {passages} passages in {place / 'lib'}"
    assert first.stdout == f"{what}: 2 added, 0 changed, 0 removed; {passages} passages embedded\n"
    assert run("build", "--library", place / "lib").stdout == f"{what}; nothing had changed\n"


def test_build_names_on_stderr_what_it_skipped(articles: Path) -> None:
    (articles / "scan.pdf").write_bytes(b"%PDF")
    (articles / "[red]odd.txt").write_bytes(b"\x00\x01")
    result = run("build", articles)
    assert result.stdout.endswith("; 2 files skipped\n")
    lines = result.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        f"skipped {articles / 'scan.pdf'}",
        f"skipped {articles / '[red]odd.txt'}",
    ]


def test_build_without_a_path_reads_the_samples(place: Path) -> None:
    (place / "data" / "articles").mkdir(parents=True)
    (place / "data" / "articles" / "sample.txt").write_text(HARBOUR)
    assert run("build").stdout.startswith("1 articles, ")
    assert open_library(place / "data" / "library").manifest.articles == 1


def test_build_forgets_a_place(articles: Path, place: Path) -> None:
    run("build", articles / "harbour.txt", articles / "bees.md")
    assert "0 added, 0 changed, 1 removed" in run("build", "--forget", articles / "bees.md").stdout
    assert open_library(place / "data" / "library").manifest.articles == 1


@pytest.mark.parametrize("command", [["build"], ["ask", QUESTION, "--articles"]], ids=lambda words: words[0])
def test_a_path_that_does_not_exist_is_one_line(command: list[str], place: Path) -> None:
    expected = f"error: {place / 'nowhere'}: no such file or directory; name a file or folder that exists"
    assert mistaken(*command, place / "nowhere") == expected


def test_a_link_to_itself_is_one_line(place: Path) -> None:
    (place / "loop").symlink_to("loop")
    for command in (["build"], ["ask", QUESTION, "--articles"]):
        assert "loop: " in mistaken(*command, "loop")
