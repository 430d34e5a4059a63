"""Files → library: read, cut, embed what is new, write a new generation, swap it in."""

import shutil
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from index import intake, segment
from index.embedding import Embedder, Vectors
from index.errors import (
    ArticleUnreadable,
    LibraryBusy,
    LibraryDamaged,
    LibraryMissing,
    LibraryUnwritable,
    NothingToRead,
)
from index.library.derive import embed, index_terms
from index.library.layout import ARTICLES, TERMS, TEXTS, VECTORS, Layout, checksum, files_of, sync_files, write_durably
from index.library.manifest import FORMAT, Manifest, Recipe, load_manifest
from index.library.opened import Library, open_library
from index.library.sources import load_sources, save_sources
from index.library.tables import FIELDS, encode_articles, save_passages
from index.settings import Settings, real
from index.types import Article, Passage
from index.vectors.faiss import FaissStore

# How long a second build waits for the first before it gives up.
PATIENCE_S = 1800.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: what it does, how many of how many are done."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: articles by what became of them, vectors computed, files skipped with the reason."""

    articles: int
    passages: int
    added: int
    changed: int
    removed: int
    embedded: int
    skipped: tuple[tuple[str, str], ...]
    swapped: bool


Report = Callable[[Progress], None]


def _silent(progress: Progress) -> None:
    pass


def build_library(
    root: Path,
    sources: Sequence[Path],
    embedder: Embedder,
    settings: Settings,
    report: Report = _silent,
    *,
    forget: Sequence[Path] = (),
) -> BuildReport:
    """Bring the library in `root` in step with its files; only passages that are new are embedded.

    The library keeps the places it was built from: `sources` are added to them, `forget` taken away.
    Until the new generation is whole and on disk the previous one counts; any failure leaves it as it was.
    Raises NothingToRead (no file could be read), LibraryUnwritable, LibraryBusy.
    """
    layout = Layout(root)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _locked(layout, report):
            return _Build(layout, embedder, settings, report).run(sources, forget)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise LibraryUnwritable(
            f"{root}: cannot be written ({reason}); the library is as it was; free space or name another --library"
        ) from error


def _locked(layout: Layout, report: Report) -> AbstractContextManager[object]:
    lock = FileLock(layout.lock)
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        report(Progress("waiting for another build", 0, 0))
    try:
        return lock.acquire(timeout=PATIENCE_S)
    except Timeout:
        raise LibraryBusy(f"{layout.root}: another process is building it; wait for it or stop it") from None


