"""A real server in a process of its own, and a real Chromium that may only speak to this machine."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = Path(__file__).parent / "screenshots"
REQUIRED = os.environ.get("QUOTARY_TEST_BROWSER") == "required"
FLAGS = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
# The first question waits for the model.
PATIENCE_MS = 90_000
NAMES = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")

HOSTILE = """<script>document.title = "taken over"</script>

The lighthouse at Cape Tern <img src="http://192.0.2.1/spy.png" onerror="document.title = 'taken over'"> went dark.

Keeper Ada Wren said: "<script>document.title = 'taken over'</script> is what the log of the lighthouse says."

The lighthouse log holds one word of the keeper: {word}.
""".format(word="a" * 10_000)


def _chromium() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page over the sample articles and a hostile one, served by app.py with the real model."""
    data = tmp_path_factory.mktemp("data")
    shutil.copytree(ROOT / "data" / "articles", data / "articles")
    (data / "articles" / "hostile.txt").write_text(HOSTILE, "utf-8")
    environment = {**os.environ, "QUOTARY_DATA": str(data)}
    command = [sys.executable, str(ROOT / "app.py"), "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        said: list[str] = []
        for line in server.stderr:
            said.append(line)
            if found := re.search(r"ready: (http://127\.0\.0\.1:\d+)", line):
                yield found[1]
                break
        else:
            pytest.fail("app.py ended: " + "".join(said))
        server.terminate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = _chromium()
    if executable is None:
        if REQUIRED:
            pytest.fail("no Chromium on this machine, and the browser tests must run here")
        pytest.skip("no Chromium on this machine; on Debian: apt install chromium")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    return opened(context, address)


def opened(context: BrowserContext, address: str) -> Page:
    """Open the page and wait until it can be typed into."""
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#question textarea")
    return page


def ask(page: Page, question: str) -> None:
    """Type a question, press Enter, and wait for its answer."""
    turns = page.locator(".turn").count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "turns => document.querySelectorAll('.turn').length > turns && !document.querySelector('.pending')",
        arg=turns,
        timeout=PATIENCE_MS,
    )


def picture(page: Page, name: str) -> None:
    """Keep a screenshot, to be looked at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.wait_for_timeout(500)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
