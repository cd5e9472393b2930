#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: carbon_server
short_description: Start, stop or restart a Carbon server and wait until it is ready
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Starts, stops or restarts the server of a carbon home by its own script (C(api-manager.sh), C(api-cp.sh),
    C(gateway.sh), C(traffic-manager.sh), C(key-manager.sh) or C(wso2server.sh)) or by the systemd service
    that runs it, on its port offset, and waits until it is ready.
  - A restart loses nothing. The script is given again what it was given before, with the E(JAVA_OPTS) and
    E(JVM_MEM_OPTS) of then and the variables that C(deployment.toml) names; RV(carried_over) tells it. Where
    that cannot be seen, nothing is stopped.
  - Nothing is started past what would start it again. A server is stopped and started by the service in whose
    control group it is, whatever its name; where a supervisor, a user's own systemd or a container runs it,
    it is not stopped.
  - Ready means that the server's own process owns the HTTPS port and gives the expected answers there. A line
    in a log or an exit code
    proves nothing with these servers.
  - The server is a process that runs a JDK's C(java), names the home and the kernel's bootstrap class on its
    command line, sees this very folder there, and belongs to the owner of the home or of its
    C(repository/logs), to root, to the user of O(systemd_unit) or of a unit that starts it from that home, or
    to the user who runs this. A pid file tells nothing, as it outlives its process. Where a process may not
    be looked into, as by a container's root without CAP_SYS_PTRACE, its user and command line count.
  - Works on Linux, as the user who owns the home (use C(become_user)); with O(systemd_unit) as root.
    Root never runs the start script of another user; in check mode that is a warning.
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
      - V(ready) waits for a server that was started before, by O(wait=false) or otherwise, and never starts,
        stops or restarts one. Where the server is gone again, it fails and tells why the boot did, as
        V(started) does. In check mode it waits for nothing, as a start before it was only foreseen.
    type: str
    choices: [started, ready, stopped, restarted]
    default: started
  wait:
    description:
      - Whether to wait until the server is ready.
      - With V(false), a start ends once the server's process is there, so that other servers can be started
        meanwhile, and a server that runs already is not asked. A later task with O(state=ready) waits for it.
      - A stop, also that of a restart, always waits until the process is gone.
    type: bool
    default: true
  port_offset:
    description:
      - Goes to the start command as C(-DportOffset), unless C(offset) in the C([server]) table of
        C(deployment.toml) says the same. Where it is not given, a server stays where it runs, and one that
        does not run goes by C(deployment.toml).
      - Of a server that a systemd unit starts, the offset that the unit is expected to give. Where it gives
        another one, nothing is stopped or started.
    type: int
  port_offset_in:
    description:
      - Whether the start command gives O(port_offset), or C(deployment.toml) says it, or will by then.
    type: str
    choices: [command, file]
    default: command
  systemd_unit:
    description:
      - The systemd service that runs the server, with or without C(.service). It is started and stopped in
        place of the script, on the JDK
        that it names. A server that the script has started is restarted by it.
      - Without it, the service that runs the server, or that is enabled or active and starts it from its
        home's C(bin), and else the script.
    type: str
  by_script:
    description:
      - Have the script run the server, and never a systemd unit. A unit that runs it is stopped, unless it is
        enabled and so would start it again.
    type: bool
    default: false
  unit_is_ours:
    description:
      - Whether O(systemd_unit) is written before this by the same play, so that in check mode what it says
        does not count yet.
    type: bool
    default: false
  start_arguments:
    description:
      - What the script is given besides the port offset when it starts a server that does not run, such as
        C(-Dprofile=gateway-worker). One that runs keeps its own when it is restarted.
    type: list
    elements: str
    default: []
  restart:
    description:
      - With V(never) nothing is started or stopped, and nothing waited for; RV(restart_required) and a
        warning tell what would have to be.
    type: str
    choices: [now, never]
    default: now
  restart_if_newer:
    description:
      - Files that the server reads only when it starts, relative to the home or absolute. If one has changed
        since the process began,
        the server is restarted. So a run that ended between a change and the restart is made good by the next
        one.
    type: list
    elements: path
    default: []
  restart_if:
    description:
      - Restart a running server for a change that O(restart_if_newer) does not show, like one that is only
        planned in check mode.
    type: bool
    default: false
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

- name: Start API Manager without waiting, so that both boot at the same time
  carbonops.wso2.carbon_server:
    carbon_home: /opt/wso2am-4.5.0
    wait: false

- name: Wait until API Manager is ready
  carbonops.wso2.carbon_server:
    carbon_home: /opt/wso2am-4.5.0
    state: ready

