"""What an estimate stands on. The public face is finetune/estimate.py."""
