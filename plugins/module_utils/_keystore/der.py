# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: elements of DER, and of BER as far as PKCS#7 has it (X.690). Pure.

Time and depth are bounded whatever the bytes are: each element is passed over once a level. All of it raises
ValueError for anything else than whole elements.
"""

from __future__ import annotations

import typing as t

BOOLEAN, OBJECT_IDENTIFIER, SEQUENCE = 0x01, 0x06, 0x30
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
CONTEXT_0, CONTEXT_3 = 0xA0, 0xA3

_LONG_TAG = 0x1F  # tags of more than one byte, of which neither certificates nor PKCS#7 have any
_OPEN_LENGTH, _END_OF_CONTENTS = 0x80, b"\0\0"
_LONGEST_LENGTH = 4  # bytes
_DEEPEST = 32  # open lengths within each other


def children(content: bytes) -> t.Iterator[tuple[int, bytes]]:
    """The elements of a constructed value: tag and content."""
    at = 0
    while at < len(content):
        start, end, after = _extent(content, at)
        yield content[at], content[start:end]
        at = after


def count_children(content: bytes) -> int:
    """How many elements the one sequence holds."""
    return sum(1 for _child in children(first(content, SEQUENCE)))


def first(content: bytes, tag: int) -> bytes:
    """The content of the first element, which must have this tag; what follows it is not looked at."""
    start, end, _after = _extent(content, 0)
    if content[0] != tag:
        raise ValueError("unexpected tag")
    return content[start:end]


def first_whole(content: bytes) -> bytes:
    """The first element with its tag and length."""
    return content[: _extent(content, 0)[2]]


def encode(tag: int, content: bytes) -> bytes:
    """X.690, 8.1: tag, length, content."""
    length = len(content)
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([length]) if length < 0x80 else bytes([0x80 | len(size)]) + size) + content


def _extent(content: bytes, at: int) -> tuple[int, int, int]:
    """Where an element's content starts and ends, and where the next element starts."""
    start, length = _header(content, at)
    if length is not None:
        return start, start + length, start + length
    after = _after_open(content, start)
    return start, after - len(_END_OF_CONTENTS), after


def _after_open(content: bytes, start: int) -> int:
    """Where the element ends whose content starts here and whose length is open (X.690, 8.1.5)."""
    at, opened = start, 1
    while opened:
        if content[at : at + 2] == _END_OF_CONTENTS:
            opened, at = opened - 1, at + 2
            continue
        inner, length = _header(content, at)
        if length is None:
            opened += 1
        at = inner + (length or 0)
        if opened > _DEEPEST:
            raise ValueError("nested too deeply")
    return at


def _header(content: bytes, at: int) -> tuple[int, int | None]:
    """Where an element's content starts, and its length; None for an open one (X.690, 8.1.3)."""
    if at + 2 > len(content) or content[at] & _LONG_TAG == _LONG_TAG:
        raise ValueError("cut off, or a long tag")
    length, start = content[at + 1], at + 2
    if length == _OPEN_LENGTH:
        return start, None
    if length > _OPEN_LENGTH:
        size = length - _OPEN_LENGTH
        if size > _LONGEST_LENGTH:
            raise ValueError("a length that no file has")
        length = int.from_bytes(content[start : start + size], "big")
        start += size
    if start + length > len(content):
        raise ValueError("cut off")
    return start, length
