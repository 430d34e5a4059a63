"""What happens when a question is asked, or the conversation begun anew; the page only wires it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from index.engine import Engine
from index.errors import QuotaryError
from index.followup import Turn
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


@dataclass(frozen=True, slots=True)
class Shown:
    """A question, whether it could be asked, and what the page shows of it."""

    question: str
    asked: bool
    html: str


class Conversation:
    """Answers the questions of a page from one library."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def ask(self, question: str, quotes: int, turns: list[Shown]) -> Iterator[list[Shown]]:
        """Yield the turns with the question waiting, then with its answer, or the reason why there is none."""
        before = turns[-KEPT:]
        yield [*before, Shown(question, False, cards.pending(question))]
        try:
            history = [Turn(turn.question) for turn in before if turn.asked]
            found = self.engine.ask(question, history, int(quotes))
            shown = Shown(question, True, cards.turn(found))
        except QuotaryError as error:
            shown = Shown(question, False, cards.failed(question[:200], str(error)))
        yield [*before, shown]

    @cached_property
    def examples(self) -> tuple[str, ...]:
        """Questions that this library answers: the suggested ones first, then titles of its articles."""
        titles = (record.fields["title"] for record in self.engine.library.tables.records)
        found: dict[str, None] = {}
        for question in [*SUGGESTED, *(title for title in titles if title and len(title) <= LONGEST)][:TRIED]:
            if len(found) == EXAMPLES:
                break
            if self.engine.ask(question).answered:
                found[question] = None
        return tuple(found)
