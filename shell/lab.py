"""`vppsh lab`: a console on all nodes of a lab; and what a line means there."""

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from .client import Client, Target
from .embedded import StartError, embedded

Ask = Callable[[str, str], str]  # (line, node): what it prints there

DONE, REFUSED = 0, 1
WORDS = {"node": "go to another node, or run a command there: node NAME [COMMAND]", "all": "run a command on all nodes"}

USAGE = "vppsh lab LAB [-f FILE]... [COMMAND ...]"
EPILOG = """With COMMAND or FILE it runs them and ends; a COMMAND is for all nodes. On the console, in a FILE and in
piped lines a command is for the current node; `node NAME` goes to another one, `node NAME COMMAND` runs one there,
`all COMMAND` on all nodes. Exit status: 0; 1 a configuration or a FILE was refused; 2 wrong usage, or no such lab."""


class WordError(Exception):
    """`node` or `all` with what makes no sense; str is what the console prints."""


class Session:
    """A conversation with several nodes, one of which is the current one.

    Args:
        client: the connection to their engine.
        names: of the nodes; the first one is current.
    """

    def __init__(self, client: Client, names: Sequence[str]) -> None:
        self._client = client
        self.names = list(names)
        self.current = self.names[0]

    @property
    def prompt(self) -> str:
        """Says which node is current."""
        return f"{self.current}# "

    def cli(self, line: str) -> str:
        """What a line prints, on whatever nodes it means; errors are text too."""
        try:
            return self._run(line, self._client.cli)
        except WordError as error:
            return f"{error}\n"

    def run(self, line: str) -> str:
        """What a line prints.

        Raises:
            RemoteError, WordError: it was refused.
        """
        return self._run(line, lambda line, node: str(self._client.call("cli", cmd=line, node=node)))

    @property
    def rpc(self) -> Client:
        """The connection."""
        return self._client

    @property
    def node(self) -> str:
        """The current node."""
        return self.current

    def _run(self, line: str, ask: Ask) -> str:
        return "".join(part if isinstance(part, str) else ask(part.line, str(part.node)) for part in self.parts(line))

    def parts(self, line: str) -> Iterator[str | Target]:
        """What a line means: text to print, and lines to run on nodes; goes to another node when it says so.

        Raises:
            WordError: it makes no sense.
        """
        words = line.split(None, 2)
        match words:
            case ["all"]:
                raise WordError("all: expected a command")
            case ["all", *_]:
                for name in self.names:
                    yield heading(name)
                    yield Target(name, _behind(line, 1))
            case ["node"]:
                yield "".join(f"{'*' if name == self.current else ' '} {name}\n" for name in self.names)
            case ["node", name, *_] if name not in self.names:
                raise WordError(f"node: there is no node {name}, only {', '.join(self.names)}")
            case ["node", name]:
                self.current = name
            case ["node", name, rest]:
                yield Target(name, rest)
            case _:
                yield Target(self.current, line)

    def complete(self, text: str) -> list[tuple[str, str]]:
        """What the last word of `text` could be; commands are those of the node they are for."""
        words = text.split()
        begun = words.pop() if words and not text[-1:].isspace() else ""
        match words:
            case ["node"]:
                return [(name, "a node of this lab") for name in self.names if name.startswith(begun)]
            case ["node", name, *_]:
                return self._client.complete(_behind(text, 2), name) if name in self.names else []
            case ["all", *_]:
                return self._client.complete(_behind(text, 1), self.current)
        own = [(word, about) for word, about in WORDS.items() if not words and word.startswith(begun)]
        return sorted(own + self._client.complete(text, self.current))


def _behind(text: str, n: int) -> str:
    """The text behind its first n words."""
    return re.sub(rf"^\s*(\S+\s+){{{n}}}", "", text)


def heading(name: str) -> str:
    """What stands above the output of a node."""
    return f"==== {name} ====\n"


def open_session(client: Client) -> Client | Session:
    """The client itself, or a session when it is a lab that listens there."""
    names = client.nodes()
    return Session(client, names) if names else client


def parser() -> argparse.ArgumentParser:
    """The options of `vppsh lab` behind the name of the lab file."""
    options = argparse.ArgumentParser(
        prog="vppsh lab", usage=USAGE, description="A console on the nodes of a lab.", epilog=EPILOG
    )
    options.add_argument("-f", "--file", action="append", default=[], metavar="FILE", help="run the lines of a file")
    options.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="words of one CLI line")
    return options


def main(
    argv: Sequence[str],
    converse: Callable[[Session], int],
    start: Callable[..., AbstractContextManager[Client]] = embedded,
) -> int:
    """Run `vppsh lab` and return its exit status.

    Args:
        argv: the arguments after `lab`.
        converse: talks to the session until the user leaves.
        start: gives the engine to use, from options of vppengine.
    """
    options = parser()
    if not argv or argv[0].startswith("-"):
        options.parse_args(argv[:1])
        options.error("expected a lab file")
    args = options.parse_args(argv[1:])
    try:
        with start(["--lab", argv[0]]) as client:
            return _serve(Session(client, client.nodes()), args, converse)
    except StartError as error:
        print(f"vppsh lab: {error}", file=sys.stderr)
        return error.status


def _serve(session: Session, args: argparse.Namespace, converse: Callable[[Session], int]) -> int:
    from .scripts import run_file, warn
    from .talk import Talk

    for file in args.file:
        if not run_file(Talk(session, True, warn), file):
            return REFUSED
    if args.command:
        for piece in Talk(session).output(" ".join(["all", *args.command])):
            sys.stdout.write(piece)
    elif not args.file:
        return converse(session)
    return DONE
