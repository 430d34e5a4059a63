"""Article → sentences → passages."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.intake.text import read_text
from index.segment import passages, sentences
from index.types import Article, Passage, Sentence, Span, text_hash

CASES = json.loads((Path(__file__).parent / "sentences.json").read_text("utf-8"))
PIECES = st.sampled_from(
    ["The pier is shut. ", "“No,” he said. ", "U.S. ", "Tues. ", "J. ", "No. ", "8 p.m. ", "Why? ", "word ", "\n",
     "\n\n", " \n ", "\u2028", "\x1c", "e\u0301", "👩‍👩‍👧", "...", "…", "(", ")", '"', "港口关闭了。", "- "]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=60).map("".join)


def made(text: str, body: tuple[Span, ...] | None = None, language: str | None = "en") -> Article:
    body = read_text(text, 0)[0] if body is None else body
    stated = (None, None, None, None, None, None, language)
    return Article("a.txt", "a.txt", *stated, text, body, text_hash(text), "0")


def split(text: str, language: str | None = "en", limit: int = 1200) -> list[str]:
    return [found.span.of(text) for found in sentences(text, (Span(0, len(text)),), language, limit)]


def cut(text: str, target: int = 300, limit: int = 900) -> list[str]:
    return [found.span.of(text) for found in passages(made(text), target=target, limit=limit, sentence_limit=1200)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_a_sentence_ends_where_a_reader_sees_its_end(case: dict[str, str | list[str]]) -> None:
    text = case["text"]
    assert isinstance(text, str)
    assert split(text) == case["sentences"]


def test_there_are_enough_cases_and_each_keeps_every_letter() -> None:
    assert len({case["text"] for case in CASES}) == len(CASES) >= 60
    assert all("".join(" ".join(case["sentences"]).split()) == "".join(case["text"].split()) for case in CASES)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Порт закрыт. Дрон упал.", "ru", ["Порт закрыт.", "Дрон упал."]),
        ("港口关闭了。无人机坠落了。", "zh", ["港口关闭了。", "无人机坠落了。"]),
        ("¿Vino? No lo sé. Se quedó.", "es", ["¿Vino?", "No lo sé.", "Se quedó."]),
        ("The pier is shut. It is old.", None, ["The pier is shut.", "It is old."]),
        ("The pier is shut. It is old.", "en-GB", ["The pier is shut.", "It is old."]),
        ("The pier is shut. It is old.", "no such language", ["The pier is shut.", "It is old."]),
    ],
)
def test_a_text_is_split_in_its_language_or_in_any(text: str, language: str | None, expected: list[str]) -> None:
    assert split(text, language) == expected


def test_sentences_are_numbered_by_paragraph_and_furniture_is_none() -> None:
    text = "Menu\nThe pier is shut. It is old.\nPhoto\n It opens in May. "
    body = (Span(5, 33), Span(40, len(text)))
    assert sentences(text, body, "en", 1200) == [
        Sentence(Span(5, 22), 1),
        Sentence(Span(23, 33), 1),
        Sentence(Span(41, 57), 2),
    ]


def test_an_endless_sentence_is_cut_behind_a_clause() -> None:
    text = "tar and rope, " * 6 + "nails and oars and lamps"
    assert split(text, limit=100) == [("tar and rope, " * 6).strip(), "nails and oars and lamps"]


def test_an_endless_sentence_without_a_clause_is_cut_between_words() -> None:
    assert split("rope " * 30, limit=100) == [("rope " * 20).strip(), ("rope " * 10).strip()]


def test_an_endless_word_is_cut_before_a_letter_and_its_marks() -> None:
    assert split("x" + "e\u0301" * 100, limit=100) == ["x" + "e\u0301" * 49, "e\u0301" * 50, "e\u0301"]


@pytest.mark.parametrize("piece", ["Tues. March ", "J. ", "“No.” ", "rope ", "x", "8 p.m. Monday "])
def test_a_long_line_is_split_all_the_same(piece: str) -> None:
    text = piece * (250_000 // len(piece))
    assert "".join("".join(split(text)).split()) == "".join(text.split())


@given(TEXTS, st.integers(100, 300))
def test_sentences_are_in_order_inside_their_paragraphs_and_lose_nothing(text: str, limit: int) -> None:
    body = made(text).body
    found = sentences(text, body, "en", limit)
    assert all(item.span.within(body[item.paragraph - 1]) and 0 < len(item.span) <= limit for item in found)
    assert all(before.span.end <= after.span.start for before, after in pairwise(found))
    said = "".join(item.span.of(text) for item in found)
    assert "".join(said.split()) == "".join("".join(span.of(text) for span in body).split())
    assert all(item.span.of(text) == item.span.of(text).strip() for item in found)


@given(TEXTS, st.integers(20, 100), st.integers(100, 300))
def test_passages_consist_of_all_sentences_each_whole_and_once(text: str, target: int, limit: int) -> None:
    article = made(text)
    found = passages(article, target=target, limit=limit, sentence_limit=limit)
    known = sentences(text, article.body, "en", limit)
    assert [span for passage in found for span in passage.sentences] == [item.span for item in known]
    numbers = {item.span: item.paragraph for item in known}
    for passage in found:
        assert passage.span == Span(passage.sentences[0].start, passage.sentences[-1].end)
        assert passage.paragraph == numbers[passage.sentences[0]]
        assert len(passage.span) <= limit


A = "The northern pier stays shut for three weeks more."
B = "Its planks were torn off by the storm of last week."
C = "No ferry has called since then, and none is planned."


def test_a_passage_names_its_article_and_its_first_paragraph() -> None:
    text = f"{A}\n{B}"
    assert passages(made(text), target=60, limit=900, sentence_limit=1200) == [
        Passage("a.txt", Span(0, 50), 1, (Span(0, 50),)),
        Passage("a.txt", Span(51, 102), 2, (Span(51, 102),)),
    ]


@pytest.mark.parametrize(
    ("target", "expected"),
    [(100, [A, B, C]), (102, [f"{A}\n{B}", C]), (154, [f"{A}\n{B}", C]), (155, [f"{A}\n{B}\n{C}"])],
)
def test_paragraphs_are_joined_while_they_fit_into_the_target(target: int, expected: list[str]) -> None:
    assert cut(f"{A}\n{B}\n{C}", target) == expected


def test_a_heading_goes_with_the_paragraph_below_it() -> None:
    assert cut(f"{A}\nWhat the storm left\n{B}\n{C}", 60) == [A, f"What the storm left\n{B}", C]


def test_a_long_paragraph_is_divided_into_runs_of_like_length() -> None:
    assert cut(" ".join([A, B, C, A]), 60, 150) == [f"{A} {B}", f"{C} {A}"]


def test_a_sentence_over_the_limit_is_a_passage_of_its_own() -> None:
    long = "Tar and rope, " * 10 + "nails."
    assert cut(f"{A} {long} {B}", 60, 120) == [A, long, B]


def test_a_text_without_body_has_no_passages() -> None:
    assert passages(made("Menu", ()), target=300, limit=900, sentence_limit=1200) == []
