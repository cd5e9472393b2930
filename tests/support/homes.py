"""Carbon homes for tests that need no server: folders that say what a product's say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def carbon_home(
    folder: Path, toml: str | None = "", defaults: dict[str, Any] | None = None, scripts: tuple[str, ...] = ()
) -> Path:
    """Lay out a home with this deployment.toml, product defaults and start scripts."""
    for part in ("bin", "repository/conf", "repository/resources/conf", "repository/resources/security"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    if toml is not None:
        (folder / "repository/conf/deployment.toml").write_text(toml)
    if defaults is not None:
        (folder / "repository/resources/conf/default.json").write_text(json.dumps(defaults))
    for script in scripts:
        (folder / "bin" / script).touch()
    return folder


def security(home: Path) -> Path:
    """The folder of its stores."""
    return home / "repository/resources/security"
