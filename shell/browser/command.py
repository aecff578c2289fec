"""`trace browse` on the console and `vppsh browse`: where the browser gets its trace, and whom it asks."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path as FilePath

from prompt_toolkit.input import Input, create_input
from prompt_toolkit.output import Output

from .. import replay
from ..client import Client, RemoteError, UnreachableError, of
from ..diagram.source import SourceError, join, journeys_of, read_file, read_text
from ..embedded import StartError, embedded
from ..pipes import split
from ..scripts import warn
from ..talk import Talk
from .capture import frames_of
from .decision import Ask
from .model import Browser, attach
from .screen import Screen

DONE, REFUSED, UNUSABLE = replay.DONE, replay.REFUSED, replay.UNUSABLE
USAGE = """vppsh browse TRACE
       vppsh browse (--config FILE | --lab FILE) --input INTERFACE=FILE [options]
       vppsh [--socket PATH | --vpp PATH] browse"""
EPILOG = """TRACE is what `show trace` printed, of vppsh or of a real VPP, or `show trace | json`; - reads it from
standard input. exit status: 0 done; 1 the configuration was refused; 2 wrong usage, or an input that cannot be read"""


def open_browser(client: Client, title: str, captured: Mapping[str, str] | None = None) -> Browser:
    """The browser of what an engine, a lab or a real VPP has traced.

    Args:
        client: the connection to it.
        title: what it is.
        captured: captures that were replayed, by interface (`node:interface` in a lab).

    Raises:
        RemoteError: it does not tell.
    """
    browser = Browser(journeys_of(client), lambda where: _ask(client, where or None), title)
    attach(browser.items, frames_of(captured or {}))
    return browser


def _ask(client: Client, node: str | None) -> Ask:
    """Runs a line there: the lines of its answer, as they come; the rest of an answer is not waited for."""

    def ask(line: str) -> Iterator[str]:
        try:
            with closing(client.stream("cli_stream", cmd=line, strict=False, **of(node))) as stream:
                yield from split(text for _, text in stream)
        except (RemoteError, UnreachableError) as error:
            yield str(error)

    return ask


def browse(
    client: Client,
    title: str,
    captured: Mapping[str, str] | None = None,
    keys: Input | None = None,
    screen: Output | None = None,
) -> None:
    """Show what was traced, on the whole screen, until the user leaves.

    Raises:
        RemoteError: it does not tell.
    """

    def load() -> Browser:
        return open_browser(client, title, captured)

    Screen(load(), load, keys, screen).run()


# ---- vppsh browse


def parser() -> argparse.ArgumentParser:
    """The options of `vppsh browse`."""
    options = argparse.ArgumentParser(
        prog="vppsh browse",
        usage=USAGE,
        description="Look through traced packets on the whole screen.",
        epilog=EPILOG,
    )
    options.add_argument("trace_file", nargs="?", metavar="TRACE", help="a trace that was saved; - for standard input")
    options.add_argument("--profile", metavar="RELEASE", help="VPP release to be like (18.01)")
    options.add_argument("--startup", metavar="TEXT|FILE", help='startup configuration, e.g. "nat { ... }"')
    what = options.add_mutually_exclusive_group()
    what.add_argument("--config", action="append", default=[], metavar="FILE", help="CLI lines to run (repeatable)")
    what.add_argument("--lab", metavar="FILE", help="several engines on wires; an INTERFACE is NODE:INTERFACE then")
    options.add_argument(
        "--input",
        action="append",
        default=[],
        type=replay.binding,
        metavar="INTERFACE=FILE",
        help="a capture to replay into an interface (repeatable)",
    )
    options.add_argument(
        "--trace", type=replay.count, default=replay.TRACED, metavar="N", help="trace the first N packets (%(default)s)"
    )
    return options


def main(argv: Sequence[str], start: Callable[..., AbstractContextManager[Client]] = embedded) -> int:
    """Run `vppsh browse` without a connection and return its exit status.

    Args:
        argv: the arguments after `browse`.
        start: gives the engine to use, from options of vppengine.
    """
    options = parser()
    args = options.parse_args(argv)
    if bool(args.trace_file) == bool(args.input) or (args.input and not (args.config or args.lab)):
        options.error("expected a TRACE, or --config or --lab with --input")
    if not sys.stdout.isatty():
        return _fail("it fills the screen, and standard output is no terminal")
    try:
        return _browse_file(args.trace_file) if args.trace_file else _browse_replay(args, start)
    except StartError as error:
        print(f"vppsh browse: {error}", file=sys.stderr)
        return error.status if args.lab else UNUSABLE
    except (SourceError, replay.UsageError, UnreachableError, RemoteError) as error:
        return _fail(str(error))


def _browse_file(name: str) -> int:
    piped = name == "-"
    paths = read_text(sys.stdin.read(), "standard input") if piped else read_file(name)
    title = "standard input" if piped else FilePath(name).name
    Screen(Browser(join(paths), title=title), keys=create_input(always_prefer_tty=True) if piped else None).run()
    return DONE


def _browse_replay(args: argparse.Namespace, start: Callable[..., AbstractContextManager[Client]]) -> int:
    inputs = replay.files("--input", args.input)
    for path in [*args.config, *inputs.values()]:
        replay.check_readable(path)
    with start(replay.engine_options(args)) as client:
        for config in args.config:
            if not replay.configure(Talk(client, True, warn), config):
                return REFUSED
        try:
            client.call("replay", told=replay.progress(), inputs=inputs, outputs={}, trace=args.trace)
        finally:
            replay.clear_progress()
        browse(
            client,
            " ".join(FilePath(path).name for path in [*filter(None, [args.lab]), *args.config, *inputs.values()]),
            inputs,
        )
    return DONE


def _fail(message: str) -> int:
    print(f"vppsh browse: {message}", file=sys.stderr)
    return UNUSABLE
