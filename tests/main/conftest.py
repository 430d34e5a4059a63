"""What the tests of the command line share: a folder to work in, an engine whose rankings can be worked out by hand."""

from functools import partial
from pathlib import Path

import pytest

from index.engine import Engine
from tests.conftest import WordEmbedder


class NamedEmbedder(WordEmbedder):
    """Stands in for the model of a name, which is its fingerprint."""

    def __init__(self, model: str = "") -> None:
        super().__init__()
        self.fingerprint = f"words:{model or 1}"

    def load(self) -> None:
        self.embed_query("ready")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("index.__main__.SentenceTransformerEmbedder", NamedEmbedder)
    monkeypatch.setattr("index.__main__.Engine", partial(Engine, load_reader=lambda _: None))
    monkeypatch.setenv("QUOTARY_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path
