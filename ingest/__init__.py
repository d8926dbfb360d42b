"""The start of the book road: PDF → Page → Passage → index."""
