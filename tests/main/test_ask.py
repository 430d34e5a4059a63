"""python -m index ask QUESTION."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from index.__main__ import app
from index.engine import Engine
from index.followup import Turn
from index.types import Answer
from tests.conftest import HARBOUR
from tests.main import FIELDS, PAUSE, QUESTION, mistaken, misused, run

SEARCHED = {"articles", "passages"} | {"first", "last"}
QUOTE = {"file_sha256"} | set(
    "article start end text highlights exact score paragraph title author publisher published url text_sha256 "
    "also_in versions".split()
)


def test_ask_prints_the_quotes_word_for_word_each_with_its_source(articles: Path) -> None:
    result = run("ask", QUESTION, "--articles", articles)
    assert result.stderr == ""
    searched, _, first, *_ = result.stdout.split("\n")
    assert searched.startswith("Searched 2 articles, ")
    assert first.startswith("1. ")
    assert PAUSE in result.stdout
    assert "— harbour.txt — publisher not stated, author not stated, date not stated, paragraph " in result.stdout


def test_ask_prints_one_json_object_with_the_fields_that_scripts_rely_on(articles: Path) -> None:
    result = run("ask", QUESTION, "--articles", articles, "--json")
    printed = json.loads(result.stdout)
    assert printed.keys() == FIELDS
    assert printed["searched"].keys() == SEARCHED
    assert all(quote.keys() == QUOTE for quote in printed["quotes"])
    assert (printed["question"], printed["answered"], printed["searched"]["articles"]) == (QUESTION, True, 2)
    assert (result.stdout.count("\n"), result.stderr) == (1, "")


def test_the_quotes_in_json_are_slices_of_the_file(articles: Path) -> None:
    best = json.loads(run("ask", QUESTION, "--articles", articles, "--json").stdout)["quotes"][0]
    text = (articles / best["article"]).read_text("utf-8")
    assert best["article"] == "harbour.txt"
    assert best["text"] == text[best["start"] : best["end"]]
    assert [text[start:end] for start, end in best["highlights"]] == [PAUSE]


def test_ask_names_only_the_nearest_where_nothing_answers(articles: Path) -> None:
    result = run("ask", "Which zeppelin exploded?", "--articles", articles)
    assert result.stdout.splitlines()[1] == "No passage answers this. The nearest:"
    assert not json.loads(run("ask", "Which zeppelin?", "--articles", articles, "--json").stdout)["answered"]


def test_ask_names_the_copies_of_a_quote_and_the_dates_searched(articles: Path) -> None:
    (articles / "copy.txt").write_text(HARBOUR)
    (articles / "copy.json").write_text('{"issued": {"date-parts": [[2025, 3, 19]]}}')
    printed = run("ask", QUESTION, "--articles", articles).stdout
    assert "published 2025-03-19 to 2025-03-19." in printed
    assert "   also in " in printed


@pytest.mark.parametrize("count", [1, 2])
def test_ask_shows_as_many_quotes_as_it_is_told(count: int, articles: Path) -> None:
    printed = json.loads(run("ask", QUESTION, "--articles", articles, "--json", "--quotes", count).stdout)
    assert len(printed["quotes"]) == count


def test_ask_warns_in_the_articles_of_another_script(articles: Path) -> None:
    result = run("ask", "谁要求暂停？", "--articles", articles)
    assert "Note: no letter of the question occurs in the articles" in result.stdout


def test_ask_uses_a_library_as_it_is(articles: Path, place: Path) -> None:
    run("build", articles, "--library", place / "lib")
    (articles / "harbour.txt").unlink()
    result = run("ask", QUESTION, "--library", place / "lib")
    assert PAUSE in result.stdout


def test_ask_says_what_was_skipped_when_it_builds_and_not_again(articles: Path) -> None:
    (articles / "scan.pdf").write_bytes(b"%PDF")
    assert run("ask", QUESTION, "--articles", articles).stderr.startswith(f"skipped {articles / 'scan.pdf'}: ")
    assert run("ask", QUESTION, "--articles", articles).stderr == ""


def test_ask_warns_where_the_library_could_not_be_refreshed(articles: Path, place: Path) -> None:
    run("build", articles)
    articles.rename(place / "moved")
    result = run("ask", QUESTION)
    assert result.stderr.startswith(f"warning: {articles}: no such file or directory")
    assert PAUSE in result.stdout


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("", "the question holds no word"),
        ("?!…", "the question holds no word"),
        ("drone " * 1667, "the question has 10,001 characters; shorten it to 2,000 or fewer"),
    ],
    ids=["empty", "punctuation", "long"],
)
def test_a_question_that_cannot_be_asked_is_one_line(question: str, reason: str, articles: Path) -> None:
    assert reason in mistaken("ask", question, "--articles", articles)


def test_a_question_that_is_no_unicode_gives_no_traceback(articles: Path) -> None:
    result = CliRunner().invoke(app, ["ask", os.fsdecode(b"caf\xe9 harbour"), "--articles", str(articles), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_library_that_is_not_there_is_one_line(place: Path) -> None:
    assert "lib: no library here; make it with `python -m index build PATH`" in mistaken(
        "ask", QUESTION, "--library", place / "lib"
    )


def test_a_library_of_another_model_is_one_line_with_the_command_that_mends_it(articles: Path, place: Path) -> None:
    run("build", articles, "--library", place / "lib", "--model", "2")
    line = mistaken("ask", QUESTION, "--library", place / "lib")
    assert "built with model words:2, asked with words:1; give the same --model, or rebuild with" in line
    run("ask", QUESTION, "--library", place / "lib", "--model", "2")
    run("build", "--library", place / "lib")
    run("ask", QUESTION, "--library", place / "lib")


def test_a_damaged_library_is_one_line_and_the_command_it_names_mends_it(articles: Path, place: Path) -> None:
    run("build", articles, "--library", place / "lib")
    next((place / "lib").rglob("vectors.faiss")).write_bytes(b"")
    line = mistaken("ask", QUESTION, "--library", place / "lib")
    command = line.split("`")[1]
    assert command == f"python -m index build --library {place / 'lib'}"
    run(*command.split()[3:])
    run("ask", QUESTION, "--library", place / "lib")


@pytest.mark.parametrize(("name", "value"), [("QUOTARY_QUOTES", "many"), ("QUOTARY_THRESHOLD", "7")])
def test_a_setting_that_cannot_be_used_is_one_line(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert f"found {value}" in mistaken("ask", QUESTION).replace("'", "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["ask"], "give either a QUESTION or --questions FILE"),
        (["ask", "Who?", "--questions", "in.jsonl"], "give either a QUESTION or --questions FILE"),
        (["ask", "Who?", "--articles", "a", "--library", "b"], "give either --articles or --library"),
        (["ask", "Who?", "--quotes", "0"], "--quotes"),
        (["ask", "Who?", "--quotes", "51"], "--quotes"),
        (["ask", "Who?", "--unknown"], "--unknown"),
        (["read"], "Missing argument"),
        (["no-such-command"], "no-such-command"),
    ],
    ids=" ".join,
)
def test_a_wrong_use_is_status_2(arguments: list[str], reason: str) -> None:
    assert reason in misused(*arguments)


def test_every_number_of_quotes_that_the_help_names_is_allowed(articles: Path) -> None:
    assert PAUSE in run("ask", QUESTION, "--articles", articles, "--quotes", 50).stdout


def test_ask_names_the_versions_of_a_quote_apart_from_its_copies(articles: Path) -> None:
    edited = HARBOUR.replace("Chair Ines Okafor", "The chair, Ines Okafor,")
    (articles / "edited.txt").write_text(edited)
    printed = run("ask", "Who said the work would cost 4.2 million crowns?", "--articles", articles).stdout
    assert "   in nearly the same words in " in printed
    assert "   also in " not in printed.partition("\n2. ")[0]


@pytest.mark.parametrize("question", [QUESTION, f"  {QUESTION}\n"], ids=["plain", "white space"])
def test_a_question_that_stands_alone_is_not_said_again(question: str, articles: Path) -> None:
    assert "Understood as" not in run("ask", question, "--articles", articles).stdout


def test_the_longest_question_that_is_allowed_is_answered_however_short_that_is(
    articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUOTARY_MAX_QUESTION", "4")
    assert run("ask", "run?", "--articles", articles).stdout.startswith("Searched 2 articles")


class Remembering(Engine):
    """An engine that was asked about the harbour before, and has no reader."""

    def ask(self, question: str, history: Sequence[Turn] = (), quotes: int | None = None) -> Answer:
        return super().ask(question, [Turn("Did the harbour board vote to dredge?"), *history], quotes)


def test_ask_says_how_a_follow_up_was_understood_and_that_it_was_not_read(
    articles: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.__main__.Engine", Remembering)
    monkeypatch.setenv("QUOTARY_READER", str(place / "nowhere.safetensors"))
    printed = run("ask", "and when was that?", "--articles", articles).stdout
    lines = printed.splitlines()
    assert lines[1] == "Understood as: and when was that? (harbour board vote dredge)"
    assert "voted on Tuesday" in printed
    (note,) = (line for line in lines if line.startswith("Note: "))
    assert note.startswith("Note: ranked without the reader: ")
    assert str(place / "nowhere.safetensors") in note
