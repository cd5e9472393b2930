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
    except (ValueError, RecursionError):  # a TOMLDecodeError, or one of its own limits
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


@pytest.mark.parametrize("begin", ["x = ", "x = [", "[[a]]\nx = ", "x = {y = "])
@pytest.mark.parametrize("what", ["[", "{a = ", "[{a = [", "{a.b.c.d.e = "])
def test_what_is_nested_without_end_is_refused_in_one_sentence(begin: str, what: str) -> None:
    with pytest.raises(
        TomlError, match=r"^tables, keys or arrays stand more than 100 deep .*line \d, column \d+\)\.$"
    ):
        Reader(begin + what * 100000)


def test_a_files_own_names_are_shown_short_and_without_what_steers_a_terminal() -> None:
    with pytest.raises(TomlError) as refused:
        Reader('"\\u001b[2Ja\\nb" = 1\n"\\u001b[2Ja\\nb" = 2\n')
    assert str(refused.value) == r"\x1b[2Ja\nb is there already (at line 2, column 1)."
    with pytest.raises(TomlError) as refused:
        Reader(f"{'k' * 1000} = 1\n" * 2)
    assert str(refused.value) == f"{'k' * 100}... is there already (at line 2, column 1)."
    with pytest.raises(TomlError, match=r"^a string holds \\\\x1b, which is no escape sequence"):
        Reader('x = "\\\x1b"\n')


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
