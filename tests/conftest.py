"""Every test runs with the network off, and with the project's own settings only."""

from __future__ import annotations

import pytest

import models  # noqa: F401  (how torch's threads wait is set there, before torch is imported)
from tests.offline import refuse_network


def pytest_configure(config: pytest.Config) -> None:
    refuse_network()
