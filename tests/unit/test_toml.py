"""The reader of deployment.toml: what a server takes, no more and no less, and where each statement
stands."""

from __future__ import annotations

import math
import tomllib

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.reader import Reader, TomlError
from hypothesis import given, settings
from hypothesis import strategies as st
from support.toml_rules import REFUSED, TAKEN
from support.toml_statements import files


def valid(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


@pytest.mark.parametrize("text", TAKEN)
def test_what_a_server_takes_is_read(text: str) -> None:
    assert Reader(text).data == TAKEN[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_a_server_does_not_take_is_refused_with_line_and_column(text: str) -> None:
    sentence, standard = REFUSED[text]
    with pytest.raises(TomlError, match=sentence):
        Reader(text)
    assert valid(text) is bool(standard)


@settings(max_examples=300, deadline=None)
@given(files())
def test_what_is_read_means_what_the_standard_says(text: str) -> None:
    try:
        read = Reader(text).data
    except TomlError:
        return
    if valid(text):
        assert as_standard(read) == as_standard(tomllib.loads(text))


def as_standard(value: object) -> object:
    """Without what the readers differ in: the types of dates, line ends and what a backslash before one does,
    the value that differs from itself.
    """
    if isinstance(value, dict):
        return {key: as_standard(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_standard(inner) for inner in value]
    if isinstance(value, str):
        return "".join(value.split())
    return (
        value
        if isinstance(value, (bool, int)) or (isinstance(value, float) and not math.isnan(value))
        else "date or nan"
    )


@settings(max_examples=300, deadline=None)
@given(files())
def test_the_statements_with_what_is_between_them_are_the_text(text: str) -> None:
    try:
        statements = Reader(text).statements
    except TomlError:
        return
    end = 0
    for statement in statements:
        between = text[end : statement.start]
        assert all(
            not line.strip(" \t\r") or line.lstrip(" \t").startswith("#") for line in between.split("\n")
        )
        assert statement.end == len(text) or text[statement.end - 1] == "\n"
        end = statement.end
    assert Reader(text[end:]).statements == []


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="a.=[]{}\"'#\\\n\r\t ,1-:e\ufeff\x00\u00e9", max_size=30))
def test_any_text_is_read_or_refused_in_one_sentence(text: str) -> None:
    try:
        Reader(text)
    except TomlError as refused:
        assert "(at line " in str(refused) and "\n" not in str(refused)
