# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module says that has keytool read a store."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  java_home:
    description:
      - The JDK whose C(keytool) is used. By default that of E(JAVA_HOME), then the one on the E(PATH).
    type: path
requirements:
  - a JDK on the managed host
"""
