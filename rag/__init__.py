"""The end of the book road: a question in, an answer out whose every sentence was verified."""
