"""Errors whose message is meant for the user."""

import errno
import re

_FULL = "Free some space, or set YTCAT_BUILD to a folder on another disk."
_ELSEWHERE = "Choose a folder that you may write to; YTCAT_BUILD=FOLDER is where all that is generated goes."
_REMEDIES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: "Raise the limit on the size of a file (ulimit -f), or choose another disk.",
    errno.EROFS: _ELSEWHERE,
    errno.EACCES: _ELSEWHERE,
    errno.EPERM: _ELSEWHERE,
    errno.ENOENT: "Check the name, and that the folder above it exists.",
    errno.ENOTDIR: "A part of this path is a file: choose another folder.",
    errno.EEXIST: "Something else has this name: move it away, or choose another name.",
    errno.EISDIR: "Give the name of a file.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.EMFILE: "Raise the limit on open files (ulimit -n).",
    errno.ENOMEM: "Close other programs, or use a smaller profile.",
}


class YtcatError(Exception):
    """An error that the user can correct; the message names the cause and the remedy."""

    def _render_traceback_(self) -> list[str]:
        """What Jupyter shows: the message, without the lines of code that have led to it."""
        return [f"error: {self}"]


def sentence(error: OSError) -> str:
    """An error of the operating system as a sentence that names the file and the remedy."""
    reason = error.strerror or str(error) or type(error).__name__
    # The name under which `atomic_files` writes is not the user's.
    name = re.sub(r"(^|/)\.([^/]+)\.[0-9a-f]{12}\.tmp(?=/|$)", r"\1\2", str(error.filename or ""))
    name = f"{name}: " if name else ""
    return f"{name}{reason.rstrip('.')}. {_REMEDIES.get(error.errno, '')}".rstrip()
