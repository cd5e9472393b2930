"""What a configuration and the defaults say together."""

from __future__ import annotations

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.settings import Settings

SETTINGS = Settings(
    "FILE",
    {
        "a": {
            "own": "file",
            "to": "$ref{b.c}-$ref{a.own}",
            "deep": "$ref{a.to}",
            "inf": float("inf"),
            "no": "$ref{x}",
        }
    },
    {"a.own": "first", "b.c": "first", "n": "7"},
    {"b.c": "second", "d": "second", "e": "$env{X}"},
)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("a.own", "file"), ("b.c", "first"), ("d", "second"), ("a.to", "first-file"), ("a.deep", "first-file"),
        ("a.own.more", None), ("none", None),
    ],
)  # fmt: skip
def test_the_file_beats_the_defaults_in_their_order_and_references_are_followed(
    key: str, value: object
) -> None:
    assert SETTINGS.value(key) == value


def test_a_number_may_be_written_as_a_string() -> None:
    assert (SETTINGS.number("n", 1), SETTINGS.number("none", 1)) == (7, 1)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("a.inf", "FILE gives a.inf as inf, which is not a number; correct it."),
        ("d", "FILE gives d as 'second', which is not a number; correct it."),
        ("a.no", "FILE gives a.no as $ref{x}, which it does not say; correct it."),
    ],
)
def test_a_value_that_is_no_number_is_refused(key: str, sentence: str) -> None:
    with pytest.raises(Problem) as refused:
        SETTINGS.number(key, 0)
    assert str(refused.value) == sentence


def test_what_only_the_server_can_see_is_refused_with_the_advice_given() -> None:
    with pytest.raises(
        Problem, match=r"^FILE takes e from \$env\{X\}, which only the server can see; give it\.$"
    ):
        SETTINGS.text("e", "give it")
    assert SETTINGS.text("none", "give it") is None


def test_references_that_multiply_are_refused_at_once() -> None:
    tables = {f"k{number}": f"$ref{{k{number + 1}}}" * 10 for number in range(20)}
    with pytest.raises(
        Problem, match=r"^FILE gives k\d+ as a value with more than 100 references in it; correct it"
    ):
        Settings("FILE", tables).value("k0")
    assert "$ref" in Settings("FILE", {"x": "a$ref{x}"}).value("x")
