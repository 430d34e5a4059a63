"""A file or folder → the files in it that may be articles, and those that cannot be, with the reason."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.errors import ArticleUnreadable, NothingToRead

SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may be an article, and its id: the path relative to where the search began, with `/`."""

    path: Path
    id: str


def find(root: Path) -> tuple[list[Found], list[ArticleUnreadable]]:
    """Return the articles at or under `root` in the order of their ids, and the entries that were skipped.

    Hidden entries and sidecars are passed over in silence. Links are followed; one that leads back to
    a folder already entered is skipped and named. Raises NothingToRead where `root` does not exist.
    """
    try:
        is_folder = root.stat() and root.is_dir()
    except OSError as error:
        raise NothingToRead(f"{root}: {_reason(error)}; name a file or folder that exists") from None
    if not is_folder:
        if _is_undecodable(str(root)):
            return [], [ArticleUnreadable(root, "its name is not valid UTF-8; rename it")]
        return [Found(root, root.name)], []
    found: list[Found] = []
    skipped: list[ArticleUnreadable] = []
    for entry in _walk(root, skipped):
        if _is_undecodable(str(entry)):
            skipped.append(ArticleUnreadable(entry, "its name is not valid UTF-8; rename it"))
        elif entry.suffix.lower() in SUFFIXES:
            found.append(Found(entry, entry.relative_to(root).as_posix()))
        elif not _is_sidecar(entry):
            kind = f"{entry.suffix} files are" if entry.suffix else "a file without a suffix is"
            skipped.append(ArticleUnreadable(entry, f"{kind} not read; use {', '.join(sorted(SUFFIXES))}"))
    return sorted(found, key=lambda item: item.id), skipped


def read_bytes(path: Path, max_mb: float) -> bytes:
    """Return the bytes of a file; raise ArticleUnreadable if it is too large, or cannot be read."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ArticleUnreadable(path, "not a regular file; name a file with text in it")
        size = status.st_size
        if size > max_mb * 1e6:
            raise ArticleUnreadable(
                path, f"{size / 1e6:.0f} MB, over the limit of {max_mb:g}; split it, or raise QUOTARY_MAX_FILE_MB"
            )
        return path.read_bytes()
    except OSError as error:
        raise ArticleUnreadable(path, f"{_reason(error)}; check the file and its permissions") from None


def _walk(root: Path, skipped: list[ArticleUnreadable]) -> Iterator[Path]:
    entered: set[tuple[int, int]] = set()
    waiting = [root]
    links: list[Path] = []
    while waiting or links:
        folder = waiting.pop() if waiting else links.pop()
        try:
            status = folder.stat()
            identity = (status.st_dev, status.st_ino)
            if identity in entered:
                skipped.append(ArticleUnreadable(folder, "a link back to a folder already read; remove the link"))
                continue
            entered.add(identity)
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            skipped.append(ArticleUnreadable(folder, f"{_reason(error)}; check the folder and its permissions"))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = folder / entry.name
            if path.is_dir():
                (links if path.is_symlink() else waiting).append(path)
            else:
                yield path


def _is_undecodable(name: str) -> bool:
    # Python keeps bytes of a name that are not UTF-8 as lone surrogates, which no output can carry.
    return any("\ud800" <= letter <= "\udfff" for letter in name)


def _is_sidecar(path: Path) -> bool:
    if path.suffix.lower() != ".json":
        return False
    if Path(path.stem).suffix.lower() in SUFFIXES:
        return True
    # Unlike Path.exists, this is false for a name too long to exist.
    exists = os.path.exists
    return any(exists(path.with_suffix(form)) for suffix in SUFFIXES for form in (suffix, suffix.upper()))


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
