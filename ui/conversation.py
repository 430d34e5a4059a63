"""What happens when a question is asked, or the conversation begun anew; the page only wires it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from index.answer import answer
from index.embedding import Embedder
from index.errors import QuotaryError
from index.library import Library
from index.settings import Settings
from ui import cards

# Older turns leave the page, so that each answer stays quick to show.
KEPT = 40
# How many examples are offered, how many questions are tried for that, and how long a title may be.
EXAMPLES = 4
TRIED = 40
LONGEST = 80

SUGGESTED = (
    "Were peacekeepers discussed in the call?",
    "When did the Washington-Moscow hotline begin operating?",
    "How large was the fire in the Krasnodar Region?",
    "How many households were evacuated in Marlow Ferry?",
    "Were elections in Ukraine discussed?",
)


class Conversation:
    """Answers the questions of a page from one library."""

    def __init__(self, library: Library, embedder: Embedder, settings: Settings) -> None:
        self.library = library
        self.embedder = embedder
        self.settings = settings

    def ask(self, question: str, quotes: int, turns: list[str]) -> Iterator[list[str]]:
        """Yield the turns with the question waiting, then with its answer, or the reason why there is none."""
        before = turns[-KEPT:]
        yield [*before, cards.pending(question)]
        try:
            settings = replace(self.settings, quotes=int(quotes)).checked()
            answered = cards.turn(answer(question, self.library, self.embedder, settings))
        except QuotaryError as error:
            answered = cards.failed(question[:200], str(error))
        yield [*before, answered]

    @cached_property
    def examples(self) -> tuple[str, ...]:
        """Questions that this library answers: the suggested ones first, then titles of its articles."""
        titles = (record.fields["title"] for record in self.library.tables.records)
        found: dict[str, None] = {}
        for question in [*SUGGESTED, *(title for title in titles if title and len(title) <= LONGEST)][:TRIED]:
            if len(found) == EXAMPLES:
                break
            if answer(question, self.library, self.embedder, self.settings).answered:
                found[question] = None
        return tuple(found)
