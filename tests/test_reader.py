"""Reading a page beside a question: what is read, where the answer is found, and which adapters are refused."""

import json
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import save, save_file
from torch import Tensor

from index import reader
from index.errors import ReaderUnusable
from index.minilm import SHA256, WEIGHTS, sha256_of
from index.minilm.encoder import CLS, HIDDEN, SEP, Encoder, Packed, load_weights, tokenizer
from index.reader import ANSWER, LONGEST, Encoded, Reader, encode, load_reader, merged, tokens_of
from index.settings import Settings
from index.types import Page, Reading, Span

QUESTION = "When did the hotline begin?"
WORDS = "The hotline is old. It began on August 30, 1963, said Zoë Ångström."
PAGE = Page("The hotline", WORDS, (Span(0, 19), Span(20, len(WORDS))))


def tokens(row: Encoded) -> list[str]:
    return [tokenizer().id_to_token(id) or "?" for id in row.ids]


def seen(row: Encoded, words: str) -> list[tuple[str, str]]:
    """Return the tokens of the page's words, each with the characters it is said to stand for."""
    return [(token, words[place[0] : place[1]]) for token, place in zip(tokens(row), row.places, strict=True) if place]


def test_question_heading_and_words_stand_in_one_row() -> None:
    row = encode("Who fell?", "Bridge news", "Nobody fell.")
    assert tokens(row) == "[CLS] who fell ? [SEP] bridge news nobody fell . [SEP]".split()
    assert row.segments == [0] * 5 + [1] * 6
    assert [place is not None for place in row.places] == [False] * 7 + [True] * 3 + [False]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Zoë fell.", [("zoe", "Zoë"), ("fell", "fell"), (".", ".")]),
        ("“No,”\nhe said…", [(x.casefold(), x) for x in ("“", "No", ",", "”", "he", "said", "…")]),
        ("👩‍👩‍👧 left", [("[UNK]", "👩‍👩‍👧"), ("left", "left")]),
        ("港口 in 1963", [("[UNK]", "港"), ("口", "口"), ("in", "in"), ("1963", "1963")]),
        ("Okafor", [("ok", "Ok"), ("##af", "af"), ("##or", "or")]),
    ],
)
def test_each_token_has_the_characters_it_stands_for(words: str, expected: list[tuple[str, str]]) -> None:
    assert seen(encode(QUESTION, "A heading", words), words) == expected


@pytest.mark.parametrize("heading", ["", "news " * 20, "news " * 100], ids=["none", "short", "long"])
@pytest.mark.parametrize("question", ["Who?", "who " * 500], ids=["short", "long"])
def test_what_is_too_long_is_cut_off_at_the_end_and_the_words_keep_their_room(question: str, heading: str) -> None:
    words = " ".join(f"{number:c}" for number in range(0x4E00, 0x4F00)) + " the" * 300
    row = encode(question, heading, words)
    assert len(row.ids) == len(row.segments) == len(row.places) == LONGEST
    assert (row.ids[0], row.ids[-1]) == (CLS, SEP)
    found = seen(row, words)
    assert [letter for _, letter in found] == words.split()[: len(found)]
    room = LONGEST - 3 - min(len(question.split()), reader.QUESTION) - min(len(heading.split()), reader.HEADING)
    # "Who?" is two tokens.
    assert len(found) == room - (question == "Who?")


def test_tokens_belong_to_a_span_of_which_they_hold_a_part() -> None:
    places = [None, (0, 3), (4, 8), (8, 9), (10, 14), None]
    assert tokens_of(Span(0, 9), places) == [1, 2, 3]
    assert tokens_of(Span(6, 11), places) == [2, 3, 4]
    assert tokens_of(Span(3, 4), places) == tokens_of(Span(14, 20), places) == []


def test_an_adapter_is_added_to_the_weights_it_names_and_the_others_stay() -> None:
    weights = {"a.weight": torch.ones(2, 3), "b.weight": torch.ones(2, 2), "a.bias": torch.zeros(2)}
    adapter = {
        "a.weight.down": torch.tensor([[1.0, 2.0, 3.0]]).half(),
        "a.weight.up": torch.tensor([[10.0], [100.0]]).half(),
        "a.bias": torch.tensor([5.0, 6.0]).half(),
        "heads.relevance.bias": torch.zeros(1),
    }
    found = merged(weights, adapter)
    assert found.keys() == weights.keys()
    assert found["a.weight"].tolist() == [[11, 21, 31], [101, 201, 301]]
    assert found["a.bias"].tolist() == [5, 6]
    assert found["b.weight"] is weights["b.weight"]
    assert weights["a.weight"].tolist() == [[1, 1, 1], [1, 1, 1]]


