"""Progress as a terminal, a pipe and a kernel show it."""

import os
import re
import subprocess
import sys

import pytest

STEP = """
import sys, time
from ytcat import progress
progress.SECONDS = progress.SECONDS_OF_BAR = 0.2
with progress.Progress("Reading", 4, " videos") as reading:
    for n in range(4):
        time.sleep(0.25)
        reading.add()
        progress.say(f"video {n}")
"""
CALL = """
import time
from ytcat import progress
progress.SECONDS = progress.SECONDS_OF_BAR = 0.1
with progress.Progress("Downloading"):
    time.sleep(0.5)
"""
UNSTEADY = STEP.replace('" videos")', '" videos", steady=False)')


def through_a_pipe(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | environment
    )


def in_a_terminal(code):
    pty = pytest.importorskip("pty", reason="pseudo-terminals are Unix's")
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0) as terminal:  # noqa: PTH123 - a descriptor
        process = subprocess.Popen([sys.executable, "-c", code], stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        try:
            while content := terminal.read(1000):
                shown += content
        except OSError:  # the other side is closed
            pass
        assert process.wait() == 0
    return shown.decode()


def test_through_a_pipe_there_are_lines_that_say_what_is_left():
    ran = through_a_pipe(STEP)
    lines = ran.stderr.splitlines()
    assert len(lines) >= 3
    assert all(re.fullmatch(r"Reading: \d of 4 videos, \d\d:\d\d passed, .+ left", line) for line in lines)
    assert "\r" not in ran.stderr
    assert ran.stdout.splitlines() == [f"video {n}" for n in range(4)]


def test_in_a_terminal_there_is_a_bar_that_is_wiped_out_and_lines_stand_above_it():
    shown = in_a_terminal(STEP)
    assert re.search(r"\rReading:  25%\|.+1/4 \[\d\d:\d\d<\d\d:\d\d", shown)
    # What a screen shows: behind the last carriage return of each line, blanks apart.
    screen = [line.rstrip("\r").rpartition("\r")[2].strip() for line in shown.split("\n")]
    assert [line for line in screen if line] == [f"video {n}" for n in range(4)]


def test_within_one_long_call_the_time_goes_on():
    assert len(through_a_pipe(CALL).stderr.splitlines()) >= 3
    assert in_a_terminal(CALL).count("Downloading: 00:00 passed") >= 3


def test_a_short_step_says_nothing_and_a_kernel_without_a_person_neither():
    assert through_a_pipe("from ytcat.progress import *\nwith Progress('Reading', 1): pass").stderr == ""
    assert through_a_pipe("import ipykernel\n" + CALL, JPY_SESSION_NAME="").stderr != ""
    code = "import os, ipykernel\nos.environ.pop('JPY_SESSION_NAME', None)\n" + CALL
    assert through_a_pipe(code).stderr == ""


def test_an_error_ends_the_progress():
    code = "from ytcat.progress import *\nwith Progress('Reading', 1): raise SystemExit('damaged')"
    with pytest.raises(subprocess.CalledProcessError) as raised:
        through_a_pipe(code)
    assert raised.value.stderr == "damaged\n"


def test_a_step_of_unequal_parts_does_not_tell_the_time_left():
    lines = through_a_pipe(UNSTEADY).stderr.splitlines()
    assert lines and all(re.fullmatch(r"Reading: \d of 4 videos, 00:0\d passed", line) for line in lines)
    shown = in_a_terminal(UNSTEADY)
    assert re.search(r"Reading:.*/4 \[00:0\d\]", shown) and "<" not in shown
