"""What llama.cpp reads, written. The public face is finetune/export.py."""
