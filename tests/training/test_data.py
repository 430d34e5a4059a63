"""What the reader is trained on: queries of several kinds, made from questions whose answer is known."""

import json
import math
import random
from pathlib import Path

import pytest

from index.lexical import STOP_WORDS
from index.types import Span
from training.data import (
    KINDS,
    Asked,
    Bm25,
    Paragraph,
    Query,
    Rarity,
    draw,
    held_out,
    keywords,
    load,
    remembered,
    statement,
    typed,
)

HOTLINE = "The leaders wanted a direct line. The hotline began on August 30, 1963. It was never red."
HARBOUR = "The harbour board voted to dredge the channel. Ines Okafor said it would cost 4.2 million crowns."
BEES = "Beekeepers counted 312 living colonies. The verges along the coast road are unmown."


def entry(question: str, text: str, *answers: str) -> dict[str, object]:
    return {
        "question": question,
        "answers": [{"text": answer, "answer_start": text.index(answer)} for answer in answers],
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    hotline = [
        entry(" When did the hotline begin? ", HOTLINE, "August 30, 1963", "1963", "1963"),
        entry("What colour was it?", HOTLINE, "never red"),
        entry("What ran over a sentence?", HOTLINE, "line. The hotline"),
    ]
    content = [
        {"title": "Red_telephone", "paragraphs": [{"context": HOTLINE, "qas": hotline}]},
        {
            "title": "Ports",
            "paragraphs": [
                {"context": HARBOUR, "qas": [entry("Who said so?", HARBOUR, "Ines Okafor")]},
                {"context": BEES, "qas": [entry("How many?", BEES, "312", "312 living colonies")]},
            ],
        },
    ]
    path = tmp_path / "questions.json"
    path.write_text(json.dumps({"version": "1.1", "data": content}), "utf-8")
    return path


def test_a_file_is_read_paragraph_by_paragraph_with_sentences_and_answers_in_place(file: Path) -> None:
    paragraphs, asked = load(file)
    assert [(p.article, p.title, p.text) for p in paragraphs] == [
        (0, "Red telephone", HOTLINE),
        (1, "Ports", HARBOUR),
        (1, "Ports", BEES),
    ]
    assert [s.of(HOTLINE) for s in paragraphs[0].sentences] == [
        "The leaders wanted a direct line.",
        "The hotline began on August 30, 1963.",
        "It was never red.",
    ]
    found = [(q.question, q.row, [a.of(paragraphs[q.row].text) for a in q.answers]) for q in asked]
    assert found == [
        ("When did the hotline begin?", 0, ["August 30, 1963", "1963"]),
        ("What colour was it?", 0, ["never red"]),
        ("What ran over a sentence?", 0, ["line. The hotline"]),
        ("Who said so?", 1, ["Ines Okafor"]),
        ("How many?", 2, ["312", "312 living colonies"]),
    ]


def test_a_long_paragraph_is_divided_and_its_questions_go_to_the_part_that_answers(file: Path) -> None:
    whole, _ = load(file)
    paragraphs, asked = load(file, limit=40)
    assert [p.text for p in paragraphs[:3]] == [s.of(HOTLINE) for s in whole[0].sentences]
    assert all(span.within(Span(0, len(p.text))) for p in paragraphs for span in p.sentences)
    by_question = {q.question: [a.of(paragraphs[q.row].text) for a in q.answers] for q in asked}
    assert by_question["When did the hotline begin?"] == ["August 30, 1963", "1963"]
    assert by_question["What colour was it?"] == ["never red"]
    # An answer that is cut apart can teach nothing.
    assert "What ran over a sentence?" not in by_question


def test_whole_articles_are_held_out_the_same_ones_at_every_run() -> None:
    paragraphs = [Paragraph(row // 3, "", "", (), 0, 0) for row in range(30)]
    held = held_out(paragraphs, 4, seed=11)
    assert len(held) == 4
    assert held < set(range(10))
    assert held == held_out(paragraphs, 4, seed=11) != held_out(paragraphs, 4, seed=12)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who wrote Emma?", "who wrote emma"),
        ("What is the U.S. debt, in $?", "what is the u s debt in"),
        ("Who is O'Brien’s vice-chair?", "who is o'brien’s vice-chair"),
        ("?!", "?!"),
    ],
)
def test_a_question_is_typed_as_into_a_search_box(question: str, expected: str) -> None:
    assert typed(question) == expected


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("Who wrote Emma?", "Jane Austen", "Jane Austen wrote Emma"),
        ("When did the war end?", "1945", "the war end 1945"),
        ("In what year did the war end?", "1945", "the war end 1945"),
        ("What is the capital of Chad?", "N'Djamena", "the capital of Chad N'Djamena"),
        ("How many colonies were counted?", "312", "312 colonies were counted"),
        ("The war ended when?", "1945", "The war ended 1945"),
        ("Name the author of Emma.", "Jane Austen", "Name the author of Emma Jane Austen"),
    ],
)
def test_a_question_and_its_answer_become_a_claim(question: str, answer: str, expected: str) -> None:
    assert statement(question, answer) == expected