class Scripted(Encoder):
    """Stands in for the model: the state of a token says whether it is one of those that start or end the answer."""

    def __init__(self, start: str, end: str) -> None:
        super().__init__({}, torch.float32)
        self.marks = [{tokenizer().token_to_id(word) for word in words.split()} for words in (start, end)]
        self.read: list[int] = []

    def layers(self, x: Tensor, batch: Packed, numbers: Iterable[int]) -> Tensor:  # noqa: ARG002
        return x

    def embedded(self, batch: Packed) -> Tensor:
        self.read += batch.lengths
        found = torch.zeros(len(batch.ids), HIDDEN)
        for place, id in enumerate(batch.ids.tolist()):
            found[place, :2] = torch.tensor([float(id in mark) for mark in self.marks])
        return found


def scripted(start: str, end: str) -> Reader:
    """Return a reader for which a sentence answers by the part of its tokens that start the answer."""
    heads = {f"{name}.weight": torch.zeros(shape) for name, shape in reader.HEADS.items()}
    heads |= {f"{name}.bias": torch.zeros(rows) for name, (rows, _) in reader.HEADS.items()}
    # The mean of all tokens comes after the state of [CLS].
    heads["skim.weight"][0, HIDDEN] = heads["relevance.weight"][0, HIDDEN] = 10
    heads["sentence.weight"][0, 0] = 1
    heads["span.weight"][0, 0] = heads["span.weight"][1, 1] = 7
    return Reader(Scripted(start, end), heads)


def read(found: Reader, question: str, pages: Sequence[Page], budget: int) -> list[Reading]:
    """Read all pages to the end."""
    readings = found.read(question, pages, budget, len(pages) + 1)
    return [reading for reading in readings if reading is not None]


def test_the_likeliest_span_is_the_words_from_its_start_to_its_end() -> None:
    (found,) = read(scripted("august", "1963"), QUESTION, [PAGE], 1000)
    assert found.span.of(WORDS) == "August 30, 1963"
    assert found.margin == 14


def test_a_sentence_has_the_mean_of_its_own_tokens_and_the_page_that_of_all() -> None:
    (found,) = read(scripted("august", "1963"), QUESTION, [PAGE], 1000)
    row = encode(QUESTION, PAGE.heading, WORDS)
    assert found.sentences == pytest.approx((0, 1 / len(tokens_of(PAGE.sentences[1], row.places))))
    assert found.relevance == pytest.approx(10 / len(row.ids))


def test_a_span_ends_after_it_starts() -> None:
    (found,) = read(scripted("august", "hotline"), "When?", [Page("", WORDS, PAGE.sentences)], 1000)
    assert found.margin == 7
    assert found.span.start >= WORDS.index("hotline")


def test_neither_question_nor_heading_is_taken_for_the_answer() -> None:
    (found,) = read(scripted("begin", "heading"), "Did it begin?", [Page("A heading", "It was 1963.", ())], 1000)
    assert found.margin == 0
    assert found.span.of("It was 1963.") in "It was 1963."


@pytest.mark.parametrize("between", [ANSWER - 2, ANSWER - 1, 60])
def test_no_span_is_longer_than_the_longest_answer(between: int) -> None:
    words = "august " + "the " * between + "1963"
    (found,) = read(scripted("august", "1963"), "When?", [Page("", words, (Span(0, len(words)),))], 1000)
    fits = between == ANSWER - 2
    assert (found.span == Span(0, len(words)), found.margin) == (fits, 14 if fits else 7)
    assert 0 < len(found.span.of(words).split()) <= ANSWER


def test_an_accent_that_is_written_apart_stays_with_its_letter() -> None:
    words = "He left the cafe\u0301 at noon."
    (found,) = read(scripted("cafe", "cafe"), "Where?", [Page("", words, (Span(0, len(words)),))], 1000)
    assert found.span.of(words) == "cafe\u0301"


