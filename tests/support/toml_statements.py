"""Files of random statements, valid or not, that a server's reader and ours are to read alike."""

from __future__ import annotations

from hypothesis import strategies as st

_KEYS = st.sampled_from(["a", "b", "c1", "-_", "'q.r'", '"s t"'])
_PATHS = st.lists(_KEYS, min_size=1, max_size=3).flatmap(
    lambda keys: st.sampled_from([".", " . "]).map(lambda dot: dot.join(keys))
)
_NUMBERS = ("1", "-2", "+1_0", "0x1F", "0b10", "01", "1.5", "1e3", "1e05", "-0.0", "inf", "nan")
_STRINGS = (
    '"s"', "'l'", '"\\t\\u00e9"', '"\\q"', '"a\tb"', '""', "''", "'caf\u00e9'", "'\udce9'", '"$ref{a.b}"',
    '"[[a]]"', "'# no comment'",
    "'''m\n[[x]]\n'''", '"""\nm\\\n  # no comment"""', '"""\r\n"q""\r\n"""',
)  # fmt: skip
_SCALARS = st.sampled_from([*_NUMBERS, *_STRINGS, "true", "false", "True"])
_BLANKS = st.sampled_from(["", "", " ", "\t ", "  "])
_LINE_ENDS = st.sampled_from(
    ["\n", "\n", "\n", "\r\n", "\n\n", " # c\n", "# [[a]] \x01\udce9\r\n", "\n# \u2028\n", ""]
)


def _arrays(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    separators = st.sampled_from([",", ", ", ",\n  ", ", # c\n", ",\r\n", "\n,"])
    ends = st.sampled_from(["", "", "", ",", "\n", ",\n", " # c\n", " "])
    return st.tuples(st.lists(values, max_size=3), separators, ends).map(
        lambda parts: f"[{parts[1].join(parts[0])}{parts[2]}]"
    )


def _inline_tables(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(
        st.tuples(_PATHS, _BLANKS, values).map(lambda parts: f"{parts[0]}{parts[1]}={parts[1]}{parts[2]}"),
        max_size=3,
    )
    return pairs.map(lambda inner: f"{{{', '.join(inner)}}}")


_VALUES = st.recursive(_SCALARS, lambda values: _arrays(values) | _inline_tables(values), max_leaves=4)
_STATEMENTS = st.one_of(
    st.tuples(_BLANKS, _PATHS, _BLANKS, _VALUES).map(
        lambda parts: f"{parts[0]}{parts[1]}{parts[2]}={parts[2]}{parts[3]}"
    ),
    st.tuples(_BLANKS, _PATHS).map(lambda parts: f"{parts[0]}[{parts[1]}]"),
    st.tuples(_BLANKS, _PATHS).map(lambda parts: f"{parts[0]}[[{parts[1]}]]"),
    st.tuples(
        _PATHS,
        st.sampled_from(
            ["1979-05-27", "1979-05-27 07:32:00", "07:32:00", "1979-05-27T07:32:00.25+01:00", "1979-02-30"]
        ),
    ).map(" = ".join),
)


def files() -> st.SearchStrategy[str]:
    """Whole files."""
    return st.lists(st.tuples(_STATEMENTS, _LINE_ENDS).map("".join), max_size=6).map("".join)
