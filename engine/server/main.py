"""`vppengine`: an engine that runs on its own, controlled through its socket."""

import argparse
import logging
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from engine import CliError, Engine
from engine.errors import NodeRefusedError, StartupError, VppshError
from engine.lab import Lab
from engine.startup import Startup, read_startup

from . import logs, process
from .logs import event
from .protocol import default_socket
from .server import Server
from .service import serve
from .systemd import inherited_sockets
from .terminal import Terminal

log = logging.getLogger("vppengine")

REFUSED, UNUSABLE, INTERRUPTED = 1, 2, 130


class UnusableError(VppshError):
    """A file or socket that the daemon needs and cannot have."""


def parser() -> argparse.ArgumentParser:
    """The options of `vppengine`."""
    options = argparse.ArgumentParser(
        prog="vppengine", description="Run a vector packet processor; control it with vppsh --socket PATH."
    )
    options.add_argument(
        "-c", "--startup", metavar="FILE|TEXT", help='startup configuration in VPP\'s syntax, e.g. "nat { ... }"'
    )
    options.add_argument(
        "--config", action="append", default=[], metavar="FILE", help="CLI lines to run at start (repeatable)"
    )
    options.add_argument("--lab", metavar="FILE", help="several engines on wires, as a lab file says")
    options.add_argument("--socket", default=default_socket(), metavar="PATH", help="control socket (%(default)s)")
    options.add_argument(
        "--cli-listen", metavar="PATH|HOST:PORT", help="a socket for vppctl and telnet clients, too"
    )
    options.add_argument("--profile", metavar="RELEASE", help="VPP release to be like (18.01)")
    options.add_argument("--live", action="store_true", help="make real taps and move their packets")
    options.add_argument("--log", metavar="FILE", help="log to a file (standard error); SIGHUP reopens it")
    options.add_argument("--log-format", choices=logs.FORMATS, help="key=value, or JSON lines (text)")
    options.add_argument("--log-level", choices=list(logs.LEVELS), help="(info in a file, otherwise warning)")
    options.add_argument("--metrics", metavar="HOST:PORT", help="let Prometheus scrape http://HOST:PORT/metrics")
    options.add_argument("--attached", action="store_true", help="end when standard input does")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Exit status: 0 ended; 1 the configuration was refused; 2 cannot start."""
    args = parser().parse_args(argv)
    if args.lab and (args.config or args.startup or args.profile or args.live):
        return _complain("the lab file says what its nodes are: no --config, --startup, --profile or --live with it",
                         UNUSABLE)
    try:
        with ExitStack() as life:
            _run(args, life)
        return 0
    except (CliError, StartupError, NodeRefusedError) as error:
        return _complain(str(error), REFUSED)
    except VppshError as error:
        return _complain(str(error), UNUSABLE)
    except MemoryError as error:
        return _complain(f"not enough memory: {error}", UNUSABLE)
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(args: argparse.Namespace, life: ExitStack) -> None:
    """The daemon from its first word to its last; what it opens is closed with `life`.

    Raises:
        VppshError: it cannot be what it is told to be. Nothing is left behind.
    """
    startup = read_startup(args.startup)
    written = _open_log(args, startup)
    life.callback(written.close)
    for warning in startup.warnings:
        log.warning(warning)
    if startup.cpu.workers:
        log.warning("cpu: there is one packet thread, whatever workers and corelist-workers say")
    process.prepare(startup)
    vpp: Any = Lab(args.lab) if args.lab else Engine(args.profile or "18.01", startup, live=args.live)
    life.enter_context(vpp)
    for config in filter(None, [startup.unix.exec, *args.config]):
        sys.stdout.write(vpp.exec(config))
    server = _listen(vpp, args, startup, life)
    if startup.unix.pidfile is not None:
        life.enter_context(process.pidfile(startup.unix.pidfile))
    if args.metrics is not None:
        life.enter_context(_exporter(vpp, args.metrics))
    if startup.unix.interactive:
        life.callback(Terminal(vpp, server).close)
    serve(server, written, args.attached)


def _open_log(args: argparse.Namespace, startup: Startup) -> logs.Log:
    path = args.log or startup.unix.log
    form = args.log_format or ("plain" if args.attached else "text")  # attached: read by whoever has a console
    level = logging.getLevelName(args.log_level.upper()) if args.log_level else startup.log_level
    try:
        return logs.Log(path, form, level or (logging.WARNING if path is None else logging.INFO))
    except OSError as error:
        raise UnusableError(f"cannot write the log {path}: {error.strerror}") from error


def _listen(vpp: Any, args: argparse.Namespace, startup: Startup, life: ExitStack) -> Server:
    """A server on the sockets that systemd gives, or that the options and the startup file name."""
    given = inherited_sockets()
    cli_path = args.cli_listen or startup.unix.cli_listen
    control, cli = given.pop("control", None) or given.pop("0", None), given.pop("cli", None)
    for name, sock in given.items():
        log.warning("the socket %s that systemd gave is not used: name it control or cli", name)
        sock.close()
    path = args.socket if control is None else str(control.getsockname())
    try:
        server = Server(vpp, path, control, startup.api_group)
        life.callback(server.close)
        if cli is not None or cli_path is not None:
            path = cli_path or ""
            server.listen_cli(path, cli, startup.unix.group)
    except OSError as error:
        raise UnusableError(f"cannot listen on {error.filename or path}: {error.strerror or error}") from error
    return server


def _exporter(vpp: Any, address: str) -> AbstractContextManager[Any]:
    from .metrics.exporter import Exporter  # half of what an engine takes to start, and few ask for it

    exporter = Exporter(vpp, address)
    event(log, logging.INFO, "metrics", port=exporter.port)
    return exporter


def _complain(message: str, status: int) -> int:
    print(f"vppengine: {message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
