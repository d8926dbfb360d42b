"""Our road measured beside the usual LangChain stack; `make bench` runs it."""
