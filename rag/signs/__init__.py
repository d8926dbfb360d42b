"""What triage stands on: a message read for danger signs. The public face is rag/triage.py."""
