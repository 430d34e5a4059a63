"""How well questions that lean on a conversation are understood: the tables of docs/followups.md.

    python -m training.followups QUESTIONS.json

Asks the conversations of training/written/conversations.jsonl, a line each: {"turns": [{"q": question, "title",
"paragraph": number in the article, "leans": bool, "full": what it stands for, if it leans}, …]}, of all paragraphs
of the file, each turn in four ways.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer

from index.embedding import SentenceTransformerEmbedder
from index.engine import Engine
from index.followup import Turn, leans
from index.library import build_library, open_library
from index.settings import Settings, stay_local
from index.types import Answer
from training.calibrate import write_articles
from training.data import Paragraph, load
from training.written import CONVERSATIONS

WAYS = ("alone", "glued to all before", "understood", "as a person would complete it")


@dataclass(frozen=True, slots=True)
class Asked:
    """A turn of a conversation, what was asked before it, and the words of the paragraph that answers it."""

    question: str
    before: tuple[str, ...]
    leans: bool
    full: str
    text: str


def main(path: Annotated[Path, typer.Argument()]) -> None:
    """Print the tables."""
    stay_local()
    paragraphs, _ = load(path)
    turns = list(_turns(paragraphs))
    _print_detection(turns)
    with TemporaryDirectory() as place:
        folder = Path(place)
        write_articles(paragraphs, folder)
        embedder = SentenceTransformerEmbedder()
        build_library(folder / "library", [folder], embedder, replace(Settings(), data=folder))
        engine = Engine(open_library(folder / "library"), embedder, Settings())
        _print_found(turns, engine)


def _turns(paragraphs: Sequence[Paragraph]) -> Iterator[Asked]:
    """Yield the turns that have a turn before them."""
    texts: dict[tuple[str, int], str] = defaultdict(str)
    for paragraph in paragraphs:
        texts[paragraph.title, paragraph.number] += " ".join(paragraph.text.split()) + " "
    for line in CONVERSATIONS.read_text("utf-8").splitlines():
        before: list[str] = []
        for turn in json.loads(line)["turns"]:
            if before:
                text = texts[turn["title"], turn["paragraph"]]
                yield Asked(turn["q"], tuple(before), turn["leans"], turn["full"] or turn["q"], text)
            before.append(turn["q"])


def _print_detection(turns: Sequence[Asked]) -> None:
    print("| the turn | taken to lean, surely | tried both ways |")
    print("|---|---|---|")
    for name, wanted in (("leans", True), ("stands alone", False)):
        group = [turn.question for turn in turns if turn.leans is wanted]
        surely = np.mean([leans(question) for question in group])
        print(f"| {name} ({len(group)}) | {surely:.3f} | {1 - surely:.3f} |")


def _print_found(turns: Sequence[Asked], engine: Engine) -> None:
    print("\n| asked | turns that lean: right passage first / in five | that stand alone |")
    print("|---|---|---|")
    for way in WAYS:
        cells = []
        for wanted in (True, False):
            group = [turn for turn in turns if turn.leans is wanted]
            ranks = [_rank(_ask(turn, way, engine), turn.text) for turn in group]
            one, five = (np.mean([rank < count for rank in ranks]) for count in (1, 5))
            cells.append(f"{one:.3f} / {five:.3f}")
        print(f"| {way} | {' | '.join(cells)} |", flush=True)


def _ask(turn: Asked, way: str, engine: Engine) -> Answer:
    if way == WAYS[2]:
        return engine.ask(turn.question, [Turn(question) for question in turn.before])
    texts = {WAYS[0]: turn.question, WAYS[1]: " ".join([*turn.before, turn.question]), WAYS[3]: turn.full}
    return engine.ask(texts[way])


def _rank(found: Answer, text: str) -> int:
    return next((rank for rank, quote in enumerate(found.quotes) if quote.text in text), len(found.quotes) + 5)


if __name__ == "__main__":
    typer.run(main)
