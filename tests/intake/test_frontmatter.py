"""YAML front matter."""

from pathlib import Path

import pytest

from index.errors import ArticleUnreadable
from index.intake.frontmatter import read_front_matter
from index.intake.metadata import Stated

PATH = Path("story.md")
BODY = "The pier is shut.\n"


def read(fields: str, fence: str = "---") -> tuple[Stated, str]:
    text = f"---\n{fields}\n{fence}\n{BODY}"
    stated, start = read_front_matter(text, PATH)
    return stated, text[start:]


def test_front_matter_states_what_it_names_and_the_article_begins_behind_it() -> None:
    fields = """title: "Pier shut:  no ferry"
author: Ann Lee
source: The Gazette
date: 2025-03-19
updated: 20 March 2025
link: https://gazette.example/pier
lang: en
draft: true"""
    stated = Stated(
        title="Pier shut: no ferry",
        author="Ann Lee",
        publisher="The Gazette",
        published="2025-03-19",
        updated="2025-03-20",
        url="https://gazette.example/pier",
        language="en",
    )
    assert read(fields) == read(fields, "...") == (stated, BODY)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("date: 2025-03-19", "2025-03-19"),
        ("date: 2025-03-19 23:50:00", "2025-03-19"),
        ("date: 2025-03-19T01:00:00+04:00", "2025-03-19"),
        ("date: '19 March 2025'", "2025-03-19"),
        ("date: 03/04/2025", None),
        ("date: 2025-03", None),
        ("date: 2025", None),
        ("date: soon", None),
        ("date: [2025-03-19]", None),
        ("date: 03/04/2025\npublished: 2025-04-03", "2025-04-03"),
    ],
)
def test_a_date_counts_where_it_is_a_whole_day(fields: str, expected: str | None) -> None:
    assert read(fields) == (Stated(published=expected), BODY)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("authors: [Ann Lee, Bo Ray]", Stated(author="Ann Lee; Bo Ray")),
        ("author:\n  - Ann Lee\n  - Bo Ray", Stated(author="Ann Lee; Bo Ray")),
        ("Title: Pier shut", Stated(title="Pier shut")),
        ("title: 1984", Stated(title="1984")),
        ("title: >\n  Pier\n  shut", Stated(title="Pier shut")),
        ("title: ''\nauthor: ~", Stated()),
        ("title: {a: b}", Stated()),
        ("url: javascript:alert(1)", Stated()),
        ("url: ftp://gazette.example", Stated()),
        ("title: Pier\nheadline: Quay", Stated(title="Pier")),
    ],
)
def test_values_become_text_or_stay_unknown(fields: str, expected: Stated) -> None:
    assert read(fields) == (expected, BODY)


@pytest.mark.parametrize(
    "text",
    [
        "The pier is shut.",
        "---\nThe pier is shut.\n",
        "---\nThe pier is shut.\n---\nIt opens in May.\n",
        "---\nThe chair said: the pier is shut.\n---\nIt opens in May.\n",
        '---\nThe chair said: "no" and left: alone\n---\nIt opens in May.\n',
        "---\n- first: a list\n- second\n---\n",
        "---\n---\nThe pier is shut.\n",
        "----\ntitle: Pier\n----\n",
        "\n---\ntitle: Pier\n---\n",
        "---\ntitle: Pier\nThe pier is shut.\n",
    ],
)
def test_a_text_that_only_begins_with_a_rule_has_no_front_matter(text: str) -> None:
    assert read_front_matter(text, PATH) == (Stated(), 0)


@pytest.mark.parametrize(
    "fields",
    [
        "title: [Pier",
        "title: Pier: shut",
        "title: a\n\tb: c",
        "title: " + "[" * 20_000,
        "title: !!python/object/apply:os.getcwd []",
    ],
    ids=["bracket", "colon", "tab", "deep", "code"],
)
def test_broken_front_matter_is_named_with_the_remedy(fields: str) -> None:
    with pytest.raises(ArticleUnreadable, match=r"story.md: front matter is not YAML \(.+\); mend it or remove it"):
        read(fields)


def test_a_value_that_holds_itself_states_nothing() -> None:
    assert read("title: &a [*a]\nauthor: &b {b: *b}") == (Stated(), BODY)


def test_what_is_stated_can_be_written_down() -> None:
    stated, _ = read('title: "Pier \\ud800 shut"')
    assert (stated.title or "").encode().decode() == stated.title
