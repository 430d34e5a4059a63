"""The command line: build · ask · read. Results on stdout; progress, warnings and errors on stderr."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from index import intake
from index.citation import line_of
from index.embedding import SentenceTransformerEmbedder
from index.engine import Engine
from index.errors import ArticleUnreadable, NothingToRead, QuestionInvalid, QuotaryError
from index.followup import Turn
from index.library import BuildReport, build_library
from index.output import answer_json, article_json
from index.prepare import Prepared, prepare
from index.progress import shown
from index.query import well_formed
from index.settings import Settings, stay_local
from index.types import Answer, Article

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Ask your articles; get back their exact words, with the source.",
)
errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

ArticlesOption = Annotated[
    Path | None,
    typer.Option("--articles", metavar="DIR", help="Search this folder; its library is built or refreshed first."),
]
LibraryOption = Annotated[Path | None, typer.Option("--library", metavar="DIR", help="Search this library, as it is.")]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="A sentence-transformers model: a folder, or a name that is on this machine."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def build(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH ...]", help="Files and folders to add.")] = None,
    library: Annotated[Path | None, typer.Option("--library", metavar="DIR", help="The library to build.")] = None,
    forget: Annotated[
        list[Path] | None, typer.Option("--forget", metavar="PATH", help="A place to take out again.")
    ] = None,
    model: ModelOption = None,
) -> None:
    """Build or refresh a library; only what changed is redone. The files themselves are never touched."""
    with _mistakes():
        settings = _settings(model=model)
        root = library or settings.library
        sources = list(paths or [])
        if not sources and not forget and not library and not (root / "sources.json").exists():
            sources = [settings.articles]
        with shown(errors) as report:
            built = build_library(
                root, sources, SentenceTransformerEmbedder(settings.model), settings, report, forget=forget or []
            )
        _warn_of_skipped(built)
        _print(_summary(built, root))


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            "--questions", metavar="FILE", help="Ask each line of a JSON Lines file; one line out per line in."
        ),
    ] = None,
    articles: ArticlesOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
    quotes: Annotated[int | None, typer.Option("--quotes", min=1, max=50, help="How many quotes at most.")] = None,
    model: ModelOption = None,
) -> None:
    """Ask a question; the answer is quotes, word for word, each with its source."""
    if (question is None) == (questions is None):
        raise typer.BadParameter("give either a QUESTION or --questions FILE")
    if articles and library:
        raise typer.BadParameter("give either --articles or --library")
    with _mistakes():
        settings = _settings(model=model, quotes=quotes)
        embedder = SentenceTransformerEmbedder(settings.model)
        with shown(errors) as report:
            prepared = prepare(settings, embedder, report, articles=articles, library=library)
        _warn_of_preparing(prepared)
        engine = Engine(prepared.library, embedder, settings)
        engine.load()
        if questions is not None:
            _ask_all(questions, engine)
        elif question is not None:
            found = engine.ask(question)
            _print(_json(answer_json(found)) if as_json else _readable(found))


@app.command()
def read(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH ...", help="Files or folders.")],
    as_json: JsonOption = False,
) -> None:
    """Show articles as Quotary reads them: what they state of themselves, and what of the text is article."""
    with _mistakes():
        settings = _settings()
        failed = [path for path in paths if not _read_all(path, settings, as_json)]
    if failed:
        raise typer.Exit(1)


def _read_all(path: Path, settings: Settings, as_json: bool) -> bool:
    """Print the articles at a path, name on stderr what could not be read; say whether the path itself could be."""
    try:
        files, skipped = intake.find(path)
    except NothingToRead as error:
        errors.print(f"skipped {error}")
        return False
    for file in files:
        try:
            article = intake.read_article(file, settings.max_file_mb)
        except ArticleUnreadable as unreadable:
            skipped.append(unreadable)
        else:
            _print(_json(article_json(article)) if as_json else _portrait(article))
    for problem in skipped:
        errors.print(f"skipped {problem}")
    return len(files) > 0 and not any(problem.path == str(path) for problem in skipped)


def _ask_all(path: Path, engine: Engine) -> None:
    failed = False
    for number, line in _lines(path):
        id = str(number)
        try:
            entry = json.loads(line)
            if isinstance(entry, dict) and entry.get("id") is not None:
                id = str(entry["id"])
            if not isinstance(entry, dict) or not isinstance(entry.get("question"), str):
                raise QuestionInvalid('a JSON object with "id" and "question" is expected')
            found = answer_json(engine.ask(entry["question"], _history(entry)), id)
        except (ValueError, RecursionError, QuestionInvalid) as error:
            failed = True
            errors.print(f"{path}, line {number}: {error}")
            found = {"id": id, "answered": False, "confidence": 0.0, "quotes": [], "error": str(error)}
        _print(_json(found))
    if failed:
        raise typer.Exit(1)


def _history(entry: dict[str, Any]) -> list[Turn]:
    turns = entry.get("history")
    if turns is None:
        return []
    if not isinstance(turns, list) or not all(map(_is_turn, turns)):
        raise QuestionInvalid('"history" must be a list of objects with "role" and "content"')
    return [Turn(turn["content"], turn["role"] == "user") for turn in turns]


def _is_turn(turn: object) -> bool:
    return isinstance(turn, dict) and all(isinstance(turn.get(name), str) for name in ("role", "content"))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from ((number, line) for number, line in enumerate(file, 1) if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise QuestionInvalid(f"{path}: {reason}; name a file of JSON lines") from None


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


def _print(result: str) -> None:
    print(well_formed(result), flush=True)


@contextmanager
def _mistakes() -> Iterator[None]:
    """Turn a user's mistake into one line and exit status 1."""
    stay_local()
    try:
        yield
    except QuotaryError as error:
        errors.print(f"error: {error}")
        raise typer.Exit(1) from None


