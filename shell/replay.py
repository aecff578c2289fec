"""`vppsh replay`: packets through a configuration, without a server; the trace of each on standard output."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from . import scripts
from .client import Client, RemoteError, UnreachableError, of
from .diagram.command import PictureError, write_trace
from .diagram.source import journeys_of
from .embedded import StartError, embedded
from .lab import heading
from .talk import Talk

DONE, REFUSED, UNUSABLE = 0, 1, 2
TRACED = 50  # packets, unless said otherwise
SHOWN = 50  # what `show trace` shows by itself

EPILOG = """exit status: 0 done; 1 the configuration was refused (file, line and the CLI's message on standard error);
2 wrong usage, or an input that cannot be read"""


class UsageError(Exception):
    """Wrong usage, or an input that cannot be read."""


def parser() -> argparse.ArgumentParser:
    """The options of `vppsh replay`."""
    options = argparse.ArgumentParser(
        prog="vppsh replay",
        description="Send captured packets through a configuration and print what show trace prints.",
        epilog=EPILOG,
    )
    options.add_argument("--profile", metavar="RELEASE", help="VPP release to be like (18.01)")
    options.add_argument("--startup", metavar="TEXT|FILE", help='startup configuration, e.g. "nat { ... }"')
    what = options.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--config", action="append", default=[], metavar="FILE", help="CLI lines to run first (repeatable)"
    )
    what.add_argument("--lab", metavar="FILE", help="several engines on wires; an INTERFACE is NODE:INTERFACE then")
    options.add_argument(
        "--input",
        action="append",
        required=True,
        type=binding,
        metavar="INTERFACE=FILE",
        help="a capture to receive on an interface (repeatable; packets enter in the order of their times)",
    )
    options.add_argument(
        "--output",
        action="append",
        default=[],
        type=binding,
        metavar="INTERFACE=FILE",
        help="write what leaves by an interface to a capture (repeatable)",
    )
    options.add_argument(
        "--trace", type=count, default=TRACED, metavar="N", help="trace the first N packets (%(default)s; 0: none)"
    )
    options.add_argument(
        "--diagram",
        metavar="FILE",
        help="draw the traced packets: .html a page with all of them, .svg a picture and the page beside it",
    )
    options.add_argument(
        "--show",
        action="append",
        default=[],
        metavar="COMMAND",
        help="a command to run afterwards; in a lab on all nodes, or 'NODE: COMMAND' (repeatable)",
    )
    options.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="warn of what VPP swallows silently in the configuration",
    )
    options.add_argument("--json", action="store_true", help="print one JSON object: packets, shows, run")
    return options


def binding(text: str) -> tuple[str, str]:
    """INTERFACE=FILE, taken apart."""
    interface, equals, path = text.partition("=")
    if not (interface and equals and path):
        raise argparse.ArgumentTypeError(f"expected INTERFACE=FILE, got {text!r}")
    return interface, path


def count(text: str) -> int:
    """A number of packets."""
    if not text.isdecimal() or int(text) > 2**31 - 1:
        raise argparse.ArgumentTypeError(f"expected a number of packets, got {text!r}")
    return int(text)


def main(argv: Sequence[str], start: Callable[..., AbstractContextManager[Client]] = embedded) -> int:
    """Run `vppsh replay` and return its exit status.

    Args:
        argv: the arguments after `replay`.
        start: gives the engine to use, from options of vppengine.
    """
    args = parser().parse_args(argv)
    try:
        inputs = files("--input", args.input)
        outputs = files("--output", args.output)
        for path in [*args.config, *inputs.values()]:
            check_readable(path)
        with start(engine_options(args)) as client:
            return _replay(client, args, inputs, outputs)
    except StartError as error:
        print(f"vppsh replay: {error}", file=sys.stderr)
        return error.status if args.lab else UNUSABLE
    except (UsageError, UnreachableError) as error:
        return _fail(str(error))


def engine_options(args: argparse.Namespace) -> list[str]:
    """What the engine is started with.

    Raises:
        UsageError: options of a single engine for a lab.
    """
    given = {"--profile": args.profile, "--startup": args.startup, "--lab": args.lab}
    if args.lab and (args.startup or args.profile):
        raise UsageError("the lab file says how its nodes start: no --startup or --profile with --lab")
    return [word for option, value in given.items() if value for word in (option, value)]


def _replay(client: Client, args: argparse.Namespace, inputs: dict[str, str], outputs: dict[str, str]) -> int:
    """Configure, replay, print."""
    for config in args.config:
        if not configure(Talk(client, args.strict, scripts.warn), config):
            return REFUSED
    try:
        run = client.call("replay", told=progress(), inputs=inputs, outputs=outputs, trace=args.trace)
    except RemoteError as error:
        return _fail(str(error))
    finally:
        clear_progress()
    status = (_print_json if args.json else _print_text)(client, args, run)
    return _draw(client, args.diagram) if status == DONE and args.diagram else status


def _draw(client: Client, file: str) -> int:
    """Draw what was traced, through the whole lab where it is one."""
    try:
        sys.stderr.write(write_trace(journeys_of(client), None, file))
    except (PictureError, RemoteError) as error:
        return _fail(str(error))
    return DONE


def files(option: str, bindings: list[tuple[str, str]]) -> dict[str, str]:
    """Absolute path by interface, as the engine is told.

    Raises:
        UsageError: an interface is named twice.
    """
    files: dict[str, str] = {}
    for interface, path in bindings:
        if interface in files:
            raise UsageError(f"{option} {interface} is given twice")
        files[interface] = str(Path(path).absolute())
    return files


def check_readable(path: str) -> None:
    """Raises UsageError where a file cannot be read."""
    try:
        with open(path, "rb"):
            pass
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def configure(talk: Talk, path: str) -> bool:
    """Run a configuration file; False, with file, line and the CLI's message on stderr, when it is refused."""
    absolute = str(Path(path).absolute())
    try:
        for _ in talk.exec(absolute):
            pass
    except RemoteError as error:
        where = path if error.file in (absolute, None) else error.file
        print(f"{where}:{error.line}: {error}" if error.line else f"{where}: {error}", file=sys.stderr)
        return False
    return True


def _print_text(client: Client, args: argparse.Namespace, run: dict[str, Any]) -> int:
    nodes = client.nodes()
    commands = [_show_trace(args.trace), *args.show] if args.trace else args.show
    for command in commands:
        for node, line in _addressed(command, nodes):
            sys.stdout.write("" if node is None else heading(node))
            try:
                sys.stdout.write(client.call("cli", cmd=line, **of(node)))
            except RemoteError as error:
                sys.stdout.write(error.output)
                return _fail(str(error))
    return DONE


def _addressed(command: str, nodes: list[str]) -> list[tuple[str | None, str]]:
    """On which nodes a command runs: the one it names, all of a lab, or (None) an engine that is alone."""
    name, colon, line = command.partition(":")
    if colon and name.strip() in nodes:
        return [(name.strip(), line.strip())]
    return [(node, command) for node in nodes] or [(None, command)]


def _print_json(client: Client, args: argparse.Namespace, run: dict[str, Any]) -> int:
    nodes = client.nodes()
    try:
        found = {node: _node_data(client, args, nodes, node) for node in nodes}
        alone = {} if nodes else _node_data(client, args, nodes, None)
    except RemoteError as error:
        return _fail(str(error))
    data = ({"nodes": found} if nodes else alone) | {"run": run}
    json.dump(data, sys.stdout, indent=2, default=_json)
    sys.stdout.write("\n")
    return DONE


def _node_data(client: Client, args: argparse.Namespace, nodes: list[str], node: str | None) -> dict[str, Any]:
    """The traced packets and the shows of a node."""
    packets = client.data(_show_trace(args.trace), node) if args.trace else []
    if isinstance(packets, dict) and "packets" in packets:
        packets = packets["packets"]
    lines = [line for show in args.show for name, line in _addressed(show, nodes) if name == node]
    return {"packets": packets, "shows": {line: client.data(line, node) for line in lines}}


def _json(value: Any) -> str:
    """Bytes as hex digits; what else JSON does not know, as text."""
    return value.hex() if isinstance(value, bytes) else str(value)


def _show_trace(count: int) -> str:
    """The command that shows all that was traced."""
    return "show trace" if count <= SHOWN else f"show trace max {count}"


def progress() -> Callable[..., None] | None:
    """What tells a waiting user that work goes on; None where nobody watches."""
    if not sys.stderr.isatty():
        return None
    return lambda method, packets: print(f"\rreplaying, {packets} packets ", end="", file=sys.stderr, flush=True)


def clear_progress() -> None:
    """Take away what progress() has printed."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _fail(message: str) -> int:
    print(f"vppsh replay: {message}", file=sys.stderr)
    return UNUSABLE
