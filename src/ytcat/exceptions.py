"""The base class of errors whose message is meant for the user."""


class YtcatError(Exception):
    """An error that the user can correct; the message names the cause and the remedy."""
