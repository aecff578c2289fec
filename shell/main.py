"""`vppsh`: one command, a file, piped lines, a console, or a replay."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager

from . import lab, replay, scripts
from .client import Client, RemoteError, UnreachableError
from .diagram.command import is_browse
from .embedded import embedded
from .pipes import WATCH
from .talk import Talk
from .vpp_client import VppClient

FAILED = 1
INTERRUPTED = 130
BROKEN_PIPE = 141

USAGE = """vppsh [options] [COMMAND ...]
       vppsh replay --help
       vppsh browse --help
       vppsh lab --help"""
EPILOG = """Without --socket an engine of its own is started, and ends with the shell.
Exit status: 0 once connected, as vppctl, whatever the commands answer; 1 no connection, or a file was refused;
2 wrong usage."""


def parser() -> argparse.ArgumentParser:
    """The options of `vppsh`."""
    options = argparse.ArgumentParser(
        prog="vppsh",
        usage=USAGE,
        description="A console for the vector packet processor. With a command, runs it and ends; without, reads "
        "lines from the terminal or from standard input.",
        epilog=EPILOG,
    )
    options.add_argument("-s", "--socket", metavar="PATH", help="control socket of a running vppengine")
    options.add_argument("--vpp", metavar="PATH", help="CLI socket of a real VPP, such as /run/vpp/cli.sock")
    options.add_argument("-f", "--file", action="append", default=[], metavar="FILE", help="run the lines of a file")
    options.add_argument("--json", action="store_true", help="print the data behind the output")
    options.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        help="warn of what VPP swallows silently (on for files and piped lines, off for a COMMAND)",
    )
    options.add_argument("--profile", metavar="RELEASE", help="VPP release of the engine it starts (18.01)")
    options.add_argument("--startup", metavar="TEXT|FILE", help="startup configuration of the engine it starts")
    options.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="words of one CLI line")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Run vppsh and return its exit status; never a traceback for what the user can mend."""
    try:
        return _main(sys.argv[1:] if argv is None else list(argv))
    except UnreachableError as error:
        print(f"vppsh: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read our output has left; keep the interpreter from trying again at exit
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _main(argv: list[str]) -> int:
    args = parser().parse_args(argv)
    if args.vpp and (args.socket or args.startup or args.profile):
        parser().error("--vpp is a VPP that runs: no --socket, --startup or --profile")
    if args.command[:1] == ["replay"]:
        return _flushed(replay.main([*_engine_options(args), *args.command[1:]]))
    attached = args.socket or args.vpp
    if args.command[:1] == ["browse"] and not (attached and args.command == ["browse"]):
        if attached:
            parser().error("browse of a running engine takes nothing more")
        from .browser.command import main as browse  # prompt_toolkit takes longer to load than a command to run

        return browse([*_engine_options(args), *args.command[1:]])
    if args.command[:1] == ["lab"]:
        if args.socket or args.startup or args.profile:
            parser().error("a lab has engines of its own, as its file says: no --socket, --startup or --profile")
        files = [word for file in args.file for word in ("-f", file)]
        return _flushed(lab.main([*args.command[1:2], *files, *args.command[2:]], _converse))
    with _connect(args) as connection:
        client = lab.open_session(connection) if args.socket else connection
        for file in args.file:
            if not scripts.run_file(_talk(client, args.strict, True), file, args.json):
                return FAILED
        line = " ".join(args.command)
        if is_browse(line) or line == "browse":
            return _browse(client)
        if args.command:
            return _flushed(_run_command(_talk(client, args.strict, False), " ".join(args.command), args.json))
        return _flushed(0 if args.file else _converse(client, args.strict, args.json))


def _browse(client: Client | lab.Session) -> int:
    """The trace browser on a running engine, a lab or a real VPP."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("vppsh: the trace browser fills the screen, and there is no terminal", file=sys.stderr)
        return FAILED
    from .browser.command import browse

    try:
        browse(client.rpc, client.rpc.path)
    except RemoteError as error:
        print(f"vppsh: {error}", file=sys.stderr)
        return FAILED
    return 0


def _talk(client: Client | lab.Session, strict: bool | None, default: bool) -> Talk:
    return Talk(client, default if strict is None else strict, scripts.warn)


def _run_command(talk: Talk, line: str, json: bool) -> int:
    """Run one line, or watch it."""
    if not WATCH.fullmatch(line):
        for piece in talk.output(line, json):
            sys.stdout.write(piece)
        return 0
    from .watch import watch_plainly, watch_screen

    (watch_screen if sys.stdin.isatty() and sys.stdout.isatty() else watch_plainly)(talk, line, json)
    return 0


def _connect(args: argparse.Namespace) -> AbstractContextManager[Client]:
    if args.vpp:
        return VppClient(args.vpp)
    if args.socket:
        return Client(args.socket)
    return embedded(_engine_options(args))


def _engine_options(args: argparse.Namespace) -> list[str]:
    """What the engine of its own is started with."""
    given = {"--profile": args.profile, "--startup": args.startup}
    return [word for option, value in given.items() if value for word in (option, value)]


def _converse(client: Client | lab.Session, strict: bool | None = None, json: bool = False) -> int:
    """A console on a terminal; else the lines of standard input, one by one, without prompt or echo."""
    talk = _talk(client, strict, True)
    if sys.stdin.isatty() and sys.stdout.isatty():
        from .console import Console  # prompt_toolkit takes longer to load than a command to run

        return Console(client, strict=talk.strict).run()
    scripts.run_lines(talk, sys.stdin, json)
    return 0


def _flushed(status: int) -> int:
    """The status, once the output has reached its reader."""
    sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main())
