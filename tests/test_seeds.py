"""The two real articles that Quotary was asked for; they are beside the repository, never in it."""

import os
from pathlib import Path

import pytest

from index import intake
from index.answer import answer
from index.embedding import SentenceTransformerEmbedder
from index.library import Library, build_library, open_library
from index.reader import Reader, load_reader
from index.settings import Settings
from index.types import Answer, Article

GIVEN = os.environ.get("QUOTARY_TEST_SHARED")
SEEDS = Path(GIVEN or Path(__file__).resolve().parents[2] / "shared") / "seeds"
SAMPLES = Path(__file__).resolve().parents[1] / "data" / "articles"
AGENCY, PAGE = "000_a2401c7617ef5b3c.txt", "001_ff17135e760850f5.txt"

pytestmark = pytest.mark.skipif(
    not GIVEN and not SEEDS.is_dir(), reason="the two articles are not beside this checkout"
)


@pytest.fixture(scope="module")
def embedder() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: SentenceTransformerEmbedder) -> Library:
    root = tmp_path_factory.mktemp("library")
    build_library(root, [SEEDS], embedder, Settings())
    return open_library(root)


@pytest.fixture(scope="module", params=["with the reader", "without"])
def reader(request: pytest.FixtureRequest) -> Reader | None:
    return load_reader(Settings().reader) if request.param == "with the reader" else None


def ask(question: str, library: Library, embedder: SentenceTransformerEmbedder, reader: Reader | None) -> Answer:
    found = answer(question, library, embedder, Settings(), reader)
    for quote in found.quotes:
        canonical = (SEEDS / quote.article.id).read_text("utf-8")
        assert quote.text == canonical[quote.start : quote.end]
    return found


def test_both_articles_answer_and_the_right_sentences_are_marked(
    library: Library, embedder: SentenceTransformerEmbedder, reader: Reader | None
) -> None:
    found = ask("Were peacekeepers discussed in the call?", library, embedder, reader)
    assert found.answered
    assert {quote.article.id for quote in found.quotes} == {AGENCY, PAGE}
    for id, words in ((AGENCY, "deployment of peacekeepers"), (PAGE, "deploying peacekeeping forces")):
        first = next(quote for quote in found.quotes if quote.article.id == id and words in quote.text)
        assert any(words in mark.of(first.article.text) for mark in first.highlights)


@pytest.mark.parametrize(
    ("question", "id", "words"),
    [
        ("How large was the fire in the Krasnodar Region?", AGENCY, "1,700 square meters"),
        ("When did the Washington-Moscow hotline begin operating?", AGENCY, "August 30, 1963"),
        ("Were elections in Ukraine discussed?", PAGE, "elections and the change of power in Ukraine were not"),
        ("How many drones were shot down?", AGENCY, "seven drones"),
    ],
)
def test_the_passage_that_answers_comes_first(
    question: str, id: str, words: str, library: Library, embedder: SentenceTransformerEmbedder, reader: Reader | None
) -> None:
    found = ask(question, library, embedder, reader)
    assert found.answered
    assert found.quotes[0].article.id == id
    assert words in found.quotes[0].text


@pytest.mark.parametrize(
    "question", ["Who was named Iran's Security Council chief?", "How high is the US national debt?"]
)
def test_furniture_answers_nothing(
    question: str, library: Library, embedder: SentenceTransformerEmbedder, reader: Reader | None
) -> None:
    found = ask(question, library, embedder, reader)
    assert not found.answered
    assert not any("Dehghan" in quote.text or "$39" in quote.text for quote in found.quotes)


@pytest.mark.parametrize(
    ("name", "stated", "first", "last"),
    [
        (AGENCY, (None, None, "The International Affairs", None), "President Vladimir", "encrypted line."),
        (
            PAGE,
            ("Peskov briefs on Putin-Trump talk", "Axar.az", "Axar.az", "2025-03-19"),
            "Russian and U.S. Presidents",
            '," he said.',
        ),
    ],
)
def test_what_they_state_is_read_and_their_furniture_is_left_out(
    name: str, stated: tuple[str | None, ...], first: str, last: str
) -> None:
    read = intake.read_article(intake.Found(SEEDS / name, name), 20)
    assert (read.title, read.author, read.publisher, read.published) == stated
    assert read.text[read.body[0].start :].startswith(first)
    assert read.text[: read.body[-1].end].endswith(last)


def test_no_sentence_of_theirs_is_in_the_samples(library: Library) -> None:
    samples = " ".join(_words(file.read_text("utf-8")) for file in SAMPLES.iterdir())
    for row in range(len(library)):
        passage = library.passage(row)
        article: Article = library.article(passage.article)
        for sentence in passage.sentences:
            words = _words(sentence.of(article.text)).split()
            assert len(words) < 5 or " ".join(words) not in samples
            for place in range(len(words) - 9):
                run = " ".join(words[place : place + 10])
                assert run not in samples, run


def _words(text: str) -> str:
    return " ".join("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())
