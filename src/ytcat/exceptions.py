"""The one base of all errors that are meant to be read by people."""


class YtcatError(Exception):
    """Something the user can mend; the message names what is wrong and how to mend it."""
