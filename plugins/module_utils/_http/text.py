# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: text from a server, made fit for a sentence. Pure."""

from __future__ import annotations

import base64
import html
import json
import typing as t
from urllib.parse import quote, quote_plus

MASK = "*****"
_LONGEST = 500
# Masking shorter ones would blank out half of every sentence and hide nothing that could not be guessed.
_SHORTEST_SECRET = 4
# Everybody knows these, and they stand in URLs, user names and file names.
_WELL_KNOWN = ("admin", "wso2carbon")


def told(value: t.Any, secrets: t.Iterable[str] = (), longest: int = _LONGEST) -> str:
    """What a server said, on one line: without the secrets, in printable characters, cut where it is long."""
    text = printable(masked(str(value), secrets))
    return text if len(text) <= longest else f"{text[:longest]}…"


def printable(text: str) -> str:
    """Line ends and tabs as blanks, whatever else could steer a terminal as its escape."""
    one_line = " ".join(text.split())
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in one_line)


def masked(text: str, secrets: t.Iterable[str]) -> str:
    """The text without the secrets, in any of the forms in which a server may repeat them."""
    forms = {form for secret in secrets if is_worth_masking(secret) for form in _forms(secret)}
    # The longest first: one form may hold another.
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, MASK)
    return text


def is_worth_masking(secret: str) -> bool:
    """Whether it is long enough, and not one that everybody knows."""
    return len(secret) >= _SHORTEST_SECRET and secret not in _WELL_KNOWN


def _forms(secret: str) -> t.Iterator[str]:
    """Plain, and as it stands in JSON, in URLs, in HTML and in base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield secret.strip() or secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield html.escape(secret)
    for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield quoted
        yield quoted.replace("%", "%25")
        yield _lower_escapes(quoted)
    for encoded in (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
        yield encoded
        yield encoded.rstrip("=")


def _lower_escapes(quoted: str) -> str:
    """``%C3%BC`` as ``%c3%bc``, which some servers write."""
    first, *others = quoted.split("%")
    return "%".join([first, *(other[:2].lower() + other[2:] for other in others)])
