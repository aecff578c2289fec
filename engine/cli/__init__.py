"""The command language of VPP's console: grammar, registry, formats. It knows no command.

See docs/commands.md for how a feature declares its commands.
"""

from .errors import CliError
from .grammar import Args, Clause, Either, End, Group, Loop, Part, Syntax
from .registry import Command, CommandTable, Output, Reads, Registry
from .types import (
    GROUP,
    HEX,
    INT,
    IP4,
    MAC,
    PREFIX4,
    REST,
    U8,
    U16,
    U32,
    U64,
    WORD,
    Integer,
    Names,
    Reader,
    Type,
)
from .unformat import Cursor

__all__ = [
    "GROUP",
    "HEX",
    "INT",
    "IP4",
    "MAC",
    "PREFIX4",
    "REST",
    "U8",
    "U16",
    "U32",
    "U64",
    "WORD",
    "Args",
    "Clause",
    "CliError",
    "Command",
    "CommandTable",
    "Cursor",
    "Either",
    "End",
    "Group",
    "Integer",
    "Loop",
    "Names",
    "Output",
    "Part",
    "Reader",
    "Reads",
    "Registry",
    "Syntax",
    "Type",
]
