"""What is article and what is the page around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.intake.furniture import divide, is_paragraph, is_prose
from index.intake.lines import Unit, units
from index.intake.metadata import Stated
from index.intake.text import read_text
from index.types import Span

FIRST = "The northern pier will stay shut until the end of May, harbour chief Ines Okafor told reporters on Wednesday."
SECOND = '"No, the date has not changed," she said when Northwire asked.'
THIRD = "Okafor and the ferry companies met on March 18, 2025, to agree on a timetable for the repair of the pier."
STORY = f"{FIRST}\n{SECOND}\n{THIRD}"
PARAGRAPHS = [FIRST, SECOND, THIRD]

PAGE = f"""Harbour

Home page Harbour
12 pt 14 pt 16 pt
Pier to stay shut until May

Pier to stay shut until May

{FIRST}

{SECOND}

{THIRD}

Date
2025.03.19 / 19:50
Author
Northdesk.example
See also

Ferry line drops its night crossing

Two trawlers freed after a week in the ice

Who paid for the old lighthouse?

Island school gets 3.5 mln crowns

N. Quay to be widened - Video

Herring prices up by a third

Storm takes the roof off a boathouse

Harbour board names its new auditor

Tug runs aground on day 12 of the strike

Swimmers warned of the cold

Latest
Limanın arxivi Bağla
Bizə yazın Bağla
Xəbər lenti
"""

LINES = st.sampled_from(
    [*PARAGRAPHS, "", "Pier to stay shut", "See also", "Date", "2025.03.19", "By Ann Lee", "Photo: Northwire",
     "12 pt 14 pt 16 pt", "Home page", "Share", "- item", "Follow our channel t.me/desk", "© Desk", "x",
     "港口今天关闭了，无人机坠落在码头上。"]
)  # fmt: skip

WORDLESS = st.text(st.characters(codec="utf-8", exclude_categories=["N"]), max_size=20)


def read(text: str) -> tuple[list[str], Stated]:
    body, stated = read_text(text, 0)
    return [span.of(text) for span in body], stated


@pytest.mark.parametrize(
    "caption",
    ["Harbour chief Ines Okafor.", "Harbour chief Ines Okafor at the northern pier.", "The pier, seen on Monday."],
)
def test_an_agency_story_is_read_without_caption_credit_and_plug(caption: str) -> None:
    plug = "read more in our Telegram-channel https://t.me/Some_Desk"
    assert read(f"{caption}\nPhoto: Northwire\n{STORY}\n{plug}\n") == (PARAGRAPHS, Stated(publisher="Some Desk"))


def test_a_copied_web_page_is_read_without_the_page() -> None:
    body, stated = read(PAGE)
    assert body == PARAGRAPHS
    assert stated == Stated(
        title="Pier to stay shut until May",
        author="Northdesk.example",
        publisher="Northdesk.example",
        published="2025-03-19",
    )


def test_a_plain_story_is_all_article_and_states_nothing() -> None:
    assert read(STORY) == (PARAGRAPHS, Stated())


@pytest.mark.parametrize(
    "text", ["Ropes in the rain\nand a gull on the rail\nnobody rows", "- tar\n- rope\n- nails\n- a lamp", "Buy rope"]
)
def test_a_text_without_a_sentence_is_all_article(text: str) -> None:
    assert read(text) == (text.split("\n"), Stated())


@pytest.mark.parametrize(
    "line",
    [
        "Photo: Northwire",
        "PHOTO: ANN LEE/NORTHWIRE",
        "Photo by Ann Lee",
        "Photograph courtesy of the harbour board",
        "Image credit: Northwire",
        "© Northdesk 2025",
        "All rights reserved.",
        "We use cookies to make this site work.",
        "12 pt 14 pt 16 pt 18 pt",
        "12 14 16",
        "A A+ A-",
        "Share",
        "Facebook Twitter WhatsApp",
        "Share this article on Facebook | X | Telegram",
        "Harbour > Ferries > Piers",
        "Home » Harbour",
        "Follow us on Telegram",
        "Subscribe to our newsletter",
        "Sign up to our newsletter and get the best of the harbour in your inbox every morning.",
        "For more news, join our channel: https://t.me/Some_Desk",
        "Advertisement",
        "Skip to content",
        "Sign in",
    ],
)
@pytest.mark.parametrize("place", ["top", "middle", "end"])
def test_a_line_that_names_itself_is_furniture_wherever_it_stands(line: str, place: str) -> None:
    at = {"top": 0, "middle": 1, "end": 3}[place]
    body, stated = read("\n".join([*PARAGRAPHS[:at], line, *PARAGRAPHS[at:]]))
    assert body == PARAGRAPHS
    assert (stated.title, stated.author, stated.published) == (None, None, None)


@pytest.mark.parametrize(
    "sentence",
    [
        "For more than ten years our town has had no ferry.",
        "Follow our rules, the captain told the new crew.",
        "Join us or leave, the union told the dockers.",
        "Get the boats out, our harbour is on fire, she cried.",
        "Copyright lawyers met in Oslo to debate the new rules.",
        "Privacy policy is the weak point of the bill, he said.",
        "Terms of service were changed on Monday by the bank.",
        "Images by radar and sonar showed the hull on the sand.",
        "Photo by photo, the archive of the port went online.",
        "Home is where the boat is, the old sailor said.",
        "Latest figures show that fewer ships call.",
        "See also the harbour, the mayor told them.",
        "By Tuesday the water had gone.",
        "She left.",
        "12 ships, 14 tugs and 16 barges were counted.",
    ],
)
def test_a_sentence_is_article_though_it_begins_like_furniture(sentence: str) -> None:
    assert read(f"{FIRST}\n{sentence}\n{THIRD}")[0] == [FIRST, sentence, THIRD]


@pytest.mark.parametrize("sentence", ["By Tuesday it stopped.", "She left.", "Nobody asked.", "“No.”"])
def test_a_short_last_sentence_is_article(sentence: str) -> None:
    assert read(f"{STORY}\n{sentence}") == ([*PARAGRAPHS, sentence], Stated())


def test_a_credit_below_a_paragraph_leaves_the_paragraph_in() -> None:
    assert read(f"{FIRST}\n{SECOND}\nPhoto: Northwire\n{THIRD}")[0] == PARAGRAPHS


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("Pier shut until May", Stated(title="Pier shut until May")),
        ("Harbour\nPier shut until May", Stated(title="Pier shut until May")),
        ("Pier\nPier shut until May\nPier", Stated(title="Pier")),
        ("Pier shut until May\nBy Ann Lee", Stated(title="Pier shut until May", author="Ann Lee")),
        ("By Ann Lee\nPier shut until May", Stated(title="Pier shut until May", author="Ann Lee")),
        ("Pier shut until May\n19 March 2025", Stated(title="Pier shut until May", published="2025-03-19")),
        ("Pier shut until May\nUpdated: 20 March 2025", Stated(title="Pier shut until May", updated="2025-03-20")),
        (
            "Pier shut until May\nBy Ann Lee | 19 March 2025",
            Stated(title="Pier shut until May", author="Ann Lee", published="2025-03-19"),
        ),
        (
            "Pier shut until May\nBy Ann Lee | 19 March 2025 | The Gazette",
            Stated(title="Pier shut until May", author="Ann Lee", published="2025-03-19", publisher="The Gazette"),
        ),
        (
            "Pier shut until May\nBy Ann Lee • 19 March 2025 • 4 min read",
            Stated(title="Pier shut until May", author="Ann Lee", published="2025-03-19"),
        ),
        ("Title: Pier shut\nSource: The Gazette", Stated(title="Pier shut", publisher="The Gazette")),
        ("Pier shut until May\nURL: javascript:alert(1)", Stated(title="Pier shut until May")),
        ("Pier shut until May\nPublished: 03/04/2025", Stated(title="Pier shut until May")),
        ("Pier shut until May\nMarch 18", Stated(title="Pier shut until May")),
        ("Home prices fall again", Stated(title="Home prices fall again")),
        ("Main road to the pier reopens", Stated(title="Main road to the pier reopens")),
        ("Who shut the pier?", Stated(title="Who shut the pier?")),
        ("Pier shut, says Ann Lee", Stated(title="Pier shut, says Ann Lee")),
    ],
)
def test_the_head_is_read_for_what_it_states_and_left_out(head: str, expected: Stated) -> None:
    assert read(f"{head}\n\n{STORY}") == (PARAGRAPHS, expected)


def test_the_title_is_left_out_where_it_is_repeated() -> None:
    body, stated = read(f"Pier shut until May\n{FIRST}\nPIER SHUT UNTIL MAY\n{SECOND}\n{THIRD}\nPier shut until May")
    assert (body, stated) == (PARAGRAPHS, Stated(title="Pier shut until May"))


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("Date\n2025.03.19 / 19:50", Stated(published="2025-03-19")),
        ("Author: Ann Lee", Stated(author="Ann Lee")),
        ("Source\nThe Gazette", Stated(publisher="The Gazette")),
        ("By Ann Lee", Stated(author="Ann Lee")),
        ("19 March 2025", Stated(published="2025-03-19")),
        ("Original: https://gazette.example/pier", Stated(url="https://gazette.example/pier")),
    ],
)
def test_what_stands_below_a_story_is_read_and_left_out(tail: str, expected: Stated) -> None:
    assert read(f"{STORY}\n{tail}") == (PARAGRAPHS, expected)


def test_a_labelled_publisher_comes_before_the_owner_of_a_channel() -> None:
    text = f"{STORY}\nFollow our channel https://t.me/Some_Desk\nSource: The Gazette"
    assert read(text) == (PARAGRAPHS, Stated(publisher="The Gazette"))


def test_a_label_above_a_paragraph_leaves_the_paragraph_in() -> None:
    assert read(f"Source\n{STORY}")[0] == PARAGRAPHS


@pytest.mark.parametrize("day", ["on 19 March 2025", "on 2025-03-19", "on March 19"])
def test_the_day_of_an_event_is_no_day_of_publication(day: str) -> None:
    text = f"Pier shut until May\n\nThe harbour board decided {day} to shut the northern pier.\n{SECOND}"
    assert read(text)[1] == Stated(title="Pier shut until May")


@pytest.mark.parametrize("heading", ["See also", "LATEST", "Related news:", "Most read »", "You may also like"])
def test_headlines_under_the_heading_of_a_list_are_left_out(heading: str) -> None:
    assert read(f"{STORY}\n{heading}\nFerry line drops a crossing\nWho paid for the lamp?\nX")[0] == PARAGRAPHS


def test_the_story_goes_on_behind_a_list_in_its_middle() -> None:
    assert read(f"{FIRST}\nRead more\nFerry line drops a crossing\n{THIRD}")[0] == [FIRST, THIRD]


def test_a_short_sentence_behind_a_list_in_the_middle_is_article() -> None:
    text = f"{FIRST}\nRead more\nFerry line drops a crossing\n{SECOND}\n{THIRD}"
    assert read(text)[0] == PARAGRAPHS


@pytest.mark.parametrize(("count", "left"), [(2, 2), (3, 0), (10, 0)])
def test_three_headlines_or_more_that_end_a_text_are_left_out(count: int, left: int) -> None:
    headlines = [f"Ferry {number} drops its night crossing" for number in range(count)]
    assert read("\n".join([STORY, *headlines]))[0] == PARAGRAPHS + headlines[:left]


def test_a_list_is_article_also_where_it_begins_or_ends_a_text() -> None:
    items = ["- tar and rope", "- nails", "- a lamp", "4. two oars"]
    assert read("\n".join([*items, STORY, *items])) == ([*items, *PARAGRAPHS, *items], Stated())


def test_a_story_in_a_script_without_spaces_is_article() -> None:
    text = "港口关闭\n港口今天关闭了，无人机坠落在码头上。\n渔民们说，他们从未见过这样的事情。"
    body, stated = read(text)
    assert body == text.split("\n")[1:]
    assert stated == Stated(title="港口关闭")


@pytest.mark.parametrize(
    ("words", "prose", "paragraph"),
    [
        ("The pier is shut", False, False),
        ("The pier is shut.", False, False),
        ("The pier is shut now.", True, False),
        ("“The pier is shut now,”", True, False),
        ("word " * 11 + "end.", True, True),
        ("word " * 24, False, False),
        ("word " * 25, True, True),
        ("港口今天关闭了，无人机坠落在码头上。", True, True),
    ],
)
def test_a_sentence_is_told_by_its_length_and_its_end(words: str, prose: bool, paragraph: bool) -> None:
    unit = Unit(Span(0, len(words)), words)
    assert (is_prose(unit), is_paragraph(unit)) == (prose, paragraph)
    heading = Unit(Span(0, len(words)), words, heading=True)
    assert not is_prose(heading)
    assert not is_paragraph(heading)


@pytest.mark.parametrize(
    "line",
    [
        "1" * 5000 + "!",
        "11 a" * 3000 + "!",
        "A-" * 5000 + "!",
        "Home " + "a-" * 5000 + "!",
        "a " * 5 + "> a" * 5000 + "!",
    ],
    ids=["digits", "sizes", "letters", "menu", "breadcrumb"],
)
def test_an_endless_line_is_judged_all_the_same(line: str) -> None:
    assert read(f"{FIRST}\n{line}\n{THIRD}")[0] == [FIRST, line, THIRD]


@given(st.lists(st.one_of(LINES, WORDLESS), max_size=14).map("\n".join))
def test_the_body_is_made_of_whole_units_in_order(text: str) -> None:
    found = units(text)
    body, stated = divide(found)
    assert list(body) == [unit.span for unit in found if unit.span in set(body)]
    assert stated.published in (None, "2025-03-19")


@given(st.lists(st.sampled_from(PARAGRAPHS), min_size=1, max_size=8))
def test_no_paragraph_is_lost(paragraphs: list[str]) -> None:
    assert read("\n\n".join(paragraphs)) == (paragraphs, Stated())
