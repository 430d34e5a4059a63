"""Hit → quote: which sentences are marked, and that the cut is exact."""

from math import inf, log

import numpy as np
import pytest

from index.errors import QuoteMismatch
from index.quoting import BRIEF, FAINT, NEAR, SURE, WORDS, cut, exact, joined, marks, read_marks
from index.types import Article, Hit, Passage, Reading, Source, Span, text_hash

TEXT = "The drone fell. Nobody was hurt.\n\nThe harbour stayed closed."
FIRST, SECOND, THIRD = Span(0, 15), Span(16, 32), Span(34, 60)
ARTICLE = Article(
    id="a.txt",
    path="/x/a.txt",
    url=None,
    title="Drone",
    author=None,
    publisher="The Gazette",
    published="2025-03-19",
    updated=None,
    language="en",
    text=TEXT,
    body=(Span(0, 32), THIRD),
    text_sha256=text_hash(TEXT),
    file_sha256="0",
)
HIT = Hit(Passage("a.txt", Span(0, 60), 1, (FIRST, SECOND, THIRD)), dense=0.5, lexical=0.5, fused=0.7)


def cosines(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, dtype=np.float32)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0.9, 0.1, 0.2), [0]),
        ((0.1, 0.2, 0.9), [2]),
        ((0.9, 0.0, 0.9 * NEAR + 0.001), [0, 2]),
        ((0.9, 0.0, 0.9 * NEAR - 0.001), [0]),
        ((0.5, 0.5, 0.5), [0, 1, 2]),
    ],
)
def test_the_nearest_sentence_is_marked_and_those_about_as_near(values: tuple[float, ...], expected: list[int]) -> None:
    assert marks("zebra", ["One.", "Two.", "Three."], cosines(*values)) == expected


def test_the_words_of_the_question_count_beside_the_vectors() -> None:
    texts = ["The drone fell.", "Nobody was hurt."]
    assert marks("drone", texts, cosines(0.5, 0.5)) == [0]
    # The first sentence holds the one word there is: it gains all of WORDS, the second nothing.
    assert marks("drone", texts, cosines(0.0, WORDS / NEAR + 0.01)) == [1]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    rare, common = log(1 + 3 / 1), log(1 + 3 / 2)
    assert rare / (rare + common) * NEAR > common / (rare + common)
    assert marks("drone harbour", ["A drone.", "A harbour.", "This harbour."], cosines(0, 0, 0)) == [0]


def test_a_single_sentence_is_marked_whatever_its_score() -> None:
    assert marks("drone", ["Nobody was hurt."], cosines(0.01)) == [0]


def test_where_every_sentence_points_away_the_best_is_marked() -> None:
    assert 1 in marks("zebra", ["One.", "Two."], cosines(-0.5, -0.1))


@pytest.mark.parametrize("count", [1, 3])
def test_one_cosine_a_sentence_is_needed(count: int) -> None:
    with pytest.raises(ValueError, match=f"found {count} for 2"):
        marks("drone", ["One.", "Two."], cosines(*[0.5] * count))


def test_a_quote_is_the_span_of_its_passage_with_its_source() -> None:
    other = Source(None, None, None, None, None, "b.txt", 7)
    version = Source("Drones", None, None, None, None, "c.txt", 1)
    quote = cut(HIT, ARTICLE, [SECOND], [other], [version], 0.75)
    assert (quote.text, quote.start, quote.end, quote.highlights) == (TEXT, 0, 60, (SECOND,))
    assert quote.source == Source("Drone", None, "The Gazette", "2025-03-19", None, "a.txt", 1)
    assert (quote.also_in, quote.versions, quote.exact) == ((other,), (version,), None)
    assert (quote.score, quote.article) == (0.75, ARTICLE)


def test_a_quote_of_another_article_than_the_passage_is_refused() -> None:
    shorter = Article(
        **{name: getattr(ARTICLE, name) for name in ARTICLE.__dataclass_fields__ if name not in ("text", "body")},
        text=TEXT[:20],
        body=(),
    )
    with pytest.raises(QuoteMismatch, match=r"a\.txt 0-60"):
        cut(HIT, shorter, [FIRST], [], [], 0.5)


