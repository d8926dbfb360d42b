"""The usual LangChain stack, as its tutorials build it: kept here to be measured against, only.

PyPDFLoader, a 1000/150 character splitter, MiniLM in float32 through HuggingFaceEmbeddings, FAISS.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from pathlib import Path

from models.embedder import load_embedder
from models.registry import find_model
from models.weights import find_weights
from rag.measure.evaluate import GoldQuestion
from scripts.bench.measures import K, Pages, Side, cpu_seconds, measure_search
from settings import Settings


def measure_peer(
    books: Sequence[Path], questions: Sequence[GoldQuestion], settings: Settings
) -> Side:
    """Read, split, embed and search with the peer; loading of programs and weights not counted."""
    warnings.filterwarnings("ignore")
    from langchain_community.document_loaders import PyPDFLoader
    from langchain_community.vectorstores import FAISS
    from langchain_core.documents import Document
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    folder = find_weights(find_model(settings.embedder, "embedder"), settings)
    embeddings = HuggingFaceEmbeddings(
        model_name=str(folder), model_kwargs={"device": "cpu", "local_files_only": True}
    )
    embeddings.embed_query("warm")
    start, cpu = time.perf_counter(), cpu_seconds()
    pages = [page for book in books for page in PyPDFLoader(str(book)).load()]
    read = time.perf_counter()
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=150)
    passages = splitter.split_documents(pages)
    split = time.perf_counter()
    store = FAISS.from_documents(passages, embeddings)
    done, cpu = time.perf_counter(), cpu_seconds() - cpu

    def place(found: Document) -> Pages:
        return frozenset({(Path(found.metadata["source"]).name, int(found.metadata["page"]) + 1)})

    def search(question: str) -> list[Pages]:
        return [place(found) for found in store.similarity_search(question, k=K)]

    milliseconds, recall = measure_search(search, questions)
    return Side(
        name="the usual LangChain stack",
        pages=len(pages),
        passages=len(passages),
        seconds={
            "read": round(read - start, 2),
            "split": round(split - read, 2),
            "embed": round(done - split, 2),
            "total": round(done - start, 2),
        },
        cpu_s=round(cpu, 1),
        search_ms=milliseconds,
        recall_at_5=recall,
    )


def describe_embedder(settings: Settings) -> str:
    """The embedder that both sides run."""
    embedder = load_embedder(settings)
    return f"{embedder.name} {embedder.revision}"
