"""The page: a masthead, a conversation of quote cards, a question box."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import gradio as gr

from index.settings import Settings
from ui import cards, words
from ui.conversation import EXAMPLES, Conversation, Shown

HERE = Path(__file__).parent
SERIF = ["Iowan Old Style", "Charter", "Source Serif 4", "Georgia", "DejaVu Serif", "serif"]
SANS = ["system-ui", "Segoe UI", "Helvetica Neue", "DejaVu Sans", "sans-serif"]


def looks() -> dict[str, Any]:
    """Return theme, style and script; fonts are those of the machine, and nothing is loaded from elsewhere."""
    theme = gr.themes.Base(font=SANS, font_mono=["ui-monospace", "DejaVu Sans Mono", "monospace"])
    return {
        "theme": theme,
        "css": (HERE / "style.css").read_text("utf-8").replace("SERIF", ", ".join(f'"{name}"' for name in SERIF[:-1])),
        "head": f"<script>{(HERE / 'page.js').read_text('utf-8')}</script>",
    }


def build_page(conversation: Conversation, settings: Settings) -> gr.Blocks:
    """Return the page over a conversation."""
    library = conversation.engine.library
    with gr.Blocks(title=f"{words.NAME} – {words.TAGLINE}", analytics_enabled=False, fill_height=True) as page:
        turns = gr.State([])
        gr.HTML(cards.masthead(library.searched, library.manifest.skipped), elem_id="masthead", padding=False)
        log = gr.HTML(cards.welcome(), elem_id="log", padding=False)
        # Filled once the page is open: to find questions that have an answer takes the model, and that takes seconds.
        with gr.Column(elem_id="examples") as examples:
            title = gr.HTML(f"<p>{words.EXAMPLES}</p>", padding=False, visible=False)
            chips = [gr.Button("", size="sm", visible=False) for _ in range(EXAMPLES)]
        with gr.Column(elem_id="composer"):
            question = gr.Textbox(
                placeholder=words.PLACEHOLDER,
                label=words.QUESTION,
                show_label=False,
                container=False,
                lines=1,
                max_lines=6,
                autofocus=True,
                submit_btn=words.ASK,
                elem_id="question",
            )
            with gr.Row(elem_id="tools"):
                quotes = gr.Slider(1, 10, value=min(settings.quotes, 10), step=1, label=words.QUOTES, elem_id="quotes")
                new = gr.Button(words.NEW, size="sm", elem_id="new")

        def ask(text: str, count: int, before: list[Shown]) -> Iterator[tuple[Any, ...]]:
            if not text.strip():
                yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
                return
            for after in conversation.ask(text, count, before):
                yield after, cards.conversation([turn.html for turn in after]), "", gr.update(visible=False)

        shown = [turns, log, question, examples]
        # A question typed while another is being answered waits for its turn.
        question.submit(ask, [question, quotes, turns], shown, show_progress="hidden", trigger_mode="multiple")
        for chip in chips:
            chip.click(ask, [chip, quotes, turns], shown, show_progress="hidden")
        new.click(lambda: ([], cards.welcome(), "", gr.update(visible=True)), None, shown, show_progress="hidden")
        page.load(lambda: _offered(conversation.examples), None, [title, *chips], show_progress="hidden")
    return cast(gr.Blocks, page)


def _offered(questions: Sequence[str]) -> list[Any]:
    empty = [gr.update(visible=False)] * (EXAMPLES - len(questions))
    return [gr.update(visible=bool(questions)), *(gr.update(value=q, visible=True) for q in questions), *empty]
