"""The document's own picture on this machine:

API Manager on 9443, IS 7 on 9444, wired together by the collection.
"""

from __future__ import annotations

import shutil
import subprocess

from testbed.homes import APIM, IS7, Home, lay_out_both

from . import environment as env

FOLDER = env.STATE / "demo"
INVENTORY = FOLDER / "inventory.yml"

_INVENTORY = """---
is7:
  hosts:
    identity-server:
  vars:
    is7_home: {is7}
apim:
  hosts:
    api-manager:
  vars:
    apim_home: {apim}
all:
  vars:
    ansible_connection: local
    ansible_python_interpreter: {python}
"""


def prepare() -> None:
    """Have the environment and the two homes, not started."""
    env.require_programs()
    env.MAIN.require_python_packages(env.RUN)
    env.MAIN.install_collection()
    with env.step("Laying out the two homes (the first time, WSO2's jars come from Maven Central: 200 MB)"):
        is7, apim = lay_out_both(env.CACHE, FOLDER)
        INVENTORY.write_text(_INVENTORY.format(is7=is7.path, apim=apim.path, python=env.MAIN.bin / "python"))


def start() -> int:
    """Carry out the document with one playbook, and leave the servers running."""
    prepare()
    with env.step("Carrying out the document: ansible-playbook carbonops.wso2.site"):
        done = playbook("site")
    if done:
        return done
    print(
        "\nBoth servers go on running:\n"
        "  API Manager          https://localhost:9443\n"
        "  Identity Server 7    https://localhost:9444\n"
        f"  inventory            {INVENTORY.relative_to(env.REPOSITORY)}\n"
        "Run './dev demo' again to see that nothing changes, './dev demo remove' to take it all back,"
        " './dev demo stop' to end them."
    )
    return 0


def playbook(name: str, *arguments: str) -> int:
    """Run one of the collection's playbooks on the demo's inventory."""
    command = [
        str(env.MAIN.bin / "ansible-playbook"),
        "-i",
        str(INVENTORY),
        f"carbonops.wso2.{name}",
        *arguments,
    ]
    return subprocess.run(command, env=env.MAIN.variables(), cwd=env.REPOSITORY, check=False).returncode


def check() -> int:
    """Show what carrying out the document would change."""
    prepare()
    return playbook("site", "--check", "--diff")


def verify() -> int:
    """The proof alone."""
    prepare()
    return playbook("verify")


def remove() -> int:
    """Take back what the collection did."""
    prepare()
    return playbook("remove")


def stop() -> int:
    """End both servers and clear their homes away."""
    for product in (APIM, IS7):
        Home(product, FOLDER / product.folder).stop()
    shutil.rmtree(FOLDER, ignore_errors=True)
    print("The demo's servers are stopped and their homes are gone.")
    return 0
