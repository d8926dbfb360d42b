"""The parts of an answer: excerpts, quotes, notes, limits, tone. rag/answer.py puts them in order."""
