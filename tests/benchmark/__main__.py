"""Run by ./dev bench, in the main environment."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tools import environment as env

from . import runs
from .figures import ratios, spread

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, runs.beds(Path(folder)) as made:
        with env.step("From nothing"):
            found = runs.from_nothing(made, 1)
            for name, samples in found.items():
                print(name, samples)
        with env.step("Second run"):
            found = runs.second_run(made, int(sys.argv[1]))
            for name, samples in found.items():
                print(name, spread([s.seconds for s in samples]), samples[-1].counts,
                      ratios([s.seconds for s in samples], [s.seconds for s in found[runs.PEER]]))
