"""Articles and passages ↔ the tables of a generation: JSON lines, UTF-8 text and NumPy arrays; no pickle."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import LibraryDamaged
from index.library.layout import ARTICLES, PASSAGES, SENTENCES, TEXTS
from index.types import Article, Passage, Span

PASSAGE = np.dtype(
    [("article", "<i4"), ("start", "<i4"), ("end", "<i4"), ("paragraph", "<i4"), ("first", "<i8"), ("count", "<i4")]
)
SENTENCE = np.dtype([("start", "<i4"), ("end", "<i4")])
FIELDS = (
    "id", "path", "url", "title", "author", "publisher", "published", "updated", "language",
    "text_sha256", "file_sha256",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """An article without its text: the fields, the body, and where in the texts it lies (bytes, characters)."""

    fields: dict[str, str | None]
    body: tuple[Span, ...]
    offset: int
    size: int
    characters: int


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one generation, mapped into memory; the records alone are loaded."""

    records: tuple[Record, ...]
    texts: NDArray[np.uint8]
    passages: NDArray[Any]
    sentences: NDArray[Any]

    def article(self, row: int) -> Article:
        """Return the article of a row, its text decoded."""
        record = self.records[row]
        text = self.texts[record.offset : record.offset + record.size].tobytes().decode()
        return Article(text=text, body=record.body, **record.fields)  # type: ignore[arg-type]

    def passage(self, row: int) -> Passage:
        """Return the passage of a row, with its sentences."""
        entry = self.passages[row]
        first, count = int(entry["first"]), int(entry["count"])
        spans = tuple(Span(start, end) for start, end in self.sentences[first : first + count].tolist())
        article = self.records[int(entry["article"])].fields["id"]
        assert article is not None
        return Passage(article, Span(int(entry["start"]), int(entry["end"])), int(entry["paragraph"]), spans)


def encode_articles(articles: Sequence[Article]) -> tuple[bytes, bytes]:
    """Return the content of the article table and of the texts."""
    lines: list[str] = []
    texts: list[bytes] = []
    offset = 0
    for article in articles:
        raw = article.text.encode()
        line = {name: getattr(article, name) for name in FIELDS} | {
            "body": [[span.start, span.end] for span in article.body],
            "offset": offset,
            "size": len(raw),
            "characters": len(article.text),
        }
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
        texts.append(raw)
        offset += len(raw)
    return "".join(lines).encode(), b"".join(texts)


def save_passages(folder: Path, articles: Sequence[Article], passages: Iterable[Passage]) -> None:
    """Write the tables of passages and sentences."""
    rows = {article.id: row for row, article in enumerate(articles)}
    entries: list[tuple[int, ...]] = []
    sentences: list[tuple[int, int]] = []
    for passage in passages:
        span = passage.span
        entries.append(
            (rows[passage.article], span.start, span.end, passage.paragraph, len(sentences), len(passage.sentences))
        )
        sentences.extend((sentence.start, sentence.end) for sentence in passage.sentences)
    np.save(folder / PASSAGES, np.array(entries, dtype=PASSAGE), allow_pickle=False)
    np.save(folder / SENTENCES, np.array(sentences, dtype=SENTENCE), allow_pickle=False)


def open_tables(folder: Path, mend: str) -> Tables:
    """Return the tables in a folder; raise LibraryDamaged, saying `mend`, unless every offset lies where it must."""
    try:
        tables = Tables(
            records=tuple(_record(line) for line in _lines((folder / ARTICLES).read_bytes())),
            texts=np.memmap(folder / TEXTS, dtype=np.uint8, mode="r"),
            passages=np.load(folder / PASSAGES, mmap_mode="r", allow_pickle=False),
            sentences=np.load(folder / SENTENCES, mmap_mode="r", allow_pickle=False),
        )
        problem = _problem(tables)
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        problem = str(error) or type(error).__name__
    if problem:
        raise LibraryDamaged(f"{folder}: {problem}; {mend}")
    return tables


def _lines(content: bytes) -> list[str]:
    # Not splitlines: a file may be named with one of the line ends that Unicode has besides this one.
    return content.decode().removesuffix("\n").split("\n")


def _record(line: str) -> Record:
    content = json.loads(line)
    body = tuple(Span(start, end) for start, end in content["body"])
    fields = {name: content[name] for name in FIELDS}
    return Record(fields, body, content["offset"], content["size"], content["characters"])


def _problem(tables: Tables) -> str | None:
    """Return what does not fit between the tables, or None."""
    if tables.passages.dtype != PASSAGE or tables.sentences.dtype != SENTENCE:
        return f"tables of other columns than this Quotary's: {tables.passages.dtype}, {tables.sentences.dtype}"
    if not len(tables.passages):
        return "no passage in it"
    return _text_problem(tables) or _passage_problem(tables) or _sentence_problem(tables)


def _text_problem(tables: Tables) -> str | None:
    end = 0
    for record in tables.records:
        text = tables.texts[end : end + record.size]
        # Every character of UTF-8 has one byte that does not continue another.
        characters = int(np.count_nonzero((text & 0xC0) != 0x80))
        fits = record.offset == end and record.characters == characters
        if not fits or any(span.end > characters for span in record.body):
            return f"the text of {record.fields['id']} is not where the table says"
        end += record.size
    return None if end == len(tables.texts) else f"texts of {end} bytes expected, found {len(tables.texts)}"


def _passage_problem(tables: Tables) -> str | None:
    passages = tables.passages
    if passages["article"].min() < 0 or passages["article"].max() >= len(tables.records):
        return "a passage names an article that is not there"
    lengths = np.array([record.characters for record in tables.records])[passages["article"]]
    inside = (passages["start"] >= 0) & (passages["start"] < passages["end"]) & (passages["end"] <= lengths)
    return None if inside.all() else f"passage {int(np.argmin(inside))} lies outside its article"


def _sentence_problem(tables: Tables) -> str | None:
    passages, sentences = tables.passages, tables.sentences
    firsts = np.concatenate([[0], np.cumsum(passages["count"])])
    if (passages["first"] != firsts[:-1]).any() or firsts[-1] != len(sentences) or passages["count"].min() < 1:
        return f"{firsts[-1]} sentences expected, found {len(sentences)}"
    owner = np.repeat(np.arange(len(passages)), passages["count"])
    start, end = sentences["start"], sentences["end"]
    fits = (passages["start"][owner] <= start) & (start < end) & (end <= passages["end"][owner])
    return None if fits.all() else f"sentence {int(np.argmin(fits))} lies outside its passage"
