"""Markdown → body; the markup stays in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.intake.markdown import read_markdown
from index.intake.metadata import Stated

FIRST = "The *northern* pier will stay [shut](https://a.example) until the end of May, Ines Okafor told\nreporters."
SECOND = "Okafor and the ferry companies met on March 18, 2025, to agree on a timetable for the repair of the pier."
PIECES = st.sampled_from(
    ["# ", "## Pier", "> ", "- ", "1. ", "* * *", "```", "    ", "|a|b|\n|-|-|", "![x](y.png)", "[a]: /b", "<div>",
     "\n", "\n\n", "\t", "===", FIRST, SECOND, "**", "\\", "word ", "&amp;"]
)  # fmt: skip


def read(text: str, start: int = 0) -> tuple[list[str], Stated]:
    body, stated = read_markdown(text, start)
    return [span.of(text) for span in body], stated


@pytest.mark.parametrize(
    "head", ["# Pier shut\n", "Pier shut\n===\n", "## Pier *shut*\n", "# Pier shut #\n\n# Pier shut\n"]
)
def test_the_heading_is_the_title_and_no_part_of_the_body(head: str) -> None:
    assert read(f"{head}\n{FIRST}\n\n{SECOND}\n") == ([FIRST, SECOND], Stated(title="Pier shut"))


def test_byline_and_date_are_read_without_their_markup() -> None:
    text = f"# Pier shut\n\n**By** [Ann Lee](https://a.example/ann)\n\n*19 March 2025*\n\n{FIRST}\n"
    assert read(text) == ([FIRST], Stated(title="Pier shut", author="Ann Lee", published="2025-03-19"))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (f"> {SECOND}", [SECOND]),
        (f"> {FIRST}\n> She left.", [f"{FIRST}\n> She left."]),
        ("- tar\n- rope and\n  nails\n", ["tar", "rope and\n  nails"]),
        ("1. tar\n2) rope\n", ["tar", "rope"]),
        ("- tar\n    - rope\n", ["tar", "rope"]),
        ("## A subheading", ["A subheading"]),
        ("|tar|rope|\n|-|-|\n|1|2|", ["|tar|rope|\n|-|-|\n|1|2|"]),
        ("Prices in crowns:\n|tar|rope|\n|-|-|\n|1|2|", ["Prices in crowns:", "|tar|rope|\n|-|-|\n|1|2|"]),
        ("```\nprint(1)\n```", ["```\nprint(1)\n```"]),
        ("    print(1)", ["print(1)"]),
        ("*Tar* is dear, she said on Monday.", ["*Tar* is dear, she said on Monday."]),
        ("#1 on the list is tar, she said.", ["#1 on the list is tar, she said."]),
        ("-5 degrees were measured at the pier.", ["-5 degrees were measured at the pier."]),
    ],
)
def test_every_kind_of_block_is_cut_to_its_words(block: str, expected: list[str]) -> None:
    assert read(f"{FIRST}\n\n{block}\n\n{SECOND}\n")[0] == [FIRST, *expected, SECOND]


@pytest.mark.parametrize(
    "block",
    [
        "![The pier](pier.png)",
        "[![The pier](pier.png)](https://a.example)",
        "<div>Sign up now for more</div>",
        "<!-- a note to the editor, not to be read -->",
        "[ann]: https://a.example/ann",
        "---",
        "*Photo: Northwire*",
        "**Follow our channel** https://t.me/Some_Desk",
        "[Subscribe](https://a.example) to our newsletter",
    ],
)
def test_images_markup_and_plugs_are_furniture(block: str) -> None:
    assert read(f"{FIRST}\n\n{block}\n\n{SECOND}\n")[0] == [FIRST, SECOND]


def test_a_list_is_article_also_where_it_begins_or_ends_a_text() -> None:
    items = "- tar and rope\n- nails\n- a lamp\n- two oars\n"
    words = ["tar and rope", "nails", "a lamp", "two oars"]
    assert read(f"{items}\n{FIRST}\n\n{items}") == ([*words, FIRST, *words], Stated())


def test_a_caption_above_its_credit_is_furniture() -> None:
    text = f"![x](y.png)\n\n*Ines Okafor at the pier.*\n\n*Photo: Northwire*\n\n{FIRST}\n\n{SECOND}\n"
    assert read(text)[0] == [FIRST, SECOND]


def test_reading_begins_where_it_is_told_to() -> None:
    text = f"---\ntitle: Pier\n---\n# Pier shut\n\n{FIRST}\n"
    assert read(text, text.index("# Pier")) == ([FIRST], Stated(title="Pier shut"))


def test_a_text_of_one_line_is_read_to_its_last_letter() -> None:
    assert read(SECOND) == ([SECOND], Stated())


@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=30).map("".join), st.integers(0, 5))
def test_the_body_is_in_order_inside_the_text(text: str, start: int) -> None:
    start = min(start, len(text))
    body, _ = read_markdown(text.replace("\r", "\n"), start)
    ends = [start, *(span.end for span in body)]
    assert all(end <= span.start < span.end <= len(text) for end, span in zip(ends, body, strict=False))
    assert all(span.of(text).strip() for span in body)
