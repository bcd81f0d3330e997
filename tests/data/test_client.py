from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytcat.data.client import _seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), (" 120 ", 120), ("0", 0), ("", 0), ("soon", 0), ("-3", 0), ("1.5", 0), ("²", 0)],
)
def test_retry_after_in_seconds(header, seconds):
    assert _seconds(header) == seconds


@pytest.mark.parametrize("usegmt", [True, False])
def test_retry_after_as_a_date(usegmt):
    later = datetime.now(UTC) + timedelta(seconds=90)
    assert 85 < _seconds(format_datetime(later, usegmt)) <= 90
    assert _seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 0  # past
    assert 85 < _seconds(f"{later:%a %b %d %H:%M:%S %Y}") <= 90  # asctime, the oldest form


@given(st.text())
def test_retry_after_may_be_anything(header):
    assert _seconds(header) >= 0
