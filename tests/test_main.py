"""The command line: what goes to stdout and stderr, exit statuses, one-line errors."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from index.__main__ import app
from index.library import open_library
from index.settings import HOME, Settings
from tests.conftest import HARBOUR, WordEmbedder

# The interface of DESIGN.md, section 6, and what has been added to it since.
FIELDS = {"question", "answered", "confidence", "searched", "quotes", "elapsed_ms"} | {"understood", "warnings"}
SEARCHED = {"articles", "passages"} | {"first", "last"}
QUOTE = {"file_sha256"} | set(
    "article start end text highlights score paragraph title author publisher published url text_sha256 also_in".split()
)
READ = "path title author publisher published updated url language text body text_sha256 file_sha256".split()
PAUSE = "Fishing crews asked for a pause during the herring run in April."
QUESTION = "Who asked for a pause during the herring run?"


class NamedEmbedder(WordEmbedder):
    """Stands in for the model of a name, which is its fingerprint."""

    def __init__(self, model: str = "") -> None:
        super().__init__()
        self.fingerprint = f"words:{model or 1}"

    def load(self) -> None:
        self.embed_query("ready")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("index.__main__.SentenceTransformerEmbedder", NamedEmbedder)
    monkeypatch.setenv("QUOTARY_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == status, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def mistaken(*arguments: object) -> str:
    """Return the error of a command that ends with status 1: one line on stderr, nothing on stdout."""
    result = run(*arguments, status=1)
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    return line


def misused(*arguments: object) -> str:
    result = run(*arguments, status=2)
    assert result.stdout == ""
    return " ".join(result.stderr.split())


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


def asked(lines: list[object], articles: Path, status: int = 0) -> tuple[list[dict[str, Any]], list[str]]:
    """Ask a batch, lines being JSON values or raw text; return what is printed, and the lines on stderr."""
    raw = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (articles.parent / "in.jsonl").write_text("".join(f"{line}\n" for line in raw), "utf-8")
    result = run("ask", "--questions", articles.parent / "in.jsonl", "--articles", articles, status=status)
    return [json.loads(line) for line in result.stdout.splitlines()], result.stderr.splitlines()


def test_a_batch_gives_one_line_for_each_line(articles: Path) -> None:
    printed, problems = asked(
        [{"id": "a", "question": QUESTION, "history": []}, {"question": "How many colonies?"}], articles
    )
    assert [(line["id"], line["quotes"][0]["article"]) for line in printed] == [("a", "harbour.txt"), ("2", "bees.md")]
    assert all(line.keys() == FIELDS | {"id"} for line in printed)
    assert problems == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "Expecting property name"),
        ("[]", '"id" and "question" is expected'),
        ({"id": "x"}, '"id" and "question" is expected'),
        ({"id": "x", "question": 7}, '"id" and "question" is expected'),
        ({"id": "x", "question": "?!"}, "holds no word"),
        ({"id": "x", "question": "a" * 2001}, "2,001 characters"),
        ("[" * 100_000, ""),
    ],
    ids=[
        "no JSON",
        "no object",
        "no question",
        "no text",
        "no word",
        "too long",
        "deep",
    ],
)
def test_a_bad_line_is_reported_in_its_place_and_the_others_are_answered(
    line: object, reason: str, articles: Path
) -> None:
    good = {"id": "good", "question": QUESTION}
    (first, bad, last), (problem,) = asked([good, line, good], articles, status=1)
    assert first["answered"]
    assert last["answered"]
    assert (bad["answered"], bad["quotes"], bad["confidence"]) == (False, [], 0.0)
    assert reason in bad["error"]
    assert problem == f"{articles.parent / 'in.jsonl'}, line 2: {bad['error']}"


@pytest.mark.parametrize(
    "line", [r'{"id": "x", "question": "\ud800 harbour"}', r'{"id": "\ud800", "question": "harbour"}']
)
def test_a_line_that_is_no_unicode_is_answered_or_reported_and_the_others_are_answered(
    line: str, articles: Path, place: Path
) -> None:
    good = json.dumps({"id": "good", "question": QUESTION})
    (place / "in.jsonl").write_text(f"{good}\n{line}\n{good}\n")
    result = CliRunner().invoke(app, ["ask", "--questions", "in.jsonl", "--articles", str(articles)])
    first, middle, last = (json.loads(printed) for printed in result.stdout.splitlines())
    assert first["answered"]
    assert last["answered"]
    assert middle.keys() >= {"id", "answered", "confidence", "quotes"}


@pytest.mark.parametrize(
    ("line", "id"),
    [
        ('{"id": "x", "question": "\\ud800 harbour"}', "x"),
        ('{"id": "\\ud800", "question": "? harbour"}', "?"),
    ],
)
def test_what_is_no_unicode_is_printed_as_a_question_mark(line: str, id: str, articles: Path) -> None:
    (found,), _ = asked([line], articles)
    assert (found["id"], found["question"]) == (id, "? harbour")
    assert found["quotes"]


@pytest.mark.parametrize(
    ("line", "id"),
    [
        ({"id": "x", "question": "Who?"}, "x"),
        ({"id": 7, "question": "Who?"}, "7"),
        ({"id": None, "question": "Who?"}, "1"),
        ({"question": "Who?"}, "1"),
        ({"id": "x", "question": "?!"}, "x"),
        ({"id": "x", "question": None}, "x"),
        ({"id": "x"}, "x"),
        ("no JSON", "1"),
    ],
    ids=str,
)
def test_each_line_has_the_id_it_states_or_else_its_number(line: object, id: str, articles: Path) -> None:
    (articles.parent / "in.jsonl").write_text(line if isinstance(line, str) else json.dumps(line))
    result = CliRunner().invoke(app, ["ask", "--questions", "in.jsonl", "--articles", str(articles)])
    assert [json.loads(printed)["id"] for printed in result.stdout.splitlines()] == [id]


def test_a_bad_line_is_named_by_its_number_in_the_file(articles: Path) -> None:
    _, (problem,) = asked(["", {"question": "Who?"}, "", "no JSON"], articles, status=1)
    assert "in.jsonl, line 4: " in problem


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file"), (b"\xff\xfe\xfa{}\n", "not UTF-8")])
def test_a_batch_that_cannot_be_read_is_one_line(
    content: bytes | None, reason: str, articles: Path, place: Path
) -> None:
    if content is not None:
        (place / "in.jsonl").write_bytes(content)
    assert reason in mistaken("ask", "--questions", place / "in.jsonl", "--articles", articles)


def test_a_batch_with_a_byte_order_mark_is_read(articles: Path, place: Path) -> None:
    (place / "in.jsonl").write_bytes(b"\xef\xbb\xbf" + json.dumps({"id": "a", "question": QUESTION}).encode())
    assert json.loads(run("ask", "--questions", place / "in.jsonl", "--articles", articles).stdout)["id"] == "a"


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


def test_every_command_and_every_option_has_a_help_text() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert commands.keys() >= {"build", "ask", "read"}
    for name, command in commands.items():
        assert command.help, name
        for parameter in command.params:
            assert parameter.help, f"{name} {parameter.name}"


def module(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "index", *arguments]
    return subprocess.run(command, cwd=HOME, env=os.environ | environment, capture_output=True, text=True, check=False)


def test_the_help_of_the_program_documents_every_command() -> None:
    ended = module("--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert f"  {name} " in ended.stdout
        assert " ".join(command.help.split()[:4]) in " ".join(ended.stdout.split())


def test_from_end_to_end_with_the_real_model_stdout_is_one_json_object(articles: Path, place: Path) -> None:
    ended = module("ask", "--articles", str(articles), QUESTION, "--json", QUOTARY_DATA=str(place / "real"))
    assert (ended.returncode, ended.stderr) == (0, "")
    printed = json.loads(ended.stdout)
    assert PAUSE in printed["quotes"][0]["text"]
    assert printed["answered"]
    assert open_library(Settings(data=place / "real").library_for(articles)).manifest.recipe.model.startswith(
        "all-Mini"
    )
