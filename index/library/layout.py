"""The files of a library: their names, and how a change of them becomes visible all at once.

LIBRARY/manifest.json          written last, swapped in atomically; names the generation that counts
LIBRARY/sources.json           the files and folders that the library is built from
LIBRARY/lock                   held while building
LIBRARY/generations/ID/…       one folder for each build, never changed after
"""

import os
import shutil
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

MANIFEST = "manifest.json"
ARTICLES = "articles.jsonl"
TEXTS = "texts.utf8"
PASSAGES = "passages.npy"
SENTENCES = "sentences.npy"
VECTORS = "vectors.faiss"
TERMS = "terms"
PARTS = (ARTICLES, TEXTS, PASSAGES, SENTENCES, VECTORS)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of the library in `root` are."""

    root: Path

    @property
    def manifest(self) -> Path:
        return self.root / MANIFEST

    @property
    def sources(self) -> Path:
        return self.root / "sources.json"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def generations(self) -> Path:
        return self.root / "generations"

    def generation(self, name: str) -> Path:
        return self.generations / name

    def remove_all_but(self, name: str | None) -> None:
        """Remove the generations that no manifest names: old ones, and what an interrupted build left."""
        if self.generations.is_dir():
            for folder in self.generations.iterdir():
                if folder.name != name:
                    shutil.rmtree(folder, ignore_errors=True)
        self.manifest.with_suffix(".new").unlink(missing_ok=True)


def write_durably(path: Path, content: bytes) -> None:
    """Write a file so that it is on the disk, whole, when this returns."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_durably(path: Path, content: bytes) -> None:
    """Replace a file at once: whoever reads it sees the old content or the new, whatever happens."""
    new = path.with_suffix(".new")
    write_durably(new, content)
    new.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Ask the disk to keep the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def files_of(folder: Path) -> list[str]:
    """Return the names of the files of a generation, in order; those of the term index with its folder."""
    return sorted([*PARTS, *(f"{TERMS}/{file.name}" for file in (folder / TERMS).iterdir())])


def sync_files(folder: Path) -> None:
    """Ask the disk to keep every file in a folder and those under it, then their names."""
    for file in folder.iterdir():
        if file.is_dir():
            sync_files(file)
            continue
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    sync_folder(folder)


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
