"""What goes into the table of cases, and texts for it that are the same in every run."""

from __future__ import annotations

from collections.abc import Callable

# What the fixture of that name takes: part, case, what happened.
Happened = Callable[[str, str, str], None]


def plain(text: str, **names: object) -> str:
    """The text on one line, each value replaced by its name in capitals:

    ``plain(message, home=folder, port=9444)``.
    """
    for name, value in sorted(names.items(), key=lambda item: -len(str(item[1]))):
        text = text.replace(str(value), name.upper())
    return " ".join(text.split())
