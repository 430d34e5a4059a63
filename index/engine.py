"""What answers: a library, an embedder and the reader, the two models loaded when they are first needed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from index.answer import answer
from index.embedding import Embedder
from index.errors import ReaderUnusable
from index.followup import Turn
from index.library import Library
from index.settings import Settings
from index.types import Answer

if TYPE_CHECKING:
    from index.reader import Reader


def reader_of(settings: Settings) -> "Reader":
    """Return the reader whose adapter the settings name; raise ReaderUnusable."""
    # Seconds of import, which a page that is not asked yet need not pay.
    from index.reader import load_reader

    return load_reader(settings.reader)


class Engine:
    """Answers questions from one library; without a usable reader it goes on, and every answer says so."""

    def __init__(
        self,
        library: Library,
        embedder: Embedder,
        settings: Settings,
        load_reader: Callable[[Settings], "Reader | None"] = reader_of,
    ) -> None:
        self.library = library
        self.embedder = embedder
        self.settings = settings
        self._load_reader = load_reader
        self._lock = Lock()

    def load(self) -> None:
        """Load the models now, and run them once: the first answer is the slowest."""
        self.ask("ready"[: self.settings.max_question])

    def ask(self, question: str, history: Sequence[Turn] = (), quotes: int | None = None) -> Answer:
        """Return the answer to a question; raise QuestionInvalid where it cannot be asked."""
        settings = self.settings if quotes is None else replace(self.settings, quotes=quotes).checked()
        with self._lock:
            reader, problem = self._reader
        found = answer(question, self.library, self.embedder, settings, reader, history)
        return replace(found, warnings=(*found.warnings, problem)) if problem else found

    @cached_property
    def _reader(self) -> "tuple[Reader | None, str | None]":
        try:
            return self._load_reader(self.settings), None
        except ReaderUnusable as error:
            return None, f"ranked without the reader: {error}"
