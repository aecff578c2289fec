"""What is generated from the tables of commands and messages: documents, and the typed methods of clients.

python -m engine.server.document api       # docs/api.md
python -m engine.server.document cli       # docs/cli.md
python -m engine.server.document client    # shell/messages.py
python -m engine.server.document --write   # all three, in their places
"""

import argparse
import collections.abc
import inspect
import sys
import textwrap
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from engine import Engine

PROFILE = "18.10"  # has the commands of 18.01, and its own
ROOT = Path(__file__).parents[2]
WIDTH = 116

API_HEAD = """# Binary API messages

Names and fields are those of VPP's binary API, so that a vpp_papi script runs once its connection is another:
`vpp.api.NAME(...)` in Python, `client.api.NAME(...)` through the control socket (`from shell.client import Client`),
or a request of that name (`docs/control-socket.md`).

Addresses, prefixes and MAC addresses are text, enums and flags integers, interfaces `sw_if_index`. Fields with a value
may be left out. A request answers with its `retval` (0, or one of VPP's negative error numbers, and then `error` says
why) and the fields of its reply; a message that ends in `_dump` with a list of details, empty where what it asks about
is not there; one that ends in `_get` and takes a `cursor` with both.

This page is made from the message tables: `python -m engine.server.document --write`.
"""
CLI_HEAD = """# Commands

Every command with VPP's own help, and the clauses that it reads. Words may be shortened as long as they stay unique.
`show ... | json` prints the data behind a text.

This page is made from the command declarations: `python -m engine.server.document --write`.

"""
CLIENT_HEAD = '''"""The messages of the binary API as methods, for clients. Made from the message tables by
`python -m engine.server.document --write`; docs/api.md has the same as a page.
"""

# fmt: off
# mypy: disable-error-code=no-any-return

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

One = TypeVar("One")  # a reply
Many = TypeVar("Many")  # the details of a dump
Both = TypeVar("Both")


class Messages(Generic[One, Many, Both]):
    """Methods named as VPP's messages; their arguments are the messages' fields.

    Args:
        call: sends a message: its name, and its fields by name.
    """

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
'''


class Message(NamedTuple):
    """A message under its names, newest first."""

    names: list[str]
    handler: Callable[..., Any]

    @property
    def fields(self) -> list[inspect.Parameter]:
        """Its fields: the handler's parameters behind `vpp`."""
        return list(inspect.signature(self.handler).parameters.values())[1:]

    @property
    def about(self) -> str:
        """What its handler says of it."""
        return inspect.getdoc(self.handler) or ""


def messages(vpp: Any) -> dict[str, list[Message]]:
    """The messages by the chapter they belong to: what their module says of itself."""
    found: dict[Callable[..., Any], Message] = {}
    for name, handler in vpp.api.handlers().items():
        found.setdefault(handler, Message([], handler)).names.append(name)
    chapters: dict[str, list[Message]] = {}
    for message in found.values():
        about = inspect.getdoc(sys.modules[message.handler.__module__]) or ""
        chapters.setdefault(about.partition("\n")[0], []).append(message)
    return chapters


# ---- pages


def api_page(vpp: Any) -> str:
    """docs/api.md."""
    parts = [API_HEAD]
    for chapter, found in messages(vpp).items():
        parts.append(f"\n## {_title(chapter)}\n")
        parts.extend(_message_text(message) for message in sorted(found, key=lambda each: each.names[0]))
    return "".join(parts)


def _title(about: str) -> str:
    """A module's first line as a heading."""
    subject = about.rstrip(".").removeprefix("Binary API messages of ")
    return "General" if subject.startswith("no feature") else subject[:1].upper() + subject[1:]


def _message_text(message: Message) -> str:
    fields = ", ".join(_field_text(field) for field in message.fields)
    others = f"Also {', '.join(f'`{name}`' for name in message.names[1:])}.\n" if message.names[1:] else ""
    about = f"{message.about}\n" if message.about else ""
    return f"\n### {message.names[0]}\n\n`{message.names[0]}({fields})`\n\n{about}{others}".rstrip("\n") + "\n"


def _field_text(field: inspect.Parameter) -> str:
    if field.kind is field.VAR_KEYWORD:
        return "..."
    return field.name if field.default is field.empty else f"{field.name}={_value(field.default)}"


