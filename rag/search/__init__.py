"""What a search stands on: scores, choice, the evidence gate. The public face is rag/retrieve.py."""
