"""What a line, a label or a dateline states."""

from dataclasses import astuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.intake.metadata import (
    Stated,
    byline,
    channel_owner,
    dated_line,
    dateline,
    day,
    is_site,
    label,
    labelled,
    merge,
    web_address,
)

DATE_PARTS = "2025 1999 1 3 19 31 03 March May Mar Monday Sun 10:30 7pm T Z UTC of the th - / . ,".split()


def test_the_most_trusted_statement_counts_field_by_field() -> None:
    first, second = Stated(title="A", author=""), Stated(title="B", author="Ann Lee", url="https://a.example")
    assert merge(first, Stated(), second) == Stated(title="A", author="Ann Lee", url="https://a.example")
    assert merge() == Stated()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("19 March 2025", "2025-03-19"),
        ("March 19, 2025", "2025-03-19"),
        ("Wednesday, 19 March 2025", "2025-03-19"),
        ("1st May 2025", "2025-05-01"),
        ("| 19 Mar 2025 |", "2025-03-19"),
        ("2025-03-19", "2025-03-19"),
        ("2025-03-04", "2025-03-04"),
        ("2025.03.04", "2025-03-04"),
        ("2025/03/04", "2025-03-04"),
        ("04.03.2025", "2025-03-04"),
        ("2025-03-19T23:30:00-08:00", "2025-03-19"),
        ("19 March 2025 19:50 MSK", "2025-03-19"),
        ("13/04/2025", "2025-04-13"),
        ("04/13/2025", "2025-04-13"),
        ("05/05/2025", "2025-05-05"),
    ],
)
def test_a_day_is_read_where_it_is_stated(text: str, expected: str) -> None:
    assert day(text) == expected


@pytest.mark.parametrize("text", ["03/04/2025", "03-04-2025", "3/4/2025 10:30"])
def test_a_date_is_unknown_where_day_and_month_could_change_places(text: str) -> None:
    assert day(text) is None


@pytest.mark.parametrize(
    "text",
    ["March 18", "2025", "March 2025", "2025-03", "10 2025", "Monday 2025", "Monday, March 2025", "18 March", "18.03."],
)
def test_a_partial_date_is_no_day(text: str) -> None:
    assert day(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2025-02-30",
        "30 February 2025",
        "2025-13-45",
        "0 May 2025",
        "20250319",
        "18 March 3025",
        "19 March 2025 and 20 March 2025",
        "The board met on 19 March 2025",
        "10:30999999999999999999999999999999999 2025",
        "19 March 2025" + " " * 60 + "x",
    ],
)
def test_what_is_no_date_is_no_day(text: str) -> None:
    assert day(text) is None


@given(st.lists(st.sampled_from(DATE_PARTS), max_size=7).map(" ".join))
@example("Monday March 2025")
@example("19 3 May 2025")
def test_no_part_of_a_day_is_made_up(text: str) -> None:
    found = day(text)
    if found:
        year, month, number = (int(part) for part in found.split("-"))
        stated = {int(part) for part in text.split() if part.isdecimal()}
        months = {3: {"March", "Mar"}, 5: {"May"}}.get(month, set())
        assert {year, number} <= stated
        assert month in stated or months & set(text.split())


@given(st.text(st.one_of(st.sampled_from("0123456789:.,/-+ TZ'\n"), st.characters(codec="utf-8")), max_size=60))
def test_no_line_stops_the_reading_or_states_a_blank(text: str) -> None:
    for line in (text, f"{text} 2025", f"Updated: {text} 2025", f"By {text}", f"OSLO, {text} 2025 (Wire) — A."):
        stated = [dated_line(line) or Stated(), dateline(line), Stated(author=byline(line))]
        values = [value for statement in stated for value in astuple(statement)]
        assert all(value is None or value.strip() for value in values)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2025.03.19 / 19:50", Stated(published="2025-03-19")),
        ("19 March 2025, 7.50 pm", Stated(published="2025-03-19")),
        ("Published: 19 March 2025", Stated(published="2025-03-19")),
        ("Posted on March 19, 2025 at 19:50", Stated(published="2025-03-19")),
        ("Last updated 20 March 2025", Stated(updated="2025-03-20")),
        ("UPDATED: 2025-03-20 08:00 GMT", Stated(updated="2025-03-20")),
        ("Published: March 2025", None),
        ("Updated: 03/04/2025", None),
        ("The pier was shut on 19 March 2025", None),
        ("19:50", None),
    ],
)
def test_a_line_that_is_a_date_states_it(line: str, expected: Stated | None) -> None:
    assert dated_line(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Ann Lee", "Ann Lee"),
        ("by Ann Lee and Bo Ray", "Ann Lee; Bo Ray"),
        ("BY ANN LEE", "ANN LEE"),
        ("By: Žana Kovač & J. R. O’Neil Jr.", "Žana Kovač; J. R. O’Neil Jr."),
        ("Words by Ann Lee, staff writer", "Ann Lee"),
        ("By Anna von Holt, Northwire", "Anna von Holt"),
        ("By Ann Lee in Oslo", "Ann Lee"),
        ("By Northwire", "Northwire"),
    ],
)
def test_a_byline_names_its_authors(line: str, expected: str) -> None:
    assert byline(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "By night the harbour sleeps",
        "By 2030",
        "By Tuesday it stopped.",
        "By Tuesday the water had gone.",
        "By Ann Lee?",
        "Bystanders saw Ann Lee",
        "By",
        "By Ann " + "Lee " * 40,
    ],
)
def test_a_line_that_only_begins_like_a_byline_names_nobody(line: str) -> None:
    assert byline(line) is None