def test_a_page_without_words_has_no_span() -> None:
    (found,) = read(scripted("august", "1963"), "When?", [Page("August", "", (Span(0, 0),))], 1000)
    assert (found.span, found.margin, found.sentences) == (Span(0, 0), -math.inf, (-math.inf,))


def test_a_sentence_beyond_the_readers_length_is_surely_no_answer() -> None:
    words = "August. " + "the " * 400 + "August."
    sentences = (Span(0, 7), Span(8, len(words) - 7), Span(len(words) - 7, len(words)))
    (found,) = read(scripted("august", "august"), "When?", [Page("", words, sentences)], 1000)
    assert found.sentences[0] > found.sentences[1] > found.sentences[2] == -math.inf


def pages(counts: Sequence[int]) -> list[Page]:
    return [Page("", "the " * count, (Span(0, 3),)) for count in counts]


# The pages have 20, 30, 10, 205 and 6 tokens; one that does not fit is not left out for a shorter one.
@pytest.mark.parametrize(("budget", "count"), [(-5, 1), (0, 1), (49, 1), (50, 2), (59, 2), (70, 3), (900, 5)])
def test_pages_are_read_in_order_until_the_tokens_are_spent_the_first_always(budget: int, count: int) -> None:
    found = scripted("the", "the")
    assert len(read(found, "Who?", pages([15, 25, 5, 200, 1]), budget)) == count
    assert isinstance(found._encoder, Scripted)
    assert sorted(found._encoder.read) == sorted([20, 30, 10, 205, 6][:count])


def test_each_reading_is_that_of_the_page_in_its_place() -> None:
    found = read(scripted("august", "1963"), QUESTION, [*pages([3]), PAGE, *pages([9]), PAGE], 1000)
    assert [reading.margin for reading in found] == [0, 14, 0, 14]
    assert found[1] == found[3]
    assert read(scripted("august", "1963"), QUESTION, [], 1000) == []


def test_only_the_pages_that_look_best_at_first_are_read_to_the_end() -> None:
    found = scripted("august", "1963").read(QUESTION, [*pages([3]), PAGE, *pages([200]), PAGE, *pages([9])], 1000, 2)
    assert [reading is not None for reading in found] == [False, True, False, True, False]
    (best, *others) = scripted("august", "1963").read(QUESTION, [PAGE, PAGE, PAGE], 1000, 1)
    assert best is not None
    assert best.span.of(WORDS) == "August 30, 1963"
    assert others == [None, None]


def test_many_pages_are_read_as_one_at_a_time(adapter: Path) -> None:
    loaded = load_reader(adapter)
    some = [Page("Rain", f"It rained on {n} days. " * (1 + 7 * n % 19), (Span(0, 22),)) for n in range(16)]
    together = read(loaded, QUESTION, some, 9999)
    for page, found in zip(some, together, strict=True):
        (alone,) = read(loaded, QUESTION, [page], 9999)
        assert found.relevance == pytest.approx(alone.relevance, abs=0.1)


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """A small adapter of random numbers, as training/reader.py writes it."""
    torch.manual_seed(5)
    first, last = "encoder.layer.0.intermediate.dense.weight", "encoder.layer.5.attention.self.qkv.weight"
    shapes = {f"{first}.down": (2, 384), f"{first}.up": (1536, 2), f"{last}.down": (2, 384), f"{last}.up": (1152, 2)}
    shapes |= {f"heads.{name}.weight": shape for name, shape in reader.HEADS.items()}
    tensors = {name: torch.randn(shape) * 0.05 for name, shape in shapes.items()}
    biases = {f"heads.{name}.bias": torch.zeros(rows) for name, (rows, _) in reader.HEADS.items()}
    norm = {"embeddings.LayerNorm.bias": load_weights(WEIGHTS)["embeddings.LayerNorm.bias"] + 0.01}
    path = tmp_path / "reader.safetensors"
    save_file({name: tensor.half().contiguous() for name, tensor in (tensors | biases | norm).items()}, path)
    describe(path)
    return path


def describe(path: Path, **given: object) -> None:
    card = {"sha256": sha256_of(path), "base": "all-MiniLM-L6-v2", "base_sha256": SHA256, "steps": 1, "seed": 5}
    path.with_suffix(".json").write_text(json.dumps(card | given))


