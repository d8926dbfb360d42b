"""The pages: each function draws one, from the session and the desk. No logic of `rag` in here."""
