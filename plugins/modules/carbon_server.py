#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: carbon_server
short_description: A Carbon server process, started, stopped or restarted, and ready
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Starts, stops or restarts the server of a carbon home by its own script (C(api-manager.sh), C(api-cp.sh)
    or C(wso2server.sh)),
    on its port offset, and waits until it is ready.
  - Ready means that the server's own process owns the HTTPS port and gives the expected answers there. A line
    in a log or an exit code
    proves nothing with these servers.
  - The process is found by its command line, not by its pid file, which outlives it.
  - Works on Linux, as the user who owns the home (use C(become_user)); with O(systemd_unit) as root.
  - One run at a time works on a home; another one waits for it.
extends_documentation_fragment:
  - carbonops.wso2.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: V(restarted) restarts every time.
requirements:
  - the JDK that the server needs
options:
  carbon_home:
    description:
      - The folder that the product's archive was unpacked into.
    type: path
    required: true
  state:
    description:
      - V(started) starts a server that does not run, and waits for one that is still booting. One that runs
        on another offset than
        O(port_offset), was started before a change to O(restart_if_newer), or does not run by
        O(systemd_unit), is restarted.
    type: str
    choices: [started, stopped, restarted]
    default: started
  port_offset:
    description:
      - Goes to the start command as C(-DportOffset). Where it is not given, C(offset) in the C([server])
        table of C(deployment.toml) holds.
      - With O(systemd_unit), the offset that the unit's own command is expected to give.
    type: int
  systemd_unit:
    description:
      - The systemd service that runs the server, with or without C(.service). It is started and stopped in
        place of the script, on the JDK
        that it names. A server that the script has started is restarted by it.
      - Without it, a server that a service runs is known too; a restart ends it and starts it by the script.
    type: str
  restart_if_newer:
    description:
      - Files that the server reads only when it starts, relative to the home or absolute. If one has changed
        since the process began,
        the server is restarted. So a run that ended between a change and the restart is made good by the next
        one.
    type: list
    elements: path
    default: []
  java_home:
    description:
      - The JDK to run on, where the script starts the server. By default E(JAVA_HOME), then the JDK of the
        C(java) on the E(PATH).
    type: path
  ready_path:
    description:
      - A path that answers with O(ready_status) once the server is ready. By default the product's own health
        checks, of which each must answer.
    type: str
  ready_status:
    description:
      - The HTTP status that means ready.
    type: int
    default: 200
  timeout:
    description:
      - How long a start, and a stop, may take, in seconds.
    type: float
    default: 300
"""

EXAMPLES = r"""
- name: Start Identity Server 7 beside API Manager
  carbonops.wso2.carbon_server:
    carbon_home: /opt/wso2is-7.2.0
    port_offset: 1
    restart_if_newer:
      - repository/conf/deployment.toml
      - repository/resources/security/client-truststore.p12

- name: Stop it
  carbonops.wso2.carbon_server:
    carbon_home: /opt/wso2is-7.2.0
    state: stopped
"""

RETURN = r"""
action:
  description:
    - What was done, or would be in check mode. One of V(none), V(started), V(stopped) or V(restarted).
  type: str
  returned: success
  sample: restarted
reason:
  description: Why.
  type: str
  returned: success
  sample: repository/conf/deployment.toml is newer than the process
pid:
  description: The server's process, if it runs.
  type: int
  returned: success
  sample: 4711
https_port:
  description: Its HTTPS port.
  type: int
  returned: success
  sample: 9444
script:
  description: The start script of its home.
  type: str
  returned: success
  sample: /opt/wso2is-7.2.0/bin/wso2server.sh
java_home:
  description: The JDK that the script is given, or would be. None where there is none.
  type: str
  returned: success
  sample: /usr/lib/jvm/java-17-openjdk-amd64
seconds:
  description: How long it took.
  type: float
  returned: success
  sample: 21.4
log:
  description: The lines of its log and console that say why it failed.
  type: list
  elements: str
  returned: failure
