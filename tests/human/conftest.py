"""A corpus to sit the experiment on."""

import numpy as np
import pytest

from simulated import corpus_of


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """200 videos; what people answer goes below a build folder of the test."""
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    return corpus_of(200)


@pytest.fixture
def part():
    """Every video is test."""
    return np.full(200, "test")
