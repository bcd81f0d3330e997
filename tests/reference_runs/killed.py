"""Records a tiny corpus again and again, each time killed before another change to the disk.

`python killed.py FOLDER`: FOLDER holds `build/` and `recorded/`. The recording that is killed before its n-th
change works on a copy of `recorded/` at `FOLDER/<n>/recorded`; the last one ends.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from tiny_runs import make_corpus
from ytcat import reference_runs
from ytcat.reference_runs import store

CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.copytree", "shutil.rmtree")


def record_until(number, place):
    """Record, and end this process just before its change of that number to a file or folder in `place`."""
    count = 0

    def hook(event, arguments):
        nonlocal count
        writes = event in CHANGES or (event == "open" and arguments[1] and "r" not in arguments[1])
        if writes and str(place) in str(arguments[0]):
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

    reference_runs.FOLDER = place / "recorded"
    sys.addaudithook(hook)
    store.record(make_corpus())


def main(folder):
    os.environ["YTCAT_BUILD"] = str(folder / "build")
    for number in range(1, 1_000):
        place = folder / str(number)
        shutil.copytree(folder / "recorded", place / "recorded")
        child = os.fork()  # imports once for all
        if child == 0:
            record_until(number, place)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            return os.waitstatus_to_exitcode(status)
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
