"""Command line of the test bed: up and down."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .homes import APIM, IS7, Home, lay_out_both
from .maven import TestbedError


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="./dev testbed",
        description="Homes of IS 7 and API Manager made of real WSO2 code, in a folder of your choice.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="lay both homes out, if they are not there, and start their servers")
    up.add_argument(
        "--offset",
        type=int,
        default=100,
        help="API Manager's port offset; IS 7 has the next one (default: 100)",
    )
    up.add_argument("--no-start", action="store_true", help="lay the homes out only")
    down = commands.add_parser("down", help="stop both servers; the homes stay")
    for command in (up, down):
        command.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    folder = options.folder.resolve()
    try:
        if options.command == "down":
            for product in (APIM, IS7):
                Home(product, folder / product.folder).stop()
            return 0
        is7, apim = lay_out_both(options.cache.resolve(), folder)
        print(f"IS 7:        {is7.path}\nAPI Manager: {apim.path}")
        if not options.no_start:
            for home, offset in ((is7, options.offset + 1), (apim, options.offset)):
                if home.pid() is None:
                    home.start(offset)
                print(f"{home.product.name} answers on https://localhost:{9443 + offset}")
    except TestbedError as exc:
        print(exc, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
