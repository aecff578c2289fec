"""`vppsh`: one command, a file, piped lines, a console, or a replay."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from . import lab, replay
from .client import Client, RemoteError, UnreachableError
from .embedded import embedded

FAILED = 1
INTERRUPTED = 130
BROKEN_PIPE = 141

EPILOG = """Without --socket an engine of its own is started, and ends with the shell.
Exit status: 0 once connected, as vppctl, whatever the commands answer; 1 no connection, or a file was refused;
2 wrong usage."""


def parser() -> argparse.ArgumentParser:
    """The options of `vppsh`."""
    options = argparse.ArgumentParser(
        prog="vppsh",
        usage="vppsh [options] [COMMAND ...]\n       vppsh replay --help\n       vppsh lab --help",
        description="A console for the vector packet processor. With a command, runs it and ends; without, reads "
        "lines from the terminal or from standard input.",
        epilog=EPILOG,
    )
    options.add_argument("-s", "--socket", metavar="PATH", help="control socket of a running vppengine")
    options.add_argument("-f", "--file", action="append", default=[], metavar="FILE", help="run the lines of a file")
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
    if args.command[:1] == ["replay"]:
        return _flushed(replay.main([*_engine_options(args), *args.command[1:]]))
    if args.command[:1] == ["lab"]:
        if args.socket or args.startup or args.profile:
            parser().error("a lab has engines of its own, as its file says: no --socket, --startup or --profile")
        files = [word for file in args.file for word in ("-f", file)]
        return _flushed(lab.main([*args.command[1:2], *files, *args.command[2:]], _converse))
    with _connect(args) as connection:
        client = lab.open_session(connection) if args.socket else connection
        for file in args.file:
            if not _run_file(client, file):
                return FAILED
        if args.command:
            sys.stdout.write(client.cli(" ".join(args.command)))
        elif not args.file:
            return _flushed(_converse(client))
        return _flushed(0)


def _connect(args: argparse.Namespace) -> AbstractContextManager[Client]:
    if args.socket:
        return Client(args.socket)
    return embedded(_engine_options(args))


def _engine_options(args: argparse.Namespace) -> list[str]:
    """What the engine of its own is started with."""
    given = {"--profile": args.profile, "--startup": args.startup}
    return [word for option, value in given.items() if value for word in (option, value)]


def _run_file(client: Client | lab.Session, path: str) -> bool:
    """Run the lines of a file and print what they print; the error goes to stderr."""
    if isinstance(client, lab.Session):
        return lab.run_file(client, path)
    try:
        sys.stdout.write(client.call("exec", path=str(Path(path).absolute())))
    except RemoteError as error:
        sys.stdout.write(error.output)
        sys.stdout.flush()
        where = f"{path}:{error.line}: " if error.line else ""
        print(f"vppsh: {where}{error}", file=sys.stderr)
        return False
    return True


def _converse(client: Client | lab.Session) -> int:
    """A console on a terminal; else the lines of standard input, one by one, without prompt or echo."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        from .console import Console  # prompt_toolkit takes longer to load than a command to run

        return Console(client).run()
    for line in sys.stdin:
        if line.strip() in ("quit", "q", "exit"):
            break
        if line.strip():
            sys.stdout.write(client.cli(line))
            sys.stdout.flush()
    return 0


def _flushed(status: int) -> int:
    """The status, once the output has reached its reader."""
    sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main())
