"""python -m index ask --questions FILE: one line out for each line in."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from index.__main__ import app
from tests.main import FIELDS, QUESTION, mistaken, run


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


def test_a_follow_up_is_answered_in_the_conversation_that_its_line_states(articles: Path) -> None:
    history = [
        {"role": "user", "content": "Did the harbour board vote to dredge?"},
        {"role": "assistant", "content": "Beekeepers counted 312 living colonies."},
    ]
    (found, alone), problems = asked(
        [{"id": "1", "question": "and when was that?", "history": history}, {"question": "How many colonies?"}],
        articles,
    )
    # What was answered lends no words, and what one line states is nothing to the next.
    assert found["understood"] == "and when was that? (harbour board vote dredge)"
    assert found["quotes"][0]["article"] == "harbour.txt"
    assert alone["understood"] == alone["question"] == "How many colonies?"
    assert problems == []


@pytest.mark.parametrize("history", [None, []], ids=str)
def test_a_line_may_state_an_empty_conversation(history: object, articles: Path) -> None:
    (found,), problems = asked([{"question": "and when was that?", "history": history}], articles)
    assert (found["understood"], problems) == ("and when was that?", [])


@pytest.mark.parametrize(
    "history",
    [
        "Who?",
        7,
        {"role": "user", "content": "Who?"},
        ["Who?"],
        [None],
        [{"role": "user"}],
        [{"role": "user", "content": 7}],
        [{"content": "Who?"}],
        [{"role": "user", "content": "Who?"}, []],
    ],
    ids=str,
)
def test_a_malformed_conversation_is_named_and_the_other_lines_are_answered(history: object, articles: Path) -> None:
    good = {"id": "good", "question": QUESTION}
    (first, bad, last), (problem,) = asked([good, good | {"id": "bad", "history": history}, good], articles, status=1)
    assert first["answered"]
    assert last["answered"]
    assert (bad["id"], bad["answered"], bad["quotes"]) == ("bad", False, [])
    assert bad["error"] == '"history" must be a list of objects with "role" and "content"'
    assert problem.endswith(f"in.jsonl, line 2: {bad['error']}")
