"""What preparing a public set stands on. The public faces are finetune/prepare.py and topics.py."""
