"""The collection on disk: built, refreshed and opened; atomic and versioned."""

from index.library.build import BuildReport, Progress, build_library
from index.library.opened import Library, library_exists, open_library

__all__ = ["BuildReport", "Library", "Progress", "build_library", "library_exists", "open_library"]
