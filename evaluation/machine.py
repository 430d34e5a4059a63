"""What numbers were measured on: commit, date, machine."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from index.settings import HOME


def provenance() -> str:
    """Return one line: commit, date, processor, cores, memory, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB; Python {platform.python_version()}"
    return f"Commit {_commit()}, {datetime.now(UTC):%Y-%m-%d}; {machine}."


def _commit() -> str:
    found = _git("rev-parse", "--short", "HEAD")
    return f"{found} with changes" if _git("status", "--porcelain") else found


def _git(*words: str) -> str:
    ended = subprocess.run(["git", *words], cwd=HOME, capture_output=True, text=True, check=False)
    return ended.stdout.strip() or ("" if words[0] == "status" else "unknown")


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text("utf-8").splitlines() if described.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
