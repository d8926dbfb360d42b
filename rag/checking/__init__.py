"""What the verifier stands on: a sentence laid over a passage. The public face is rag/verify.py."""
