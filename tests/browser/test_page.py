"""The page in a real Chromium: ask, see quote and source, copy; nothing leaves the machine; text stays text."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.conftest import PATIENCE_MS, ROOT, ask, opened, picture

pytestmark = pytest.mark.browser
HOTLINE = "When did the Washington-Moscow hotline begin operating?"


def test_the_box_is_ready_to_type_in_and_the_searched_articles_are_named(page: Page) -> None:
    expect(page.locator("#examples button").last).to_be_visible(timeout=PATIENCE_MS)
    picture(page, "welcome")
    expect(page.locator("#question textarea")).to_be_focused()
    count = sum(file.suffix in (".txt", ".md") for file in (ROOT / "data" / "articles").iterdir()) + 1
    expect(page.locator(".searched")).to_contain_text(f"Searching {count} articles")


def test_a_question_is_answered_by_a_verbatim_quote_with_its_source(page: Page) -> None:
    ask(page, HOTLINE)
    picture(page, "answer")
    card = page.locator(".card").first
    expect(card.locator("blockquote")).to_contain_text("August 30, 1963")
    words = card.locator("blockquote").evaluate("element => element.textContent")
    texts = [file.read_text("utf-8") for file in (ROOT / "data" / "articles").iterdir() if file.suffix != ".json"]
    assert any(words in text for text in texts)
    expect(card.locator("mark").first).to_be_visible()
    expect(card.locator(".source")).to_contain_text("paragraph")


def test_what_the_readme_shows(page: Page) -> None:
    ask(page, "Was the hotline a red telephone?")
    picture(page, "readme")
    expect(page.locator(".card mark").first).to_contain_text("was not red")


def test_copying_puts_quote_and_source_on_the_clipboard(page: Page) -> None:
    ask(page, HOTLINE)
    card = page.locator(".card").first
    card.locator("button.copy").click()
    expect(card.locator("button.copy")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    words = card.locator("blockquote").evaluate("element => element.textContent")
    assert copied.startswith(f"“{words}”\n— ")


def test_an_example_question_has_an_answer(page: Page) -> None:
    page.locator("#examples button").first.click(timeout=PATIENCE_MS)
    expect(page.locator(".card").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".verdict")).not_to_contain_text("No passage answers")
    expect(page.locator("#examples")).to_be_hidden()


def test_the_number_of_quotes_is_adjustable(page: Page) -> None:
    page.locator("#quotes input[type=number]").fill("2")
    page.keyboard.press("Tab")
    ask(page, HOTLINE)
    expect(page.locator(".card")).to_have_count(2)


def test_no_answer_is_said_and_the_nearest_passages_are_folded_away(page: Page) -> None:
    ask(page, "Which spacecraft photographed the rings of Neptune?")
    picture(page, "no-answer")
    expect(page.locator(".verdict")).to_contain_text("No passage answers this.")
    expect(page.locator(".verdict")).to_contain_text("passages")
    expect(page.locator(".card").first).to_be_hidden()
    page.locator(".nearest > summary").click()
    expect(page.locator(".card").first).to_be_visible()


def test_a_refused_question_says_why_and_an_empty_one_does_nothing(page: Page) -> None:
    ask(page, "?!")
    expect(page.locator(".problem")).to_contain_text("holds no word")
    page.locator("#question textarea").fill("   ")
    page.keyboard.press("Enter")
    # The page sends what the field holds a moment after the key; the next question must not be there yet.
    page.wait_for_timeout(1000)
    ask(page, HOTLINE)
    expect(page.locator(".turn")).to_have_count(2)


def test_a_follow_up_says_how_it_was_understood_and_a_new_question_does_not(page: Page) -> None:
    ask(page, HOTLINE)
    expect(page.locator(".understood")).to_have_count(0)
    ask(page, "and was it a red telephone?")
    picture(page, "follow-up")
    expect(page.locator(".understood")).to_contain_text("Understood as: and was it a red telephone? (")
    expect(page.locator(".understood")).to_contain_text("hotline")
    expect(page.locator(".turn").last.locator(".card").first).to_contain_text("red")
    page.locator("#new").click()
    expect(page.locator(".turn")).to_have_count(0)
    ask(page, "and was it a red telephone?")
    expect(page.locator(".understood")).to_have_count(0)


def test_a_new_conversation_brings_the_welcome_back(page: Page) -> None:
    ask(page, HOTLINE)
    page.locator("#new").click()
    expect(page.locator(".welcome")).to_be_visible()
    expect(page.locator("#examples")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(0)


def test_script_in_an_article_stays_text_and_does_not_break_the_layout(page: Page) -> None:
    title = page.title()
    ask(page, "What does the log of the lighthouse keeper Ada Wren say?")
    expect(page.locator(".card").first).to_contain_text("<script>document.title = 'taken over'</script> is what")
    assert page.locator(".card script, .card img").count() == 0
    ask(page, "<script>document.title = 'taken over'</script> lighthouse")
    expect(page.locator(".asked").last).to_contain_text("<script>")
    page.wait_for_timeout(200)
    assert page.title() == title
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_no_request_leaves_this_machine(context: BrowserContext, address: str) -> None:
    asked: list[Request] = []

    def keep(request: Request) -> None:
        asked.append(request)

    context.on("request", keep)
    page = opened(context, address)
    ask(page, HOTLINE)
    ask(page, "What does the log of the lighthouse keeper Ada Wren say?")
    page.locator("button.copy").first.click()
    page.wait_for_timeout(500)
    elsewhere = {request.url for request in asked if not request.url.startswith((address, "data:", "blob:"))}
    assert len(asked) > 5
    assert elsewhere == set()


def test_nothing_goes_wrong_in_the_browser(context: BrowserContext, address: str) -> None:
    complaints: list[str] = []
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    ask(opened(context, address), HOTLINE)
    assert complaints == []


@pytest.mark.parametrize(
    ("name", "scheme", "width"), [("dark", "dark", 1280), ("phone", "light", 390), ("phone-dark", "dark", 390)]
)
def test_dark_and_phone_look_right(browser: Browser, address: str, name: str, scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page = opened(context, address)
    ask(page, HOTLINE)
    picture(page, name)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    ink, sheet = page.evaluate(
        "(card => [getComputedStyle(card.querySelector('blockquote')).color, getComputedStyle(card).backgroundColor])"
        "(document.querySelector('.card'))"
    )
    assert _contrast(ink, sheet) >= 7
    context.close()


def test_two_readers_have_two_conversations(browser: Browser, address: str) -> None:
    contexts = [browser.new_context() for _ in range(2)]
    first, second = (opened(context, address) for context in contexts)
    ask(first, HOTLINE)
    ask(second, "Were elections in Ukraine discussed?")
    expect(first.locator(".asked")).to_have_text([HOTLINE])
    expect(second.locator(".asked")).to_have_text(["Were elections in Ukraine discussed?"])
    for context in contexts:
        context.close()


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two rgb() colours (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    values = [int(value) / 255 for value in colour.removeprefix("rgb(").rstrip(")").split(",")]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