def _settings(**given: Any) -> Settings:
    return replace(
        Settings.from_environment(), **{name: value for name, value in given.items() if value is not None}
    ).checked()


def _warn_of_preparing(prepared: Prepared) -> None:
    if prepared.warning:
        errors.print(f"warning: {prepared.warning}")
    if prepared.built and prepared.built.swapped:
        _warn_of_skipped(prepared.built)


def _warn_of_skipped(built: BuildReport) -> None:
    for path, reason in built.skipped:
        errors.print(f"skipped {path}: {reason}")


def _summary(built: BuildReport, root: Path) -> str:
    what = f"{built.articles:,} articles, {built.passages:,} passages in {root}"
    if not built.swapped:
        return f"{what}; nothing had changed"
    parts = [f"{built.added:,} added", f"{built.changed:,} changed", f"{built.removed:,} removed"]
    skipped = f"; {len(built.skipped):,} files skipped" if built.skipped else ""
    return f"{what}: {', '.join(parts)}; {built.embedded:,} passages embedded{skipped}"


def _readable(found: Answer) -> str:
    searched = found.searched
    span = f", published {searched.first} to {searched.last}" if searched.first else ""
    lines = [f"Searched {searched.articles:,} articles, {searched.passages:,} passages{span}."]
    if found.understood != " ".join(found.question.split()):
        lines.append(f"Understood as: {found.understood}")
    if not found.answered:
        lines.append("No passage answers this. The nearest:")
    lines.extend(f"Note: {warning}" for warning in found.warnings)
    for number, quote in enumerate(found.quotes, 1):
        quote.check()
        lines += ["", f"{number}. {quote.text}", f"   — {line_of(quote.source)}"]
        lines.extend(f"   also in {line_of(source)}" for source in quote.also_in)
        lines.extend(f"   in nearly the same words in {line_of(source)}" for source in quote.versions)
    return "\n".join(lines)


def _portrait(article: Article) -> str:
    names = ("title", "author", "publisher", "published", "updated", "url", "language")
    lines = [article.path]
    lines += [f"  {name + ':':<11}{getattr(article, name) or 'not stated'}" for name in names]
    last = 0
    for number, span in enumerate(article.body, 1):
        lines += _furniture(article.text[last : span.start])
        lines.append(f"  {number:>4}  {' '.join(span.of(article.text).split())}")
        last = span.end
    return "\n".join(lines + _furniture(article.text[last:]))


def _furniture(text: str) -> list[str]:
    return [f"     -  {line.strip()}" for line in text.splitlines() if line.strip()]


if __name__ == "__main__":
    sys.exit(app())
