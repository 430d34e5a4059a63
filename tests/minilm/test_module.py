"""The packaged model inside sentence-transformers: the same vectors as the published one, by another way."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from index.embedding import SentenceTransformerEmbedder, Vectors
from index.minilm import FOLDER
from index.minilm.encoder import CLS, SEP, tokenizer
from index.minilm.module import LONGEST, PackedMiniLM

TEXTS = {
    "empty": "",
    "space": " \n\t ",
    "one word": "Rain.",
    "question": "When did the Washington-Moscow hotline begin operating?",
    "sentence": "The hotline between Washington and Moscow went into operation on August 30, 1963.",
    "telephone": "It was never a red telephone; at first it was a teleprinter, later a fax, and today it is e-mail.",
    "paragraph": "The harbour board voted on Tuesday to dredge the northern channel. Chair Ines Okafor said the work "
    "would cost 4.2 million crowns. “We have waited nine years for this,” she told reporters. " * 3,
    "recipe": "The recipe asks for three eggs, a cup of flour and a pinch of salt.",
    "numbers": "4.2 312 190 1,700 m² 30.08.1963 +358 40 1234567",
    "emoji": "👩‍👩‍👧 🇫🇮 🎉🎉",
    "Chinese": "港口关闭了。无人机坠落了。",
    "Finnish": "Satamalautakunta päätti tiistaina ruopata pohjoisen väylän ennen talvea.",
    "odd": "\x00\u202e\ufffe a\u0301\u00ad",
    "long": "word " * 5000,
    "long and varied": " ".join(f"Item {number}: the ship number {number * 7} left." for number in range(400)),
}
QUESTIONS = [
    "When did the hotline between the capitals start?",
    "Was it a red phone?",
    "What did the chair of the port authority say about costs?",
    "How many eggs do I need?",
]
PASSAGES = ["sentence", "telephone", "paragraph", "recipe", "Finnish", "numbers"]


@pytest.fixture(scope="module")
def ours() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


@pytest.fixture(scope="module")
def published() -> SentenceTransformer:
    return SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True)


@pytest.fixture(scope="module")
def found(ours: SentenceTransformerEmbedder) -> dict[str, Vectors]:
    return dict(zip(TEXTS, ours.embed_passages(list(TEXTS.values())), strict=True))


@pytest.fixture(scope="module")
def expected(published: SentenceTransformer) -> dict[str, Vectors]:
    vectors = published.encode(list(TEXTS.values()), normalize_embeddings=True, show_progress_bar=False)
    return dict(zip(TEXTS, np.asarray(vectors, dtype=np.float32), strict=True))


@pytest.mark.parametrize("name", TEXTS)
def test_the_vector_of_any_text_is_that_of_the_published_model(
    name: str, found: dict[str, Vectors], expected: dict[str, Vectors]
) -> None:
    assert float(found[name] @ expected[name]) > 0.999


@pytest.mark.parametrize("question", QUESTIONS)
def test_passages_are_ranked_as_by_the_published_model(
    question: str,
    ours: SentenceTransformerEmbedder,
    published: SentenceTransformer,
    found: dict[str, Vectors],
    expected: dict[str, Vectors],
) -> None:
    query = np.asarray(published.encode(question, normalize_embeddings=True, show_progress_bar=False))
    by_us = sorted(PASSAGES, key=lambda name: -float(found[name] @ ours.embed_query(question)))
    assert by_us == sorted(PASSAGES, key=lambda name: -float(expected[name] @ query))


@pytest.fixture(scope="module")
def module() -> PackedMiniLM:
    return PackedMiniLM()


def test_a_text_is_cut_off_where_the_published_model_cuts_it(module: PackedMiniLM) -> None:
    packed = module.preprocess(["word " * 5000, "Rain."])["packed"]
    assert packed.lengths == (LONGEST, 4)
    assert (packed.ids[0], packed.ids[LONGEST - 1]) == (CLS, SEP)


def test_a_prompt_stands_before_the_text(module: PackedMiniLM) -> None:
    with_prompt = module.preprocess(["rain"], prompt="query: ")["packed"]
    assert with_prompt.ids[: with_prompt.lengths[0]].tolist() == tokenizer().encode("query: rain").ids


def test_a_text_has_the_same_vector_whatever_it_is_packed_with(module: PackedMiniLM) -> None:
    texts = [TEXTS["sentence"], TEXTS["empty"], TEXTS["paragraph"]]
    with torch.inference_mode():
        together = module(module.preprocess(texts))["sentence_embedding"]
        alone = [module(module.preprocess([text]))["sentence_embedding"][0] for text in texts]
    assert (together.shape, together.dtype) == ((3, module.get_embedding_dimension()), torch.float32)
    torch.testing.assert_close(together.norm(dim=1), torch.ones(3))
    for one, other in zip(together, alone, strict=True):
        assert one @ other > 0.9995


def test_the_packaged_model_is_never_written(module: PackedMiniLM, tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError, match="only read"):
        module.save(str(tmp_path / "copy"))
    assert list(tmp_path.iterdir()) == []
