"""The reader and the edits on what nobody would write: one sentence or an outcome, and never long."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from ansible_collections.carbonops.wso2.plugins.module_utils._is7.access_control import (
    Entry,
    plan_absent,
    plan_present,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.reader import TomlError
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.tables import put_key, take_key
from support.deployment_files import GROUPS, SNIPPETS
from support.toml_files import PIECES
from support.toml_rules import REFUSED, TAKEN

STANZA = Entry("(.*)/scim2/Me", "GET", True, True, (), ())
INPUTS = 10000
LIMIT = 1.0  # seconds of this process for one input; a median one takes less than a millisecond
SHORT = 400  # characters
CORPUS = [
    *PIECES,
    *TAKEN,
    *REFUSED,
    *SNIPPETS.values(),
    *(text for group in GROUPS.values() for text in group.files.values() if len(text) < SHORT),
]
BITS = [
    *"[]{}=.,\"'#\\\n\r\t -+_0123456789eaxbZ:$\x00\x1b\x7f\u00e9\u2028\udce9\ufeff", '"""', "'''", "[[", "]]", "\r\n",
    "[resource.access_control]\n", "[[resource]]\n", "[[resource.access_control]]\n", "resource.access_control = []\n",
    "server = {offset = 1}\n", "[server]\n", "[[server]]\n", "offset = 1\n", "server.offset = 1\n", "[server.offset]\n",
    'context = "(.*)/scim2/Me"\n', 'context = "((.*)*)*!"\n', 'http_method = "GET"\n', "http_method = {a = 1}\n",
    "[" * 150, "{a=" * 150, "a." * 150, "1" * 5000, "\\U00110000", "1979-05-27", "nan", "inf", "1e999", "[[],[]]",
]  # fmt: skip


def mutated(chance: random.Random) -> str:
    """One or two texts of the corpus, with a few pieces of it cut out, doubled, moved or put in."""
    text = "".join(chance.choice(CORPUS) for _number in range(chance.choice((0, 1, 1, 1, 2))))
    for _number in range(chance.randrange(6)):
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice((0, 0, 1, 3, 30)))
        put = chance.choice(("", chance.choice(BITS), chance.choice(BITS), text[at:end] * 2))
        text = text[:at] + put + text[end:]
    return text


EDITS: tuple[Callable[[Document], object], ...] = (
    lambda document: plan_present(document, STANZA, "first"),
    lambda document: plan_present(document, STANZA, "last"),
    lambda document: plan_absent(document, STANZA),
    lambda document: take_key(document, ("server", "offset")),
    lambda document: put_key(document, ("server", "offset"), 7),
)


def read_and_edited(text: str, edit: Callable[[Document], object]) -> bool:
    """Whether it could be read; a refusal is one short sentence that a terminal only shows."""
    try:
        document = Document(text)
    except TomlError as refused:
        assert_told(refused)
        return False
    try:
        edit(document)
    except Problem as refused:
        assert_told(refused)
    return True


def assert_told(refused: Problem) -> None:
    sentence = str(refused)
    assert sentence.endswith(".") and len(sentence) < 500
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in sentence)
    sentence.encode()


def test_whatever_the_text_it_is_edited_or_refused_in_one_sentence_and_at_once() -> None:
    chance = random.Random(20261126)
    read = 0
    for _number in range(INPUTS):
        text = mutated(chance)
        began = time.process_time()
        read += read_and_edited(text, chance.choice(EDITS))
        assert time.process_time() - began < LIMIT, text
    assert INPUTS / 10 < read < INPUTS * 9 / 10, "the corpus is too tame, or too wild"
