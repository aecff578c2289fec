"""The sections that are about the process, not about packets: unix, cpu, buffers, logging, and where sockets belong."""

import grp
from dataclasses import dataclass
from typing import Any

from ..cli.errors import CliError
from ..cli.grammar import Args, Clause
from ..cli.sections import Between, Ignored, MemorySize, Section
from ..cli.types import FILE, U32, WORD, Integer, Names, Type
from ..cli.unformat import Cursor

BUFFER = 2368  # bytes, headers included
FEWEST_BUFFERS, MOST_BUFFERS = 512, 1 << 24
MOST_CORES = 1024
LEVELS = {"emerg": 50, "alert": 50, "crit": 50, "err": 40, "warn": 30, "notice": 20, "info": 20, "debug": 10,
          "disabled": 60}  # fmt: skip


class _Group(Type):
    """A group of the system, by name or number."""

    metavar = "<group>"

    def parse(self, cursor: Cursor, vpp: Any) -> int | None:
        """Its number.

        Raises:
            CliError: no group has that name.
        """
        unread, word = cursor.unread, cursor.word()
        if word is None or word.isdecimal():
            return int(word[:9]) if word else None
        try:
            return grp.getgrnam(word).gr_gid
        except KeyError:
            raise CliError(f"there is no group `{word}'", unread=unread) from None


class _Braces(Type):
    """Options in braces, whatever they say."""

    metavar = "{ options }"

    def parse(self, cursor: Cursor, vpp: Any) -> str | None:
        """The text between the braces."""
        return cursor.group() if cursor.text.startswith("{", cursor.pos) else None


class _Cores(Type):
    """Numbers of processor cores: `2-3,18`."""

    metavar = "<cores>"

    def parse(self, cursor: Cursor, vpp: Any) -> tuple[int, ...] | None:
        """In rising order, each once."""
        found: set[int] = set()
        core = Integer(0, MOST_CORES - 1)
        while True:
            first = core.parse(cursor, vpp)
            last = core.parse(cursor, vpp) if cursor.literal("-") else first
            if first is None or last is None or last < first:
                return None
            found.update(range(first, last + 1))
            cursor.literal(",")
            cursor.skip_blanks()
            if not cursor.text[cursor.pos : cursor.pos + 1].isdecimal():
                return tuple(sorted(found))


@dataclass(frozen=True)
class Unix:
    """The `unix` section.

    exec: a file of CLI lines to run at start. cli_listen: a path, or host:port. group: of the CLI socket, by number.
    coredump_size: bytes, -1 for no limit.
    """

    exec: str | None = None
    cli_listen: str | None = None
    log: str | None = None
    pidfile: str | None = None
    group: int | None = None
    interactive: bool = False
    full_coredump: bool = False
    coredump_size: int | None = None


@dataclass(frozen=True)
class Cpu:
    """The `cpu` section. worker_cores: the cores of the workers, in their order; empty where any will do."""

    main_core: int | None = None
    workers: int = 0
    worker_cores: tuple[int, ...] = ()


def _unix(said: Args) -> Unix:
    return Unix(**{name: said[name] for name in said.given})


def _cpu(said: Args) -> Cpu:
    cores, workers = said.worker_cores or (), said.workers
    if cores and workers is not None and workers != len(cores):
        raise ValueError(f"workers {workers}, and corelist-workers names {len(cores)}")
    if said.main_core is not None and said.main_core in cores:
        raise ValueError(f"core {said.main_core} is the main thread's and a worker's")
    return Cpu(said.main_core, len(cores) or workers or 0, cores)


