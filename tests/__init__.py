"""Tests mirror the rooms; `tests.fakes` stands in for the models."""
