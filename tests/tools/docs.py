"""Every plugin and role of the collection as ansible-doc shows it to a user; exits with 1 and says which
where one cannot be shown.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

COLLECTION = "carbonops.wso2"


def _ansible_doc(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(["ansible-doc", "--json", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr.strip(), file=sys.stderr)
        return {}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> int:
    bad = []
    for kind in ("module", "role"):
        listed = _ansible_doc("--list", "-t", kind, COLLECTION)
        shown = _ansible_doc("-t", kind, *listed) if listed else {}
        bad += [f"{kind} {name}" for name in listed if not shown.get(name) or "error" in shown[name]]
        if not listed:
            bad.append(f"any {kind}")
    if bad:
        print(f"ansible-doc does not show {', '.join(bad)}.", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
