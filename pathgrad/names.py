"""The names that a user of the command chooses from: small and capital letters are alike."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["chosen"]


def chosen(what: str, name: str, known: Iterable[str]) -> str:
    """The known name that is meant.

    Args:
        what: a word for what is chosen.
        name: the name as the user wrote it.
        known: all names, in small letters.

    Raises:
        LookupError: if there is none; it suggests the closest one.

    >>> chosen("optimizer", "Adam", ["sgd", "adam"])
    'adam'
    >>> chosen("optimizer", "adma", ["sgd", "adam"])
    Traceback (most recent call last):
    LookupError: there is no optimizer 'adma'; did you mean adam? Choose from sgd, adam
    """
    known = list(known)
    if name.lower() in known:
        return name.lower()
    close = get_close_matches(name.lower(), known, 1)
    hint = f"did you mean {close[0]}? Choose" if close else "choose"
    raise LookupError(f"there is no {what} {name!r}; {hint} from {', '.join(known)}")
