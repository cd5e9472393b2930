#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: carbon_server
short_description: A Carbon server process, started, stopped or restarted, and ready
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Starts, stops or restarts the server of a carbon home by its own script (C(api-manager.sh), C(api-cp.sh) or C(wso2server.sh)),
    on its port offset, and waits until it is ready.
  - Ready means that the server's own process owns the HTTPS port and gives the expected answers there. A line in a log or an exit code
    proves nothing with these servers.
  - The process is found by its command line, not by its pid file, which outlives it.
  - Works on Linux, as the user who owns the home (use C(become_user)).
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
      - V(started) starts a server that does not run, and waits for one that is still booting. One that runs on another offset than
        O(port_offset), or was started before a change to O(restart_if_newer), is restarted.
    type: str
    choices: [started, stopped, restarted]
    default: started
  port_offset:
    description:
      - Goes to the start command as C(-DportOffset). Where it is not given, C(offset) in the C([server]) table of C(deployment.toml) holds.
    type: int
  restart_if_newer:
    description:
      - Files that the server reads only when it starts, relative to the home or absolute. If one has changed since the process began,
        the server is restarted. So a run that ended between a change and the restart is made good by the next one.
    type: list
    elements: path
    default: []
  java_home:
    description:
      - The JDK to run on. By default E(JAVA_HOME), then the JDK of the C(java) on the E(PATH).
    type: path
  ready_path:
    description:
      - A path that answers with O(ready_status) once the server is ready. By default the product's own health checks, of which each must answer.
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
  description: What was done, or would be in check mode. One of V(none), V(started), V(stopped) or V(restarted).
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

import os
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon import CarbonError, CarbonServer, Ready, newer_than
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon_home import CarbonHome, HomeError
from ansible_collections.carbonops.wso2.plugins.module_utils._process import CarbonProcess


def plan(module: AnsibleModule, server: CarbonServer, process: CarbonProcess | None) -> tuple[str, str]:
    """The action and why."""
    options = module.params
    if options["state"] == "stopped":
        return ("stopped", "it runs") if process else ("none", "it does not run")
    if process is None:
        return "started", "it does not run"
    if options["state"] == "restarted":
        return "restarted", "asked for"
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
        module.warn(f"{home.path} belongs to user id {owner}, but the server runs as {os.geteuid()}; its files become that user's. Use become_user.")


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "carbon_home": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["started", "stopped", "restarted"], "default": "started"},
            "port_offset": {"type": "int"},
            "restart_if_newer": {"type": "list", "elements": "path", "default": []},
            "java_home": {"type": "path"},
            "ready_path": {"type": "str"},
            "ready_status": {"type": "int", "default": 200},
            "timeout": {"type": "float", "default": 300},
        },
        supports_check_mode=True,
    )
    options = module.params
    offset = options["port_offset"]
    begun = time.monotonic()
    try:
        home = CarbonHome(options["carbon_home"])
        ready = Ready((options["ready_path"],), options["ready_status"]) if options["ready_path"] else None
        server = CarbonServer(home, options["java_home"], ready, options["timeout"])
        before = server.running()
        action, reason = plan(module, server, before)
        port_before = home.https_port(server.offset_of(before)) if before else None
        port = port_before
        if port is None or action in ("started", "restarted"):
            port = home.https_port(home.port_offset() if offset is None else offset)
        after = before
        if action in ("started", "restarted"):
            server.refuse_taken(port, before)
            warn_of_another_owner(module, home)
        if not module.check_mode:
            if before and action in ("stopped", "restarted"):
                server.stop(before)
                after = None
            if action in ("started", "restarted"):
                after = server.start(offset)
            elif action == "none" and before and port:
                after = server.wait_ready(port)
    except CarbonError as exc:
        module.fail_json(msg=str(exc), log=exc.log)
    except HomeError as exc:
        module.fail_json(msg=str(exc))

    runs_after = after is not None and action != "stopped" if not module.check_mode else action in ("started", "restarted") or (before and action == "none")
    module.exit_json(
        changed=action != "none",
        action=action,
        reason=reason,
        pid=after.pid if after else None,
        https_port=port,
        seconds=round(time.monotonic() - begun, 1),
        diff={"before": _line(port_before), "after": _line(port if runs_after else None) + (f"restarted: {reason}\n" if action == "restarted" else "")},
    )


def _line(port: int | None) -> str:
    return "stopped\n" if port is None else f"running on port {port}\n"


if __name__ == "__main__":
    main()
