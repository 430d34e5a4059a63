"""The collection on disk: built, refreshed and opened; atomic and versioned."""

from index.library.build import BuildReport, Progress, build_library
from index.library.derive import heading, passage_text
from index.library.opened import Library, open_library

__all__ = ["BuildReport", "Library", "Progress", "build_library", "heading", "open_library", "passage_text"]
