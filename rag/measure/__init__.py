"""The room measured and shown: gold questions, safety sets, batches. Behind `python -m rag`."""
