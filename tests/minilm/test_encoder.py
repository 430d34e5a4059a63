"""The packed encoder: the same states as those of transformers, however texts are packed."""

import pytest
import torch
from torch import Tensor
from transformers import BertModel

from index.minilm import FOLDER, WEIGHTS
from index.minilm.encoder import CLS, HIDDEN, LAYERS, SEP, Encoder, fast_encoder, load_weights, pack, tokenizer

TEXTS = [
    "",
    "Rain.",
    "The drone fell into the harbour on Tuesday; nobody was hurt, said Zoë Ångström of the “Harbour Board”.",
    "Who? 👩‍👩‍👧 中文。",
    " ".join(f"On day {number} the board voted again to dredge the channel." for number in range(30)),
]
IDS = [[CLS, *tokenizer().encode(text, add_special_tokens=False).ids, SEP] for text in TEXTS]


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    return load_weights(WEIGHTS)


@pytest.fixture(scope="module")
def encoder(weights: dict[str, Tensor]) -> Encoder:
    return Encoder(weights, torch.float32)


@pytest.fixture(scope="module")
def bert() -> BertModel:
    # What was loaded is not in training: nothing is dropped out.
    found: BertModel = BertModel.from_pretrained(
        str(FOLDER), attn_implementation="eager", dtype=torch.float32, local_files_only=True
    )
    assert not found.training
    return found


def by_bert(bert: BertModel, ids: list[int], segments: list[int] | None = None) -> Tensor:
    kinds = torch.tensor([segments or [0] * len(ids)])
    with torch.inference_mode():
        found: Tensor = bert(
            input_ids=torch.tensor([ids]), token_type_ids=kinds, attention_mask=torch.ones(1, len(ids))
        ).last_hidden_state[0]
    return found


def by_us(encoder: Encoder, ids: list[list[int]], segments: list[list[int]] | None = None) -> list[Tensor]:
    batch = pack(ids, segments)
    with torch.inference_mode():
        states = encoder.states(batch)
    return [states[start : start + length] for start, length in zip(batch.starts, batch.lengths, strict=True)]


@pytest.mark.parametrize("ids", IDS, ids=lambda ids: f"{len(ids)} tokens")
def test_the_states_of_a_text_alone_are_those_of_transformers(
    ids: list[int], encoder: Encoder, bert: BertModel
) -> None:
    (found,) = by_us(encoder, [ids])
    torch.testing.assert_close(found, by_bert(bert, ids), atol=1e-4, rtol=0)


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 2, 4, 1]], ids=str)
def test_the_states_of_texts_packed_together_are_those_of_transformers(
    order: list[int], encoder: Encoder, bert: BertModel
) -> None:
    for number, found in zip(order, by_us(encoder, [IDS[number] for number in order]), strict=True):
        torch.testing.assert_close(found, by_bert(bert, IDS[number]), atol=1e-4, rtol=0)


def test_segments_are_those_of_transformers(encoder: Encoder, bert: BertModel) -> None:
    rows = [[*IDS[1], *IDS[2][1:]], IDS[2]]
    segments = [[0] * len(IDS[1]) + [1] * (len(IDS[2]) - 1), [1] * len(IDS[2])]
    for ids, kinds, found in zip(rows, segments, by_us(encoder, rows, segments), strict=True):
        torch.testing.assert_close(found, by_bert(bert, ids, kinds), atol=1e-4, rtol=0)
        assert (found - by_bert(bert, ids)).abs().max() > 0.01


@pytest.mark.parametrize("count", [62, 63, 64, 65, 126, 128])
def test_texts_that_fill_the_row_to_the_last_token_have_the_right_states(
    count: int, encoder: Encoder, bert: BertModel
) -> None:
    long = IDS[4][: count - 5]
    for ids, found in zip([long, IDS[4][:5]], by_us(encoder, [long, IDS[4][:5]]), strict=True):
        torch.testing.assert_close(found, by_bert(bert, ids), atol=1e-4, rtol=0)


def test_packed_texts_lie_end_to_end_and_every_token_counts_its_place_from_its_text() -> None:
    batch = pack([[101, 7, 102], [101, 102]], [[0, 1, 1], [0, 1]])
    assert (batch.starts, batch.lengths) == ((0, 3), (3, 2))
    assert batch.ids[:5].tolist() == [101, 7, 102, 101, 102]
    assert batch.positions[:5].tolist() == [0, 1, 2, 0, 1]
    assert batch.segments[:5].tolist() == [0, 1, 1, 0, 1]


def test_tokens_laid_side_by_side_and_packed_again_are_where_they_were(encoder: Encoder) -> None:
    batch = pack(IDS)
    total = sum(batch.lengths)
    x = torch.arange(len(batch.ids), dtype=torch.float32)[:, None]
    assert encoder.gather(encoder.spread(x, batch), batch)[:total].equal(x[:total])


def test_attention_sees_the_tokens_of_its_text_and_no_others() -> None:
    batch = pack(IDS)
    seen = (batch.mask[:, 0, 0] == 0).sum(1)
    assert seen.tolist() == [len(ids) for ids in IDS]


def test_the_weights_are_those_of_the_six_layers_with_their_projections_joined(weights: dict[str, Tensor]) -> None:
    joined = [name for name in weights if name.endswith("qkv.weight")]
    assert len(joined) == LAYERS
    assert {tuple(weights[name].shape) for name in joined} == {(3 * HIDDEN, HIDDEN)}
    assert {weight.dtype for weight in weights.values()} == {torch.float32}
    assert not any("query" in name or "pooler" in name for name in weights)


def test_the_tokenizer_cuts_nothing_off_and_adds_no_padding() -> None:
    short, long = tokenizer().encode_batch(["Rain.", "harbour " * 1000], add_special_tokens=False)
    assert short.tokens == ["rain", "."]
    assert len(long.ids) == 1000
    whole = tokenizer().encode("Rain.").ids
    assert (whole[0], whole[-1]) == (CLS, SEP)


def test_the_fast_arithmetic_gives_nearly_the_same_states(weights: dict[str, Tensor], encoder: Encoder) -> None:
    fast = by_us(fast_encoder(weights), IDS)
    for found, exact in zip(fast, by_us(encoder, IDS), strict=True):
        assert torch.cosine_similarity(found.float(), exact).min() > 0.99
