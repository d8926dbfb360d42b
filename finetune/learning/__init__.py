"""What a training run stands on. The public face is finetune/train.py."""
