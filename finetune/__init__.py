"""The training road: row → example → tokens and loss mask → adapter → report → gate."""

import os

import models  # noqa: F401  (how torch's threads wait is set there, before torch is imported)

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # training data is nobody else's business
