"""What training the reranker stands on. The public face is finetune/rerank.py."""