class _Build:
    def __init__(self, layout: Layout, embedder: Embedder, settings: Settings, report: Report) -> None:
        self.layout = layout
        self.embedder = embedder
        self.settings = settings
        self.report = report
        self.recipe = Recipe(
            embedder.fingerprint, settings.passage_target, settings.passage_limit, settings.sentence_limit
        )

    def run(self, sources: Sequence[Path], forget: Sequence[Path]) -> BuildReport:
        roots = _roots(self.layout, sources, forget)
        previous = _previous(self.layout)
        self.layout.remove_all_but(previous.manifest.generation if previous else None)
        articles, skipped = self._read(roots)
        if not articles:
            raise NothingToRead(_nothing(roots, skipped))
        lines, texts = encode_articles(articles)
        if previous and self._is_current(previous, roots, lines, skipped):
            return BuildReport(len(articles), len(previous), 0, 0, 0, 0, skipped, swapped=False)
        passages = self._cut(articles)
        vectors, embedded = embed(articles, passages, previous, self.embedder, self._embedded)
        self._write(roots, articles, (lines, texts), passages, vectors, skipped, previous)
        added, changed, removed = _differences(articles, previous)
        return BuildReport(len(articles), len(passages), added, changed, removed, embedded, skipped, swapped=True)

    def _read(self, roots: Sequence[Path]) -> tuple[list[Article], tuple[tuple[str, str], ...]]:
        found: dict[str, intake.Found] = {}
        paths: set[Path] = set()
        skipped: list[ArticleUnreadable] = []
        for root in roots:
            files, passed = intake.find(root)
            skipped.extend(passed)
            for file in files:
                if file.path not in paths:
                    paths.add(file.path)
                    found[_free_id(file, root, found)] = file
        articles: list[Article] = []
        for number, (id, file) in enumerate(sorted(found.items()), 1):
            try:
                article = intake.read_article(intake.Found(file.path, id), self.settings.max_file_mb)
                articles.append(article)
            except ArticleUnreadable as error:
                skipped.append(error)
            self.report(Progress("reading", number, len(found)))
        return articles, tuple((error.path, error.reason) for error in skipped)

    def _cut(self, articles: Sequence[Article]) -> list[Passage]:
        settings = self.settings
        passages: list[Passage] = []
        for number, article in enumerate(articles, 1):
            passages.extend(
                segment.passages(
                    article,
                    target=settings.passage_target,
                    limit=settings.passage_limit,
                    sentence_limit=settings.sentence_limit,
                )
            )
            self.report(Progress("cutting", number, len(articles)))
        return passages

    def _embedded(self, done: int, total: int) -> None:
        self.report(Progress("embedding", done, total))

    def _is_current(
        self, previous: Library, roots: Sequence[Path], lines: bytes, skipped: tuple[tuple[str, str], ...]
    ) -> bool:
        manifest = previous.manifest
        return (
            manifest.recipe == self.recipe
            and load_sources(self.layout) == tuple(roots)
            and manifest.skipped == skipped
            and manifest.files[ARTICLES] == sha256(lines).hexdigest()
        )

    def _has_same_cuts(self, previous: Library | None) -> bool:
        return previous is not None and previous.manifest.recipe.cuts == self.recipe.cuts

    def _write(
        self,
        roots: tuple[Path, ...],
        articles: Sequence[Article],
        tables: tuple[bytes, bytes],
        passages: Sequence[Passage],
        vectors: Vectors,
        skipped: tuple[tuple[str, str], ...],
        previous: Library | None,
    ) -> None:
        generation = uuid.uuid4().hex
        recorded = load_sources(self.layout)
        folder = self.layout.generation(generation)
        try:
            folder.mkdir(parents=True)
            write_durably(folder / ARTICLES, tables[0])
            write_durably(folder / TEXTS, tables[1])
            save_passages(folder, articles, passages)
            store = FaissStore(vectors.shape[1])
            store.add(np.arange(len(passages)), vectors)
            store.save(folder / VECTORS)
            index_terms(folder / TERMS, articles, passages, previous if self._has_same_cuts(previous) else None)
            sync_files(folder)
            save_sources(self.layout, roots)
            dates = sorted(article.published for article in articles if article.published)
            Manifest(
                format=FORMAT,
                generation=generation,
                recipe=self.recipe,
                articles=len(articles),
                passages=len(passages),
                sentences=sum(len(passage.sentences) for passage in passages),
                first=dates[0] if dates else None,
                last=dates[-1] if dates else None,
                files={name: checksum(folder / name) for name in files_of(folder)},
                skipped=skipped,
            ).save(self.layout)
        except BaseException:
            # Also for an interrupt: what is half written goes, what was there stays, unless it was swapped in already.
            if not _is_swapped_in(self.layout, generation):
                shutil.rmtree(folder, ignore_errors=True)
                with suppress(OSError):
                    save_sources(self.layout, recorded)
            raise
        self.layout.remove_all_but(generation)


def _is_swapped_in(layout: Layout, generation: str) -> bool:
    try:
        return load_manifest(layout).generation == generation
    except (LibraryMissing, LibraryDamaged):
        return False


def _previous(layout: Layout) -> Library | None:
    """Return the library as it is, or None where there is none or a damaged one, which a build mends."""
    try:
        return open_library(layout.root)
    except (LibraryMissing, LibraryDamaged):
        return None


def _roots(layout: Layout, sources: Sequence[Path], forget: Sequence[Path]) -> tuple[Path, ...]:
    recorded = load_sources(layout)
    gone = {real(path) for path in forget}
    unknown = gone - set(recorded)
    if unknown:
        raise NothingToRead(f"{min(unknown)}: the library was not built from it; it holds {_list(recorded)}")
    wanted = dict.fromkeys([*recorded, *(real(path) for path in sources)])
    roots = tuple(path for path in wanted if path not in gone)
    if not roots:
        raise NothingToRead("nothing to build from; name a file or a folder of articles")
    return roots


def _free_id(file: intake.Found, root: Path, taken: dict[str, intake.Found]) -> str:
    """Return the id of a file: relative to its root; longer only where two roots hold the same name."""
    candidates = (file.id, f"{root.name}/{file.id}")
    return next((id for id in candidates if id not in taken), file.path.as_posix())


def _nothing(roots: Sequence[Path], skipped: Sequence[tuple[str, str]]) -> str:
    place = _list(roots)
    if not skipped:
        return f"{place}: no articles in it; put .txt or .md files there"
    path, reason = skipped[0]
    more = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
    return f"{place}: none of its files could be read; {path}: {reason}{more}"


def _list(paths: Sequence[Path]) -> str:
    return ", ".join(str(path) for path in paths) or "nothing"


def _differences(articles: Sequence[Article], previous: Library | None) -> tuple[int, int, int]:
    old = {record.fields["id"]: record for record in previous.tables.records} if previous else {}
    new = {article.id: article for article in articles}
    changed = sum(
        1
        for id in new.keys() & old.keys()
        if any(getattr(new[id], name) != old[id].fields[name] for name in FIELDS) or new[id].body != old[id].body
    )
    return len(new.keys() - old.keys()), changed, len(old.keys() - new.keys())
