"""`vppengine`: an engine that runs on its own, controlled through its socket."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from engine import Engine
from engine.errors import NodeRefusedError, VppshError
from engine.lab import Lab

from .cli_listen import path_of
from .protocol import default_socket
from .server import Server

REFUSED, UNUSABLE, INTERRUPTED = 1, 2, 130


def parser() -> argparse.ArgumentParser:
    """The options of `vppengine`."""
    options = argparse.ArgumentParser(
        prog="vppengine", description="Run a vector packet processor; control it with vppsh --socket PATH."
    )
    options.add_argument(
        "--config", action="append", default=[], metavar="FILE", help="CLI lines to run at start (repeatable)"
    )
    options.add_argument("--lab", metavar="FILE", help="several engines on wires, as a lab file says")
    options.add_argument("--socket", default=default_socket(), metavar="PATH", help="control socket (%(default)s)")
    options.add_argument("--cli-listen", metavar="PATH", help="a socket for vppctl and telnet clients, too")
    options.add_argument("--profile", metavar="RELEASE", help="VPP release to be like (18.01)")
    options.add_argument("--startup", metavar="TEXT|FILE", help='startup configuration, e.g. "nat { ... }"')
    options.add_argument("--live", action="store_true", help="make real taps and move their packets")
    options.add_argument("--attached", action="store_true", help="end when standard input does")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Exit status: 0 ended; 1 the configuration was refused; 2 cannot start."""
    args = parser().parse_args(argv)
    logging.basicConfig(format="%(name)s: %(message)s", stream=sys.stderr)
    if args.lab and (args.config or args.startup or args.profile or args.live):
        return _complain("the lab file says what its nodes are: no --config, --startup, --profile or --live with it",
                         UNUSABLE)
    try:
        vpp: Any = Lab(args.lab) if args.lab else Engine(args.profile or "18.01", args.startup, live=args.live)
    except NodeRefusedError as error:
        return _complain(str(error), REFUSED)
    except VppshError as error:
        return _complain(str(error), UNUSABLE)
    with vpp:
        try:
            for config in args.config:
                sys.stdout.write(vpp.exec(config))
            server = _listen(vpp, args)
        except VppshError as error:
            return _complain(str(error), REFUSED)
        except OSError as error:
            return _complain(f"cannot listen on {error.filename or args.socket}: {error.strerror or error}", UNUSABLE)
        except KeyboardInterrupt:
            return INTERRUPTED
        try:
            serve(server, args.attached)
        finally:
            server.close()
    return 0


def _listen(vpp: Any, args: argparse.Namespace) -> Server:
    """A server on the sockets that the options or the startup file name.

    Raises:
        OSError: one cannot be used; its filename says which.
    """
    server = Server(vpp, args.socket)
    path = args.cli_listen or (None if args.lab else path_of(vpp.startup))
    if path is None:
        return server
    try:
        server.listen_cli(path)
    except OSError as error:
        server.close()
        raise OSError(error.errno, error.strerror or str(error), path) from error
    return server


def _complain(message: str, status: int) -> int:
    print(f"vppengine: {message}", file=sys.stderr)
    return status


def serve(server: Server, attached: bool) -> None:
    """Run the server until a signal, or the end of standard input when attached."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)  # a signal ends the wait of the selector
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    server.watch(woken, lambda: None)
    if attached:
        server.watch(sys.stdin.fileno(), lambda: None if os.read(0, 4096) else server.stop())
    print(f"listening on {server.path}", flush=True)
    server.run()


if __name__ == "__main__":
    sys.exit(main())