@pytest.mark.parametrize(
    ("paragraph", "publisher", "published"),
    [
        ("OSLO, March 20, 2025 (Northwire) — The pier is shut.", "Northwire", "2025-03-20"),
        ("OSLO, 20 March 2025 (Northwire) - The pier is shut.", "Northwire", "2025-03-20"),
        ("PORT HAVEN, March 20. /NORDNYT/. The pier is shut.", "NORDNYT", None),
        ("SÃO TOMÉ (Wire & Co.) – The pier is shut.", "Wire & Co.", None),
        ("The pier (Northwire) is shut.", None, None),
        ("OSLO (Northwire) is a good read.", None, None),
        ("OSLO, March 20, 2025 — The pier is shut.", None, None),
    ],
)
def test_a_dateline_names_agency_and_day(paragraph: str, publisher: str | None, published: str | None) -> None:
    assert dateline(paragraph) == Stated(publisher=publisher, published=published)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("read more in our Telegram-channel https://t.me/Some_Desk", "Some Desk"),
        ("Follow our page: facebook.com/the.desk.", "the.desk"),
        ("Join our channel t.me/@north_desk!", "north desk"),
        ("Read it at https://t.me/Some_Desk", None),
        ("Join our chat https://t.me/joinchat/AbCdEf", None),
        ("Watch our film: https://www.youtube.com/watch?v=AbCdEf", None),
        ("Join our group facebook.com/groups/1234567", None),
    ],
)
def test_a_plug_tells_whose_channel_it_is(line: str, expected: str | None) -> None:
    assert channel_owner(line) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Published on:", "published"), (" AUTHORS ", "author"), ("Source :", "publisher"), ("Update", None), ("", None)],
)
def test_a_label_stands_for_a_field(text: str, expected: str | None) -> None:
    assert label(text) == expected


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("title", " Pier shut ", Stated(title="Pier shut")),
        ("published", "2025.03.19 / 19:50", Stated(published="2025-03-19")),
        ("published", "Updated 19 March 2025", Stated(published="2025-03-19")),
        ("updated", "19 March 2025", Stated(updated="2025-03-19")),
        ("published", "March 2025", None),
        ("author", "Ann Lee and Bo Ray", Stated(author="Ann Lee; Bo Ray")),
        ("author", "Desk.example", Stated(author="Desk.example", publisher="Desk.example")),
        ("publisher", "The Gazette", Stated(publisher="The Gazette")),
        ("publisher", "https://desk.example/a", Stated(url="https://desk.example/a")),
        ("url", "https://desk.example/a", Stated(url="https://desk.example/a")),
        ("url", "javascript:alert(1)", None),
        ("title", "  ", None),
        ("title", "x" * 301, None),
    ],
)
def test_a_labelled_value_counts_where_it_can_be_of_that_field(field: str, value: str, expected: Stated | None) -> None:
    assert labelled(field, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("Desk.example", True), ("www.desk-north.example", True), ("Ann Lee", False), ("A. Lee", False), ("Lee", False)],
)
def test_a_site_is_told_from_a_person(value: str, expected: bool) -> None:
    assert is_site(value) is expected


@pytest.mark.parametrize("value", ["https://a.example/x?y=1#z", " http://a.example ", "HTTPS://a.example"])
def test_a_web_address_is_kept(value: str) -> None:
    assert web_address(value) == value.strip()


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//a.example",
        "https://",
        "https://a.example/ x",
        'https://a.example/"onload="x',
        "https://a.example/<script>",
        "javascript:x//https://a.example",
        "https://a.example\njavascript:x",
    ],
)
def test_nothing_else_becomes_a_link(value: str | None) -> None:
    assert web_address(value) is None
