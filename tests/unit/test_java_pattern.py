"""What is said of a regular expression is what Java says of it."""

from __future__ import annotations

import base64
import random
import subprocess
from pathlib import Path

from ansible_collections.carbonops.wso2.plugins.module_utils._apim.java_pattern import fault_of
from testbed.maven import require_tool

PROGRAM = """
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.Base64;
import java.util.regex.*;

public class Compiles {
    public static void main(String[] arguments) throws Exception {
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            try {
                Pattern.compile(new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8));
                System.out.println(true);
            } catch (PatternSyntaxException e) {
                System.out.println(false);
            }
        }
    }
}
"""
REFUSED = (
    "[a-z", "(", "a)", "(a", "*", "a|*", "(+", "a**", "(?i)*", "a{2", "a{", "a{,3}", "a{2,1}", "\\", "\\j", "\\u12",
    "\\x", "[b-a]", "[\\b]", "(?P<n>a)", "(?<1>a)", "(?<n>a)(?<n>b)", "\\k<n>", "(?#c)", "(?", "[]", "[^]", "\\c",
    "\\0", "\\p{L", "[[a]", "\\Q(\\E(", "x{1}{", "\\E",
)  # fmt: skip
TAKEN = (
    "", "a", "[a-z]+", "^.*$", "a++", "a{2}?", "}", "]", "[]a]", "[^]a]", "[[a-c][x-z]]", "[a-]", "[-a]", "[\\d-z]",
    "\\Q[(\\E", "\\Q(", "\\\\Q", "\\x1\\Qb\\E", "(?i)a", "(?i:a)", "(?<n>a)\\k<n>", "(?<=a)b", "(?>a)", "\\p{L}+",
    "\\1", "\\-", "\\_", "|", "(|)", "^*", "https://[a-z.]+(?::9\\d{3})?/oauth2/token", "[a&&[b]]", "\U0001f600{2}",
    "(?x) a # (", "\\u0041\\x41\\x{1F600}\\t\\cA",
)  # fmt: skip
# What is put together at random; much of it is on one side of the border, or the other.
PIECES = [
    *"ab10()[]{}*+?|^$.-&, <>!:#ä\n", "\\", "\\\\", "{2}", "{2,1}", "{1,}", "&&", "(?:", "(?=", "(?<n>", "(?<", "(?<=",
    "(?i)", "(?", "(?>", "(?i:", "\\k<n>", "\\p{L}", "\\d", "\\Q", "\\E", "\\b", "\\u0041", "\\x41", "\\x", "\\j",
    "[a-z]", "[^", "\\N", "\\c", "\\-", "\\]", "[z-a]", "\U0001f600",
]  # fmt: skip


def compiles(folder: Path, expressions: list[str]) -> list[bool]:
    """Whether Java compiles them."""
    (folder / "Compiles.java").write_text(PROGRAM)
    lines = (base64.b64encode(expression.encode()).decode() for expression in expressions)
    (folder / "expressions").write_text("\n".join([*lines, ""]))
    command = [require_tool("java"), str(folder / "Compiles.java"), str(folder / "expressions")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line == "true" for line in done.stdout.splitlines()]


def test_nothing_is_refused_that_java_compiles_and_nearly_all_that_it_does_not(tmp_path: Path) -> None:
    chosen = random.Random(20261127)
    made = ["".join(chosen.choices(PIECES, k=chosen.randint(1, 7))) for _number in range(8000)]
    expressions = [*REFUSED, *TAKEN, *made]
    java = dict(zip(expressions, compiles(tmp_path, expressions), strict=True))
    assert [expression for expression in REFUSED if java[expression]] == []
    assert [expression for expression in TAKEN if not java[expression]] == []
    told = {expression: fault_of(expression) for expression in java}
    assert [expression for expression in REFUSED if told[expression] is None] == []
    assert {
        expression: told[expression] for expression in java if java[expression] and told[expression]
    } == {}
    faulty = [expression for expression, fits in java.items() if not fits]
    overlooked = [expression for expression in faulty if told[expression] is None]
    assert len(faulty) > 4000
    assert len(overlooked) < len(faulty) / 100
