"""The rules of the servers' reader (cava-toml 0.5.0), a text for each: our reader is held to them, and they
to the real one.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.carbonops.wso2.plugins.module_utils._toml.reader import Moment

# What the server takes and we don't, in the words of the refusal: rare, and better declined than guessed at.
STRICTER = re.compile(
    r"a date stands in brackets|is something else than a table that can be added to|\\ud800, which is no escape"
    r"|more than 100 deep inside each other"
)


def nested_tables(depth: int) -> t.Any:
    """1 in tables called a, so many inside each other."""
    return {"a": nested_tables(depth - 1)} if depth else 1


def nested_arrays(depth: int) -> t.Any:
    """1 in so many arrays."""
    return [nested_arrays(depth - 1)] if depth else 1


# What it takes, and what it reads there.
TAKEN = {
    "x = []\n": {"x": []},
    "x = [[], []]\n\ny = 1\n": {"x": [[], []], "y": 1},
    "x = [1,]\ny = 2\n": {"x": [1], "y": 2},
    "x = [\n# c\n1, # d\n2 # e\n]\n": {"x": [1, 2]},
    "x = [[1], ['a']]\n": {"x": [[1], ["a"]]},
    "x = {a = [1]}\n": {"x": {"a": [1]}},
    "a.b.c = 1\na.b.d = 2\n": {"a": {"b": {"c": 1, "d": 2}}},
    "[a]\nb.c = 1\n[a.b.d]\nx = 1\n": {"a": {"b": {"c": 1, "d": {"x": 1}}}},
    "[[a]]\n[a.b]\nx = 1\n[[a]]\n[a.b]\ny = 1\n": {"a": [{"b": {"x": 1}}, {"b": {"y": 1}}]},
    "[ a . 'b.c' ]\nx = 1\n": {"a": {"b.c": {"x": 1}}},
    "x = 0xFF\ny = 0o17\nz = 0b11\n": {"x": 255, "y": 15, "z": 3},
    "x = +1_000\ny = -1.5e3\n": {"x": 1000, "y": -1500.0},
    "x = 0e-400\n": {"x": 0.0},
    'x = """\na\\\n   b\r\n"""\n': {"x": "a\n   b\n"},
    "x = '''\n'a\tb\\'''\n": {"x": "'a\tb\\"},
    'x = "\\u00e9\\U0001F600\\t\\"\\\\"\n': {"x": '\u00e9\U0001f600\t"\\'},
    "# \x00 caf\udce9 \x0c\x85\u2028\nx = 1 # \x01\r\n": {"x": 1},
    "x = true\r\ny = false": {"x": True, "y": False},
    "x = 1979-05-27 07:32:00.5 # c\n": {"x": Moment("1979-05-27 07:32:00.5")},
    "x = 07:32:00\n": {"x": Moment("07:32:00")},
    f"{'.'.join('a' * 100)} = 1\n": nested_tables(100),
    f"[{'.'.join('a' * 50)}]\n{'.'.join('a' * 50)} = 1\n": nested_tables(100),
    f"x = {'{a = ' * 99}1{'}' * 99}\n": {"x": nested_tables(99)},
    f"x = {'[' * 99}1{']' * 99}\n": {"x": nested_arrays(99)},
}

# What it does not take, with line and column; "valid" where TOML's own readers take it.
REFUSED = {
    "x = {a = []}\n": ("an array in an inline table is empty or ends in a comma.*line 1, column 10", "valid"),
    "x = {a = [1,]}\n": (
        "an array in an inline table is empty or ends in a comma.*line 1, column 10",
        "valid",
    ),
    "x = [[], []]\ny = 1\n": ("inside a value; put an empty line here.*line 2, column 1", "valid"),
    "x = [[],]\ny = 1\n": ("inside a value; put an empty line here.*line 2, column 1", "valid"),
    "x = [1, 2.0]\n": ("more than one type.*line 1, column 9", "valid"),
    "x = [1\n, 2]\n": (
        "'\\]' was expected, or ',' on the line of the value before it.*line 2, column 1",
        "valid",
    ),
    "[a.b]\n[a]\n": (
        "\\[a\\] is there already or stands after something inside it.*line 2, column 1",
        "valid",
    ),
    "[[a.b]]\n[a]\n": (
        "\\[a\\] is there already or stands after something inside it.*line 2, column 1",
        "valid",
    ),
    "'a\"b' = 1\n": ("a key holds a quote.*line 1, column 1", "valid"),
    'x = "a\tb"\n': ("not closed, or holds a character.*line 1, column 5", "valid"),
    'x = """a""""\n': ("the line should end here.*line 1, column 12", "valid"),
    "x = 1e05\n": ("the line should end here.*line 1, column 8", "valid"),
    "x = 1979-05-27T07:32:00z\n": ("the line should end here.*line 1, column 24", "valid"),
    "x = [1979-05-27]\n": ("a date stands in brackets.*line 1, column 6", "valid"),
    "x = 9223372036854775808\n": ("a number is too large.*line 1, column 5", "valid"),
    "x = 1e400\n": ("a number is too large or too small.*line 1, column 5", "valid"),
    "\ufeffx = 1\n": ("byte order mark.*line 1, column 1", ""),
    "x = 1\nx = 2\n": ("x is there already.*line 2, column 1", ""),
    "[a]\n[a]\n": ("\\[a\\] is there already.*line 2, column 1", ""),
    "a = []\n[[a]]\n": ("\\[\\[a\\]\\] is something else already.*line 2, column 1", ""),
    "a = {b = 1}\n[a.c]\n": ("a is something else than a table that can be added to.*line 2, column 1", ""),
    "a = 1\na.b = 2\n": ("a is something else than a table that can be added to.*line 2, column 1", ""),
    "x = {a = 1,}\n": ("a key was expected.*line 1, column 12", ""),
    "x = {a = 1\n}\n": ("'}' was expected.*line 1, column 11", ""),
    "x = [1\n": ("'\\]' was expected.*line 2, column 1", ""),
    "x = \n": ("a value was expected.*line 1, column 5", ""),
    "x = True\n": ("a value was expected.*line 1, column 5", ""),
    "x = 1 y = 2\n": ("the line should end here.*line 1, column 7", ""),
    "[a\n": ("'\\]' was expected.*line 1, column 3", ""),
    "[]\n": ("a key was expected.*line 1, column 2", ""),
    "x\n": ("'=' was expected.*line 1, column 2", ""),
    'x = "a\n': ("not closed.*line 1, column 5", ""),
    'x = """a\n': ("not closed.*line 1, column 5", ""),
    'x = "\\q"\n': ("\\\\q, which is no escape sequence.*line 1, column 5", ""),
    'x = "\\ud800"\n': ("\\\\ud800, which is no escape sequence.*line 1, column 5", ""),
    'x = """a\tb"""\n': ("not closed, or holds a character.*line 1, column 5", "valid"),
    "x = 24:00:00\n": ("a date or time is not valid.*line 1, column 5", ""),
    "x = 1979-02-30\n": ("a date or time is not valid.*line 1, column 5", ""),
    "x = 1\x0c\n": ("the line should end here.*line 1, column 6", ""),
    "x = 1\r": ("the line should end here.*line 1, column 6", ""),
    f"x = {'1' * 5000}\n": ("a number is too large.*line 1, column 5", ""),
    # The server's reader ends with a stack overflow where these are 1000 deep.
    f"x = {'[' * 1000}1{']' * 1000}\n": ("more than 100 deep inside each other.*line 1, column 104", ""),
    f"x = {'{a = ' * 1000}1{'}' * 1000}\n": ("more than 100 deep inside each other.*line 1, column 501", ""),
    f"{'.'.join('a' * 1000)} = 1\n": ("more than 100 deep inside each other.*line 1, column 1", "valid"),
    f"[x]\n[{'.'.join('a' * 1000)}]\n": ("more than 100 deep inside each other.*line 2, column 1", "valid"),
    f"[{'.'.join('a' * 60)}]\n{'.'.join('a' * 60)} = 1\n": (
        "more than 100 deep inside each other.*line 2",
        "valid",
    ),
}