@pytest.fixture
def paragraphs() -> list[Paragraph]:
    def paragraph(number: int, text: str) -> Paragraph:
        middle = text.index(". ") + 1
        return Paragraph(number, "", text, (Span(0, middle), Span(middle + 1, len(text))), 0, 0)

    return [paragraph(0, HARBOUR), paragraph(1, BEES)]


@pytest.fixture
def rarity(paragraphs: list[Paragraph]) -> Rarity:
    return Rarity(paragraphs)


def test_a_word_is_rare_that_few_paragraphs_hold(paragraphs: list[Paragraph]) -> None:
    others = [Paragraph(2, "", "The harbour board met.", (), 0, 0), Paragraph(3, "", "The board left.", (), 0, 0)]
    rarity = Rarity([*paragraphs, *others])
    assert rarity.of("board") == pytest.approx(math.log(4 / 3))
    assert rarity.of("harbour") == rarity.of("Harbours!") == pytest.approx(math.log(2))
    assert rarity.of("zeppelin") == rarity.of("Okafor") == pytest.approx(math.log(4))
    assert rarity.of("—") == 0


@pytest.mark.parametrize("seed", range(20))
def test_a_remembered_sentence_holds_no_word_that_was_not_in_it(seed: int, rarity: Rarity) -> None:
    found = remembered(HARBOUR, rarity, random.Random(seed)).split()
    assert 0 < len(found) <= len(HARBOUR.split())
    assert all(found.count(word) <= HARBOUR.split().count(word) for word in found)


@pytest.mark.parametrize("seed", range(20))
def test_keywords_are_a_few_words_of_the_text_that_carry_meaning(seed: int, rarity: Rarity) -> None:
    found = keywords(HARBOUR, rarity, random.Random(seed)).split()
    assert 0 < len(found) <= 5
    assert len(set(found)) == len(found)
    assert {word.casefold() for word in found} <= set(typed(HARBOUR).split()) - STOP_WORDS


def test_a_text_of_stop_words_alone_is_its_own_keywords(rarity: Rarity) -> None:
    assert keywords("Who was it?", rarity, random.Random(0)).casefold() == "who was it?"


@pytest.mark.parametrize("kind", KINDS)
def test_a_query_of_each_kind_is_answered_by_the_paragraph_of_its_question(
    kind: str, paragraphs: list[Paragraph], rarity: Rarity
) -> None:
    asked = Asked("Who said it would cost so much?", 0, (Span(HARBOUR.index("Ines"), HARBOUR.index(" said")),))
    for seed in range(10):
        found = draw(asked, paragraphs[0], rarity, random.Random(seed), kind)
        assert (found.kind, found.row) == (kind, 0)
        assert found.text.strip()
        assert found.span
        assert found.holds == (found.span,)
        if kind in ("question", "typed"):
            assert found.span.of(HARBOUR) == "Ines Okafor"
        else:
            assert found.span in paragraphs[0].sentences
        if kind in ("statement", "keywords"):
            assert found.span == paragraphs[0].sentences[1]


def test_the_same_seed_draws_the_same_queries_of_every_kind(paragraphs: list[Paragraph], rarity: Rarity) -> None:
    asked = Asked("Who said it would cost so much?", 0, (Span(47, 58),))

    def drawn() -> list[Query]:
        rng = random.Random(7)
        return [draw(asked, paragraphs[0], rarity, rng) for _ in range(200)]

    assert drawn() == drawn()
    assert {query.kind for query in drawn()} == KINDS.keys()


def test_bm25_is_as_worked_out_by_hand() -> None:
    found = Bm25(["drone drone fell", "harbour"], k1=1.2, b=0.75).scores("drone")
    # One of two texts holds it; the text has 3 words, the mean is 2; it stands there twice.
    idf = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    norm = 1.2 * (1 - 0.75 + 0.75 * 3 / 2)
    assert found.tolist() == pytest.approx([idf * 2 * 2.2 / (2 + norm), 0])
    assert found[0] == pytest.approx(0.835575, abs=1e-6)


def test_bm25_adds_up_over_the_words_of_a_query_each_counted_once() -> None:
    bm25 = Bm25(["The drone fell into the harbour.", "Harbour news", "Rain, and no drones", ""])
    together = bm25.scores("drones harbour, harbour! zeppelin")
    assert together.tolist() == pytest.approx((bm25.scores("drone") + bm25.scores("harbour")).tolist())
    assert together.argmax() == 0
    assert together[3] == 0
    assert bm25.scores("zeppelin").tolist() == [0, 0, 0, 0]