def refused(path: Path) -> str:
    with pytest.raises(ReaderUnusable, match="ranked without the reader") as raised:
        load_reader(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_an_adapter_reads_and_a_page_is_read_alike_alone_and_among_others(adapter: Path) -> None:
    loaded = load_reader(adapter)
    other = Page("Rain", "It rained. " * 40, (Span(0, 10), Span(11, 21)))
    together = read(loaded, QUESTION, [PAGE, other, PAGE], 2000)
    (alone,) = read(loaded, QUESTION, [PAGE], 2000)
    assert [len(reading.sentences) for reading in together] == [2, 2, 2]
    for found in (together[0], together[2]):
        assert found.relevance == pytest.approx(alone.relevance, abs=0.1)
        assert found.sentences == pytest.approx(alone.sentences, abs=0.1)
        assert found.margin == pytest.approx(alone.margin, abs=0.2)
    for found, page in zip(together, [PAGE, other, PAGE], strict=True):
        assert found.span.within(Span(0, len(page.words)))


@pytest.mark.parametrize("gone", [[".safetensors"], [".json"], [".safetensors", ".json"]], ids="+".join)
def test_a_missing_adapter_or_card_is_refused(gone: list[str], adapter: Path) -> None:
    for suffix in gone:
        adapter.with_suffix(suffix).unlink()
    assert "No such file" in refused(adapter)


@pytest.mark.parametrize("place", [0, 100, -1])
def test_an_adapter_of_which_a_byte_is_flipped_or_of_another_model_is_refused(place: int, adapter: Path) -> None:
    describe(adapter, base="all-MiniLM-L12-v2", base_sha256="0" * 64)
    assert "SHA-256 differs" in refused(adapter)
    describe(adapter)
    content = bytearray(adapter.read_bytes())
    content[place] ^= 0xFF
    adapter.write_bytes(content)
    assert "SHA-256 differs" in refused(adapter)


@pytest.mark.parametrize("card", ["", "{", "[]", "{}", '"card"', "null", "\xff"])
def test_a_card_that_says_nothing_is_refused(card: str, adapter: Path) -> None:
    adapter.with_suffix(".json").write_text(card, "latin-1")
    assert "not readable" in refused(adapter)


@pytest.mark.parametrize(
    "content",
    [
        b"drone",
        save({}),
        save({"heads.relevance.weight": torch.zeros(1, 5)}),
        save({"no.such.weight.down": torch.zeros(1, 384), "no.such.weight.up": torch.zeros(384, 1)}),
        save({"encoder.layer.0.output.dense.weight.down": torch.zeros(2, 1536)}),
    ],
    ids=["no tensors", "none at all", "head of another shape", "unknown weight", "half an adapter"],
)
def test_a_file_that_is_no_adapter_of_the_model_is_refused(content: bytes, adapter: Path) -> None:
    adapter.write_bytes(content)
    describe(adapter)
    assert "not readable" in refused(adapter)


TRIED = [
    "The leaders wanted a direct line. The hotline went into operation on August 30, 1963. It was never red.",
    "The board met on Monday. The dredging will take two years. The town will pay for the dredging with a loan.",
    "Beekeepers counted 312 living colonies this spring. The verges are unmown. It rained for most of May.",
]
ANSWERED = [(0, 1, "When did the hotline begin?"), (1, 2, "Who will pay for the dredging?"), (2, 0, "How many bees?")]


@pytest.mark.skipif(not Settings().reader.is_file(), reason="the trained adapter is not in this checkout")
@pytest.mark.parametrize(("right", "sentence", "question"), ANSWERED)
def test_the_trained_reader_prefers_the_page_that_answers_and_its_sentence(
    right: int, sentence: int, question: str
) -> None:
    readings = read(load_reader(Settings().reader), question, [paged(words) for words in TRIED], 2000)
    assert max(range(3), key=lambda place: readings[place].relevance) == right
    assert max(range(3), key=lambda place: readings[right].sentences[place]) == sentence


def paged(words: str) -> Page:
    return Page("", words, tuple(Span(*found.span()) for found in re.finditer(r"\S[^.]+\.", words)))
