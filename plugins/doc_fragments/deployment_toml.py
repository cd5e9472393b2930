# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of every module that edits a deployment.toml."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  path:
    description:
      - The C(deployment.toml) to edit.
    type: path
  carbon_home:
    description:
      - The server's home; its C(repository/conf/deployment.toml) is edited.
    type: path
  unsafe_writes:
    description:
      - Write the file where it is if it cannot be replaced at once, as one that is a mount of its own or in a
        folder that may not be written to. Whoever reads it meanwhile may see half of it.
    type: bool
    default: false
  backup:
    description:
      - Keep a copy of the file beside it before changing it.
    type: bool
    default: false
notes:
  - The file is replaced whole or not at all, by one run at a time. Its mode, owner, access control list and
    SELinux context stay,
    and so does a symbolic link to it.
  - It is read exactly as the server reads it. What keeps a server from starting is refused with line and
    column.
"""
