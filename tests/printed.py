"""What `ytcat.slides` holds, for tests that nothing of it is left out."""

from collections.abc import Mapping

from ytcat import slides

IMPORTED = {"N_CATEGORIES"}


def public_names():
    """The names of its constants."""
    return sorted(name for name in vars(slides) if name.isupper() and name[0] != "_" and name not in IMPORTED)


def printed_texts():
    """Every text of its constants, however deep it is nested."""
    texts, waiting = set(), [getattr(slides, name) for name in public_names()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            texts.add(value)
        elif isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, tuple):
            waiting += value
    return texts - {""}