- name: Tell whether a gateway has to be restarted, and leave that to others
  carbonops.wso2.carbon_server:
    carbon_home: /opt/wso2am-acp-4.5.0
    restart: never
    restart_if_newer:
      - repository/resources/security/client-truststore.jks
  register: gateway

- name: Stop Identity Server 7
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
restart_due:
  description: With O(state=ready), whether O(state=started) would restart the server; RV(reason) says why.
  type: bool
  returned: success
  sample: false
restart_required:
  description:
    - With O(restart=never), the server that has to be started, stopped or restarted by somebody else.
  type: list
  elements: dict
  returned: success
  contains:
    server:
      description: Its carbon home.
      type: str
    since:
      description: Since when it runs, UTC. None where it does not.
      type: str
    newer:
      description: What of O(restart_if_newer) has changed since then.
      type: list
      elements: str
    reason:
      description: Why.
      type: str
carried_over:
  description:
    - The arguments that a restarted server has as before, secrets left out, and the names of the variables.
  type: list
  elements: str
  returned: success
  sample: [-Dprofile=gateway-worker, JVM_MEM_OPTS]
process:
  description: A text that no other process has, before or after it; of the server, if it runs.
  type: str
  returned: success
  sample: "4711:1234567"
pid:
  description: The server's process, if it runs.
  type: int
  returned: success
  sample: 4711
ready:
  description: Whether the server was waited for until it was ready. False where nobody waited.
  type: bool
  returned: success
  sample: true
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
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.carry_out import carry_out
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.home import CarbonHome
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.plan import Asked
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.ready import Ready
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.server import CarbonServer
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.systemd import unit_named
from ansible_collections.carbonops.wso2.plugins.module_utils._files.lock import only_run_in
from ansible_collections.carbonops.wso2.plugins.module_utils._files.replace import os_error_advice
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem


def work(module: AnsibleModule) -> dict[str, object]:
    """Bring the server to its state. Raises Problem, OSError."""
    options = module.params
    ready = Ready((options["ready_path"],), options["ready_status"]) if options["ready_path"] else None
    home, unit = CarbonHome(options["carbon_home"]), unit_named(options["systemd_unit"], module.run_command)
    server = CarbonServer(
        home,
        options["java_home"],
        ready,
        options["timeout"],
        unit,
        find_unit=lambda name: unit_named(name, module.run_command),
        by_script=options["by_script"],
        offset_in_file=options["port_offset_in"] == "file",
        unit_is_planned=options["unit_is_ours"] and module.check_mode,
        start_arguments=options["start_arguments"],
    )
    asked = Asked(
        state=options["state"],
        port_offset=options["port_offset"],
        unit=unit.name if unit else None,
        boot_files=tuple(options["restart_if_newer"]),
        restart_if=options["restart_if"],
        wait=options["wait"],
        may_restart=options["restart"] == "now",
    )
    alone = only_run_in(home.path, 2 * options["timeout"])
    with contextlib.nullcontext() if module.check_mode or not asked.may_restart else alone:
        return carry_out(server, asked, module.check_mode)


def run(module: AnsibleModule) -> dict[str, object]:
    """The module's result. Raises Problem."""
    begun = time.monotonic()
    try:
        result = work(module)
    except TimeoutError as exc:
        doing = f"Working on {module.params['carbon_home']} was not tried"
        raise Problem(doing, *os_error_advice(exc)) from exc
    except PermissionError as exc:
        advice = "run as the user that owns the home (use become_user)"
        raise Problem(f"Looking into {exc.filename} failed", str(exc.strerror), advice) from exc
    return {"seconds": round(time.monotonic() - begun, 1), **result}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "carbon_home": {"type": "path", "required": True},
            "state": {
                "type": "str",
                "choices": ["started", "ready", "stopped", "restarted"],
                "default": "started",
            },
            "wait": {"type": "bool", "default": True},
            "port_offset": {"type": "int"},
            "port_offset_in": {"type": "str", "choices": ["command", "file"], "default": "command"},
            "systemd_unit": {"type": "str"},
            "by_script": {"type": "bool", "default": False},
            "unit_is_ours": {"type": "bool", "default": False},
            "start_arguments": {"type": "list", "elements": "str", "default": []},
            "restart": {"type": "str", "choices": ["now", "never"], "default": "now"},
            "restart_if_newer": {"type": "list", "elements": "path", "default": []},
            "restart_if": {"type": "bool", "default": False},
            "java_home": {"type": "path"},
            "ready_path": {"type": "str"},
            "ready_status": {"type": "int", "default": 200},
            "timeout": {"type": "float", "default": 300},
        },
        mutually_exclusive=[("systemd_unit", "by_script")],
        supports_check_mode=True,
    )
    finish(module, lambda: run(module))


if __name__ == "__main__":
    main()
