"""The verifier on minimal pairs of finetune/readings that nothing was trained on: what passes, true ones and twins.

    python -m scripts.verify_readings [--pairs 900] [--seed 1] [--from DIR] [--show]

The pairs are free paraphrases, harder than the gold pairs, and none of them is a test: a place to see which class
of wording goes wrong, and to mend it. `--from` names a folder with OpenStax modules and MedQuAD; without one only
the pairs on the booklets are read. `--show` prints every twin that passed, beside the sentence that it was made from.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path

from finetune.data.splits import split_of
from finetune.reading import find_passage, read_library, read_others, read_reading_rows
from models.embedder import load_embedder
from rag.verify import load_verifier
from settings import load_settings


def main() -> None:
    """Draw, verify, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=900)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="place", type=Path)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    settings = load_settings()
    embedder = load_embedder(settings)
    texts = read_library(settings, embedder)
    texts |= read_others(arguments.place) if arguments.place else {}
    found = [
        (row, text, pair)
        for row in read_reading_rows()
        if split_of(row.id) != "train"  # the proofreader learnt from those
        if (text := find_passage(row, texts))
        for pair in row.pairs
    ]
    random.Random(arguments.seed).shuffle(found)
    verifier = load_verifier(settings, embedder)
    passed: Counter[str] = Counter()
    pairs = found[: arguments.pairs]
    for row, text, (said, twin) in pairs:
        right = verifier.verify(said, text, row.section).supported
        wrong = verifier.verify(twin, text, row.section)
        passed.update(said=right, twin=wrong.supported)
        if wrong.supported and arguments.show:
            print(f"{row.id}\n  passed: {twin}\n  made of: {said}\n  quoted: {wrong.quote}")
    share = passed["said"] / max(1, passed.total())
    print(
        f"{len(pairs)} pairs: {passed['said']} true sentences and {passed['twin']} twins pass; "
        f"of what passes {share:.1%} is said by the page"
    )


if __name__ == "__main__":
    main()