def _buffers(said: Args) -> Any:
    if said.megabytes is None or said.number is not None:
        return said.number
    return max(FEWEST_BUFFERS, (said.megabytes << 20) // BUFFER)


BUFFERS = Between(FEWEST_BUFFERS, MOST_BUFFERS)
SIZE = MemorySize(0, 1 << 50)

UNIX = Section(
    "unix",
    [
        Clause("startup-config <exec>", exec=FILE),
        Clause("exec <exec>", exec=FILE),
        Clause("cli-listen <cli_listen>", cli_listen=WORD),
        Clause("log <log>", log=FILE),
        Clause("pidfile <pidfile>", pidfile=FILE),
        Clause("gid <group>", group=_Group()),
        Clause("interactive", interactive=True),
        Clause("nodaemon"),  # it never leaves the foreground
        Clause("full-coredump", full_coredump=True),
        Clause("coredump-size unlimited", coredump_size=-1),
        Clause("coredump-size <coredump_size>", coredump_size=SIZE),
        Ignored("runtime-dir <path>", path=FILE),
        Ignored("cli-prompt <prompt>", prompt=WORD),
        Ignored("cli-history-limit <n>", n=U32),
        Ignored("cli-pager-buffer-limit <n>", n=U32),
        Ignored("cli-line-mode"),
        Ignored("cli-no-banner"),
        Ignored("cli-no-pager"),
        Ignored("poll-sleep-usec <n>", n=U32),
        Ignored("nosyslog"),
        Ignored("nocolor"),
        Ignored("nobanner"),
    ],
    _unix,
)

CPU = Section(
    "cpu",
    [
        Clause("main-core <main_core>", main_core=Between(0, MOST_CORES - 1)),
        Clause("workers <workers>", workers=Between(0, MOST_CORES - 1)),
        Clause("corelist-workers <worker_cores>", worker_cores=_Cores()),
        Ignored("skip-cores <n>", n=U32),
        Ignored("scheduler-policy <policy>", policy=WORD),
        Ignored("scheduler-priority <n>", n=U32),
        Ignored("thread-prefix <word>", word=WORD),
        Ignored("use-pthreads"),
        Ignored("relative"),
    ],
    _cpu,
)

BUFFER_POOL = Section(
    "buffers",
    [
        Clause("buffers-per-numa <number>", number=BUFFERS),
        Clause("memory-size-in-mb <megabytes>", megabytes=Between(1, MOST_BUFFERS * BUFFER >> 20)),
        Ignored("default data-size <n>", n=U32),
        Ignored("page-size <size>", size=WORD),
    ],
    _buffers,
)

# What a card's driver is told has no meaning without one; but this was where VPP 18 said how many buffers there are
DPDK = Section(
    "dpdk",
    [
        Clause("num-mbufs <number>", number=BUFFERS),
        Ignored("dev <device> <options>", device=WORD, options=_Braces()),
        Ignored("dev <device>", device=WORD),
        Ignored("uio-driver <name>", name=WORD),
        Ignored("socket-mem <sizes>", sizes=WORD),
        Ignored("blacklist <device>", device=WORD),
        Ignored("vdev <device>", device=WORD),
        Ignored("log-level <level>", level=WORD),
        Ignored("huge-dir <path>", path=FILE),
        Ignored("file-prefix <name>", name=WORD),
        Ignored("<option>", option=WORD),
    ],
    lambda said: said.number,
)

API_SEGMENT = Section(
    "api-segment",
    [
        Clause("gid <group>", group=_Group()),
        Ignored("uid <user>", user=WORD),
        Ignored("prefix <name>", name=WORD),
        Ignored("global-size <n>", n=SIZE),
        Ignored("api-size <n>", n=SIZE),
        Ignored("global-pvt-heap-size <n>", n=SIZE),
        Ignored("api-pvt-heap-size <n>", n=SIZE),
        Ignored("baseva <n>", n=WORD),
    ],
    lambda said: said.group,
)

LOGGING = Section(
    "logging",
    [
        Clause("default-log-level <level>", level=Names(LEVELS)),
        Ignored("default-syslog-log-level <level>", level=WORD),
        Ignored("size <n>", n=U32),
        Ignored("nthrottle-time <n>", n=U32),
        Ignored("unthrottle-time <n>", n=U32),
        Ignored("class <name> <options>", name=WORD, options=_Braces()),
    ],
    lambda said: said.level,
)

# Sections of VPP in which nothing has an effect here
WITHOUT_EFFECT = (
    "api-queue", "api-trace", "cnat", "cj", "crypto", "det44", "devices", "dns", "dslite", "ethernet", "heapsize",
    "http", "ikev2", "ip", "ip6", "ipsec", "l2fib", "l2learn", "l2tp", "linux-cp", "mactime", "map", "map_params",
    "memif", "memory", "nat64", "node", "nsim", "oddbuf", "perfmon", "physmem", "plugin-path", "plugin_path",
    "plugins", "punt", "rdma", "session", "socketsvr", "socksvr", "statseg", "tapcli", "tcp", "test_plugin_path",
    "tls", "tuntap", "udp", "vat", "vhost-user", "virtio", "vlib",
)  # fmt: skip
