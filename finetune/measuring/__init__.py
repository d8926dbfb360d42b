"""What an evaluation stands on. The public face is finetune/evaluate.py."""