"""

import contextlib
import os
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.home import CarbonHome
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.process import CarbonProcess
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.server import (
    CarbonServer,
    Ready,
    newer_than,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.systemd import SystemdUnit
from ansible_collections.carbonops.wso2.plugins.module_utils._files.lock import only_run_in
from ansible_collections.carbonops.wso2.plugins.module_utils._files.replace import os_error_advice
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem


def plan(module: AnsibleModule, server: CarbonServer, process: CarbonProcess | None) -> tuple[str, str]:
    """The action and why."""
    options = module.params
    if options["state"] == "stopped":
        return ("stopped", "it runs") if process else ("none", "it does not run")
    if process is None:
        return "started", "it does not run"
    if options["state"] == "restarted":
        return "restarted", "asked for"
    if server.unit and not server.runs_in_unit(process):
        return "restarted", f"it does not run by {server.unit.name}"
    offset = options["port_offset"]
    running = server.offset_of(process)
    if offset is not None and running != offset:
        return "restarted", f"it runs with port offset {running} instead of {offset}"
    newer = newer_than(server.home.path, options["restart_if_newer"], process.started_at)
    if newer:
        return "restarted", f"{', '.join(newer)} changed after the process began"
    return "none", "it runs"


def warn_of_another_owner(module: AnsibleModule, home: CarbonHome) -> None:
    owner = home.path.stat().st_uid
    if owner != os.geteuid():
        module.warn(
            f"{home.path} belongs to user id {owner}, but the server runs as {os.geteuid()}; its files"
            " become that user's. Use become_user."
        )


def find_port(module: AnsibleModule, home: CarbonHome, offset: int | None) -> int | None:
    """The HTTPS port with this offset, else with the configured one.

    A configuration that cannot be read is no reason not to stop the server.
    """
    try:
        return home.https_port(home.port_offset() if offset is None else offset)
    except Problem:
        if module.params["state"] == "stopped":
            return None
        raise


def carry_out(module: AnsibleModule, server: CarbonServer) -> dict[str, object]:
    """Plan, act, and tell. Raises Problem and Problem."""
    home = server.home
    offset = module.params["port_offset"]
    before = server.running()
    action, reason = plan(module, server, before)
    starts = action in ("started", "restarted")
    port_before = find_port(module, home, before.port_offset) if before else None
    port = port_before if before and not starts else find_port(module, home, offset)
    if starts and port is not None:
        server.refuse_start(port, before)
        if server.unit is None:
            warn_of_another_owner(module, home)
    after = before
    if not module.check_mode:
        if before and action in ("stopped", "restarted"):
            server.stop(before)
            after = None
        if starts:
            try:
                after = server.start(offset)
            except Problem as exc:
                if before:
                    raise Problem(
                        exc.doing,
                        exc.came_back,
                        f"{exc.advice}. The server that ran before had been stopped",
                        exc.facts,
                    ) from exc
                raise
        elif action == "none" and before and port:
            after = server.wait_ready(port)
    runs_after = starts or (before is not None and action == "none")
    return {
        "changed": action != "none",
        "action": action,
        "reason": reason,
        "pid": after.pid if after else None,
        "https_port": port,
        "script": str(home.path / "bin" / home.product().script),
        "java_home": server.java_home(),
        "diff": {
            "before": _line(before is not None, port_before),
            "after": _line(runs_after, port) + (f"restarted: {reason}\n" if action == "restarted" else ""),
        },
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "carbon_home": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["started", "stopped", "restarted"], "default": "started"},
            "port_offset": {"type": "int"},
            "systemd_unit": {"type": "str"},
            "restart_if_newer": {"type": "list", "elements": "path", "default": []},
            "java_home": {"type": "path"},
            "ready_path": {"type": "str"},
            "ready_status": {"type": "int", "default": 200},
            "timeout": {"type": "float", "default": 300},
        },
        supports_check_mode=True,
    )
    options = module.params
    begun = time.monotonic()

    def run(command: list[str]) -> tuple[int, str, str]:
        return module.run_command(command, environ_update={"LC_ALL": "C.UTF-8"})

    unit = SystemdUnit(options["systemd_unit"], run) if options["systemd_unit"] else None
    ready = Ready((options["ready_path"],), options["ready_status"]) if options["ready_path"] else None
    try:
        home = CarbonHome(options["carbon_home"])
        server = CarbonServer(home, options["java_home"], ready, options["timeout"], unit)
        with (
            contextlib.nullcontext() if module.check_mode else only_run_in(home.path, 2 * options["timeout"])
        ):
            result = carry_out(module, server)
    except Problem as exc:
        module.fail_json(msg=str(exc), **exc.facts)
    except TimeoutError as exc:
        came_back, advice = os_error_advice(exc)
        module.fail_json(msg=f"Working on {options['carbon_home']} was not tried: {came_back}; {advice}.")
    except PermissionError as exc:
        module.fail_json(
            msg=(
                f"Looking into {exc.filename} failed: {exc.strerror}; run as the user that owns the home"
                " (use become_user)."
            )
        )
    module.exit_json(seconds=round(time.monotonic() - begun, 1), **result)


def _line(runs: bool, port: int | None) -> str:
    if not runs:
        return "stopped\n"
    return "running\n" if port is None else f"running on port {port}\n"


if __name__ == "__main__":
    main()
