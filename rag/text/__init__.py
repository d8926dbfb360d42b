"""Text itself: sentences, spelling, patterns, what can't be read and what must not be logged."""
