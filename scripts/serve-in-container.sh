#!/bin/sh
# What the container does at each start: models, index, page. See Dockerfile.
set -eu

python -m models pull minilm
python -m models pull mpnet || echo "sentences are verified by rules alone, see above; try again: python -m models pull mpnet" >&2
python -m models pull "$LLAMA_MD_MODEL"
# A book that can't be read is named in the log and must not keep the others from being asked.
python -m ingest corpus/books /books || echo "some books were not read, see above" >&2
exec python -m app --host 0.0.0.0 --port 8501
