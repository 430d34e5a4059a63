"""python -m index read."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from index.__main__ import app
from tests.conftest import HARBOUR
from tests.main import PAUSE, run

READ = "path title author publisher published updated url language text body text_sha256 file_sha256".split()


def test_read_shows_what_an_article_states_and_what_of_its_text_is_article(articles: Path) -> None:
    (articles / "bees.md").write_text(
        "# Bees return\n\n*By Ann Lee*\n\n![A bee](bee.jpg)\n\nThe bees are back again.\n"
    )
    printed = run("read", articles / "bees.md").stdout.splitlines()
    assert printed[0] == str(articles / "bees.md")
    assert "  title:     Bees return" in printed
    assert "  author:    Ann Lee" in printed
    assert "  published: not stated" in printed
    assert "     -  ![A bee](bee.jpg)" in printed
    assert printed[-1].endswith("The bees are back again.")


def test_read_prints_one_json_object_for_each_file_of_a_folder(articles: Path) -> None:
    printed = [json.loads(line) for line in run("read", articles, "--json").stdout.splitlines()]
    assert [line["path"] for line in printed] == [str(articles / "bees.md"), str(articles / "harbour.txt")]
    assert all(line.keys() == set(READ) for line in printed)
    assert printed[1]["text"] == HARBOUR
    assert [HARBOUR[start:end] for start, end in printed[1]["body"]][-1] == PAUSE


def test_read_goes_on_after_what_it_cannot_read_in_a_folder(articles: Path) -> None:
    (articles / "binary.txt").write_bytes(b"\x00\x01")
    result = run("read", articles, "--json")
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr.startswith(f"skipped {articles / 'binary.txt'}: this is a binary file")


@pytest.mark.parametrize("content", [b"\x00\x01", None], ids=["binary", "missing"])
def test_read_goes_on_after_a_file_that_was_named_and_ends_with_status_1(
    content: bytes | None, articles: Path, place: Path
) -> None:
    if content:
        (place / "odd.txt").write_bytes(content)
    result = run("read", place / "odd.txt", articles / "harbour.txt", "--json", status=1)
    assert [json.loads(line)["path"] for line in result.stdout.splitlines()] == [str(articles / "harbour.txt")]
    assert str(place / "odd.txt") in result.stderr


def test_read_of_a_name_that_is_not_utf_8_gives_no_traceback(place: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(place) + b"/caf\xe9.txt"))
    path.write_text(HARBOUR)
    result = CliRunner().invoke(app, ["read", str(path), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit)