def _value(value: Any) -> str:
    """A default as one writes it; ~0 in hex."""
    return "0xFFFFFFFF" if value == 0xFFFFFFFF else repr(value).replace("'", '"')


def cli_page(vpp: Any) -> str:
    """docs/cli.md."""
    return CLI_HEAD + str(vpp.registry.document()).rstrip("\n") + "\n"


# ---- methods


def client_module(vpp: Any) -> str:
    """shell/messages.py."""
    found = [message for chapter in messages(vpp).values() for message in chapter]
    names = sorted((name, message) for message in found for name in message.names)
    return CLIENT_HEAD + "".join(_method(name, message) for name, message in names)


def _method(name: str, message: Message) -> str:
    """A method that sends the message with the fields it was given."""
    arguments = ["self", *map(_argument, message.fields)]
    sent = [f'"{name}"', *map(_sent, message.fields)]
    about = textwrap.indent(_docstring(name, message), " " * 8)
    head = _folded(f"    def {name}(", arguments, f") -> {_result(name, message)}:")
    return f"\n{head}{about}{_folded('        return self._call(', sent, ')')}"


def _folded(before: str, items: list[str], after: str) -> str:
    """A call or signature on one line, or on as many as it needs."""
    line = f"{before}{', '.join(items)}{after}"
    if len(line) <= WIDTH:
        return line + "\n"
    indent = " " * (len(before) - len(before.lstrip()) + 4)
    rows = [indent]
    for item in items:
        if len(rows[-1]) + len(item) + 1 > WIDTH:
            rows.append(indent)
        rows[-1] += f"{item}, "
    inner = "\n".join(row.rstrip() for row in rows)
    return f"{before}\n{inner}\n{indent[4:]}{after}\n"


def _sent(field: inspect.Parameter) -> str:
    return f"**{field.name}" if field.kind is field.VAR_KEYWORD else f"{field.name}={field.name}"


def _docstring(name: str, message: Message) -> str:
    about = message.about or f"As `{name}` of VPP."
    about = "\n".join(textwrap.fill(line, WIDTH - 14) for line in about.split("\n"))
    return f'"""{about}\n"""\n' if "\n" in about else f'"""{about}"""\n'


def _result(name: str, message: Message) -> str:
    if typing.get_origin(inspect.signature(message.handler).return_annotation) is tuple:
        return "Both"
    return "Many" if name.endswith("_dump") else "One"


def _argument(field: inspect.Parameter) -> str:
    stars = "**" if field.kind is field.VAR_KEYWORD else ""
    kind = _kind(field.annotation)
    default = "" if field.default is field.empty else f" = {_value(field.default)}"
    return f"{stars}{field.name}: {kind}{default}"


def _kind(annotation: Any) -> str:
    """A type as one writes it; what is not of this world is Any."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    for module in (typing, collections.abc):
        text = text.replace(f"{module.__name__}.", "")
    return (
        text
        if text.startswith(("int", "str", "bool", "float", "bytes", "Mapping", "Sequence", "list", "dict"))
        else "Any"
    )


# ---- the program

PAGES: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "api": ("docs/api.md", api_page),
    "cli": ("docs/cli.md", cli_page),
    "client": ("shell/messages.py", client_module),
}


def pages() -> Iterator[tuple[str, str]]:
    """(path below the root of the sources, text) of all that is generated."""
    with Engine(profile=PROFILE) as vpp:
        for path, make in PAGES.values():
            yield path, make(vpp)


def main() -> int:
    """Print one, or write all."""
    options = argparse.ArgumentParser(prog="python -m engine.server.document", description="Generate pages.")
    options.add_argument("page", nargs="?", choices=sorted(PAGES), help="what to print")
    options.add_argument("--write", action="store_true", help="write all, each in its place")
    args = options.parse_args()
    if args.page is None and not args.write:
        options.error("a page, or --write")
    texts = dict(pages())
    if args.write:
        for path, text in texts.items():
            (ROOT / path).write_text(text)
    if args.page is not None:
        sys.stdout.write(texts[PAGES[args.page][0]])
    return 0


if __name__ == "__main__":
    sys.exit(main())
