"""What was written for training: news articles with their questions, and questions on the paragraphs of SQuADShifts.

training/written/news.jsonl holds an article a line: {"title", "paragraphs": [[sentence, …], …], "items":
[{"p": paragraph, "kind", "q": query, "s": [sentence, …], "a": answer}, …]}; "a" stands in one of the sentences
"s", and may be missing. training/written/questions.jsonl holds a query a line on a paragraph of the file that
training is given: {"title", "paragraph": number in the article, "kind", "q", "spans": [[start, end], …],
"a": [start, end]}, in characters of the paragraph. A query without sentences is one that its paragraph does not
answer; with news, no paragraph of the article does.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from index.types import Span
from training.data import Paragraph, Query

FOLDER = Path(__file__).parent / "written"
QUESTIONS, NEWS, CONVERSATIONS = (FOLDER / f"{name}.jsonl" for name in ("questions", "news", "conversations"))
# The kinds of queries that nothing in the paragraph answers, and nothing in the whole article.
NOT_HERE, NOWHERE = "none", "nowhere"


def load_questions(path: Path, paragraphs: Sequence[Paragraph]) -> list[Query]:
    """Return the queries on paragraphs of SQuADShifts; those whose sentences were divided between rows are left out."""
    rows: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row, paragraph in enumerate(paragraphs):
        rows[paragraph.title, paragraph.number].append(row)
    found = (_query(json.loads(line), rows, paragraphs) for line in _lines(path))
    return [query for query in found if query]


def load_news(path: Path, first: int) -> tuple[list[Paragraph], list[Query]]:
    """Return the paragraphs of the articles and the queries; `first` counts the rows and articles there are before."""
    paragraphs: list[Paragraph] = []
    queries: list[Query] = []
    for number, line in enumerate(_lines(path)):
        article = json.loads(line)
        begin = first + len(paragraphs)
        mine = [
            _paragraph(sentences, first + number, article["title"], place)
            for place, sentences in enumerate(article["paragraphs"])
        ]
        paragraphs += mine
        queries += [_news_query(item, mine[item["p"]], begin + item["p"]) for item in article["items"]]
    return paragraphs, queries


def _lines(path: Path) -> Iterator[str]:
    return (line for line in path.read_text("utf-8").split("\n") if line)


def _paragraph(sentences: Sequence[str], article: int, title: str, number: int) -> Paragraph:
    spans, end = [], 0
    for sentence in sentences:
        spans.append(Span(end, end + len(sentence)))
        end += len(sentence) + 1
    return Paragraph(article, title, " ".join(sentences), tuple(spans), number, 0)


def _news_query(item: Mapping[str, Any], paragraph: Paragraph, row: int) -> Query:
    holds = tuple(paragraph.sentences[place] for place in item["s"])
    answer = None
    for span in holds:
        place = span.of(paragraph.text).find(item.get("a") or "\0")
        if place >= 0:
            answer = Span(span.start + place, span.start + place + len(item["a"]))
            break
    kind = NOWHERE if item["kind"] == NOT_HERE else item["kind"]
    return Query(item["q"], kind, row, answer or next(iter(holds), None), holds)


def _query(
    item: Mapping[str, Any], rows: Mapping[tuple[str, int], Sequence[int]], paragraphs: Sequence[Paragraph]
) -> Query | None:
    spans = [Span(*span) for span in item["spans"]]
    for row in rows[item["title"], item["paragraph"]]:
        paragraph = paragraphs[row]
        whole = Span(paragraph.start, paragraph.start + len(paragraph.text))
        if all(span.within(whole) for span in spans):
            holds = tuple(Span(span.start - whole.start, span.end - whole.start) for span in spans)
            answer = Span(*(place - whole.start for place in item["a"])) if item.get("a") else None
            return Query(item["q"], item["kind"], row, answer or next(iter(holds), None), holds)
    return None
