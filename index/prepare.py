"""Which library to use, brought in step with its files, opened: what the command line and the page begin with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from index.embedding import Embedder
from index.errors import LibraryBusy, LibraryDamaged, LibraryUnwritable, NothingToRead, QuotaryError
from index.library import BuildReport, Library, Progress, build_library, open_library
from index.library.layout import Layout
from index.library.sources import load_sources
from index.settings import Settings


@dataclass(frozen=True, slots=True)
class Prepared:
    """An open library, and what bringing it in step did; None where it was opened as it is."""

    library: Library
    built: BuildReport | None
    warning: str | None = None


def prepare(
    settings: Settings,
    embedder: Embedder,
    report: Callable[[Progress], None],
    *,
    articles: Path | None = None,
    library: Path | None = None,
) -> Prepared:
    """Open the library that is asked for.

    `library`: that one, as it is. `articles`: the one of that folder, refreshed first. Neither: the
    default one, refreshed from wherever it was built from (the sample articles, if it is new); if
    that fails and there is one on disk, it is opened as it is, with a warning.
    """
    if library is not None:
        return Prepared(_matching(open_library(library), embedder), None)
    if articles is not None:
        root = settings.library_for(articles)
        built = build_library(root, [articles], embedder, settings, report)
        return Prepared(open_library(root), built)
    return _default(settings, embedder, report)


def _default(settings: Settings, embedder: Embedder, report: Callable[[Progress], None]) -> Prepared:
    root = settings.library
    sources = [] if load_sources(Layout(root)) else [settings.articles]
    try:
        built = build_library(root, sources, embedder, settings, report)
    except (NothingToRead, LibraryUnwritable, LibraryBusy) as error:
        try:
            opened = _matching(open_library(root), embedder)
        except QuotaryError:
            raise error from None
        return Prepared(opened, None, f"{error}; the library is used as it was built last")
    return Prepared(open_library(root), built)


def _matching(library: Library, embedder: Embedder) -> Library:
    built_with = library.manifest.recipe.model
    if built_with != embedder.fingerprint:
        raise LibraryDamaged(
            f"{library.root}: built with model {built_with}, asked with {embedder.fingerprint}; "
            f"give the same --model, or rebuild with `python -m index build --library {library.root}`"
        )
    return library