def test_the_id_of_the_article_must_be_that_of_the_passage() -> None:
    other = Hit(Passage("b.txt", Span(0, 32), 1, (FIRST, SECOND)), 0.5, 0.5, 0.7)
    with pytest.raises(QuoteMismatch, match=r"b\.txt"):
        cut(other, ARTICLE, [FIRST], [], [], 0.5)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], ()),
        ([FIRST], (FIRST,)),
        ([FIRST, SECOND], (Span(0, 32),)),
        ([SECOND, FIRST], (Span(0, 32),)),
        ([FIRST, THIRD], (FIRST, THIRD)),
        ([SECOND, THIRD], (Span(16, 60),)),
        ([FIRST, SECOND, THIRD], (Span(0, 60),)),
    ],
)
def test_marks_with_only_white_space_between_them_become_one(spans: list[Span], expected: tuple[Span, ...]) -> None:
    assert joined(spans, TEXT) == expected


def logit(chance: float) -> float:
    return log(chance / (1 - chance))


def reading(*sentences: float, span: Span = FIRST, margin: float = 0.0) -> Reading:
    return Reading(0.0, sentences, span, margin)


@pytest.mark.parametrize(
    ("chances", "lengths", "expected"),
    [
        # One stands out; two do; all may be needed, as what is left out would be missed.
        ((0.9, 0.1, 0.1), (50, 50, 50), [0]),
        ((0.1, 0.9, 0.8), (50, 50, 50), [1, 2]),
        ((0.5, 0.5, 0.5), (50, 50, 50), [0, 1, 2]),
        # The second is as likely in both, but long in one.
        ((0.9, 0.5), (50, 50), [0, 1]),
        ((0.9, 0.3), (50, 500), [0, 1]),
        ((0.9, 0.3), (50, 50), [0]),
        # Nothing answers: the best alone.
        ((FAINT - 0.01, FAINT - 0.011), (50, 50), [0]),
        ((0.01,), (50,), [0]),
    ],
)
def test_those_sentences_are_marked_that_can_be_expected_to_agree_best_with_the_answer(
    chances: tuple[float, ...], lengths: tuple[int, ...], expected: list[int]
) -> None:
    assert read_marks(reading(*map(logit, chances)), lengths) == expected


@pytest.mark.parametrize(("sentences", "expected"), [((-inf, 1.0), [1]), ((-inf, -inf), [0]), ((30.0, 999.0), [0, 1])])
def test_a_sentence_that_was_not_read_is_no_answer_and_one_is_marked_all_the_same(
    sentences: tuple[float, ...], expected: list[int]
) -> None:
    assert read_marks(reading(*sentences), (10, 10)) == expected


@pytest.mark.parametrize(("length", "given"), [(1, True), (BRIEF, True), (BRIEF + 1, False)])
def test_an_exact_answer_is_brief(length: int, given: bool) -> None:
    hit = Hit(HIT.passage, 0.5, 0.5, 0.7, reading(1.0, 1.0, 1.0, span=Span(0, length), margin=SURE))
    assert (exact(hit) is not None) is given


def test_an_exact_answer_is_given_only_where_the_reader_is_sure() -> None:
    sure = reading(1.0, 1.0, 1.0, span=Span(4, 9), margin=SURE)
    hit = Hit(HIT.passage, 0.5, 0.5, 0.7, sure)
    assert exact(hit) == Span(4, 9)
    assert exact(Hit(HIT.passage, 0.5, 0.5, 0.7, reading(1.0, 1.0, 1.0, span=Span(4, 9), margin=SURE - 0.1))) is None
    assert exact(HIT) is None
    quote = cut(hit, ARTICLE, [FIRST], [], [], 0.9)
    assert quote.exact is not None
    assert quote.exact.of(TEXT) == "drone"


def test_an_exact_answer_stands_in_the_article_where_its_passage_begins() -> None:
    third = Hit(Passage("a.txt", THIRD, 2, (THIRD,)), 0.5, 0.5, 0.7, reading(1.0, span=Span(4, 11), margin=SURE))
    found = exact(third)
    assert found == Span(38, 45)
    assert found.of(TEXT) == "harbour"


def test_an_exact_answer_without_a_word_is_none() -> None:
    assert exact(Hit(HIT.passage, 0.5, 0.5, 0.7, reading(1.0, span=Span(4, 4), margin=SURE + 9))) is None


def test_an_exact_answer_outside_the_passage_is_refused() -> None:
    first = Hit(Passage("a.txt", FIRST, 1, (FIRST,)), 0.5, 0.5, 0.7, reading(1.0, span=Span(10, 30), margin=SURE))
    with pytest.raises(QuoteMismatch, match="10-30 lies outside the quote"):
        cut(first, ARTICLE, [FIRST], [], [], 0.5)
