"""Text → vectors. SEAM: which model, which runtime; nothing else knows."""

import os
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from index.errors import ModelUnusable
from index.minilm import FOLDER, check_published, sha256_of

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

# Enough for the length-sorted batches of the runtime to be full, few enough for progress to be seen.
SLICE = 64
# Few enough at once to stay in the processor's cache: sixteen or more were slower.
BATCH = 8


class Embedder(Protocol):
    """Turns texts into unit vectors, so that an inner product is a cosine."""

    @property
    def fingerprint(self) -> str:
        """Name the model and its weights: vectors of unlike fingerprints must not be compared."""

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""

    def embed_passages(self, texts: Sequence[str], done: Callable[[int], None] | None = None) -> Vectors:
        """Return an array of shape (texts, dimension); `done` is told how many are ready."""

    def embed_query(self, text: str) -> Vectors:
        """Return an array of shape (dimension,)."""


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, by folder or by the name of one that is on this machine.

    The model is loaded when the first text comes; its fingerprint needs only its files. Query and
    document prompts are the model's own. Raises ModelUnusable where the model is not there, or where
    the packaged weights are not the published ones.
    """

    def __init__(self, model: str = "") -> None:
        self._folder = _folder_of(model) if model else FOLDER
        self._lock = threading.Lock()

    @cached_property
    def fingerprint(self) -> str:
        weights = sorted(self._folder.rglob("*.safetensors"))
        if not weights:
            raise ModelUnusable(
                f"{self._folder}: no .safetensors in it; name the folder of a sentence-transformers model"
            )
        if self._folder == FOLDER:
            check_published()
        hashes = {file: sha256_of(file) for file in [*weights, *sorted(self._folder.rglob("*.json"))]}
        listing = "".join(f"{file.relative_to(self._folder)} {found}\n" for file, found in hashes.items())
        digest = sha256(listing.encode())
        name = "all-MiniLM-L6-v2" if self._folder == FOLDER else self._folder.name
        return f"{name}:{digest.hexdigest()[:16]}"

    def load(self) -> None:
        """Load the model now, and run it once: the first text is the slowest."""
        self.embed_query("ready")

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension() or 0)

    def embed_passages(self, texts: Sequence[str], done: Callable[[int], None] | None = None) -> Vectors:
        """Return unit vectors of shape (texts, dimension), float32; a text beyond the model's length is cut by it."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # Like lengths together: a batch is as slow as its longest text.
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        for first in range(0, len(order), SLICE):
            rows = order[first : first + SLICE]
            vectors[rows] = self._model.encode_document(
                [texts[row] for row in rows], batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
            )
            if done:
                done(min(first + SLICE, len(order)))
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """Return the unit vector of a question, shape (dimension,), float32."""
        vector = self._model.encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vector, dtype=np.float32)

    @property
    def _model(self) -> "SentenceTransformer":
        with self._lock:
            return self._loaded

    @cached_property
    def _loaded(self) -> "SentenceTransformer":
        assert self.fingerprint
        # Seconds of import, which opening a library or showing help must not pay.
        from sentence_transformers import SentenceTransformer

        if self._folder == FOLDER:
            from index.minilm.module import PackedMiniLM

            return SentenceTransformer(modules=[PackedMiniLM()], device="cpu")
        try:
            return SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelUnusable(f"{self._folder}: not a usable sentence-transformers model ({reason})") from error


def _folder_of(model: str) -> Path:
    folder = Path(model).expanduser()
    # Unlike Path.is_dir, this is false for a name too long to exist.
    if os.path.isdir(folder):  # noqa: PTH112
        return folder.resolve()
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError, OSError):
        raise ModelUnusable(
            f"{model}: neither a folder nor a model on this machine; name a folder, or fetch it once with "
            f"`hf download {model}`"
        ) from None
