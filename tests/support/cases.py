"""Texts for the table of cases: the same in every run."""

from __future__ import annotations


def plain(text: str, **names: object) -> str:
    """The text on one line, each value replaced by its name in capitals: ``plain(message, home=folder, port=9444)``."""
    for name, value in sorted(names.items(), key=lambda item: -len(str(item[1]))):
        text = text.replace(str(value), name.upper())
    return " ".join(text.split())
