"""The starter library's workshop: Markdown in `corpus/source` → PDFs in `corpus/books`.

Roads: source.py reads, rules.py checks, typeset.py lays out, shelf.py writes; `__main__` is the
command. Knows nothing of ingest or the index: the PDFs and `library.toml` are all that leaves here.
"""
