"""The command language of VPP's console: grammar, registry, formats. It knows no command.

See docs/commands.md for how a feature declares its commands.
"""

from .declare import Command, CommandTable, Output, Reads
from .errors import CliError
from .grammar import Args, Clause, Either, End, Group, Loop, Part, Syntax
from .notices import Notice
from .registry import Registry
from .types import (
    FILE,
    GROUP,
    HEX,
    INT,
    IP4,
    MAC,
    PORT,
    PREFIX4,
    REST,
    U8,
    U16,
    U32,
    U64,
    WORD,
    CutInteger,
    Integer,
    Live,
    Names,
    Reader,
    Type,
)
from .unformat import Cursor

__all__ = [
    "FILE",
    "GROUP",
    "HEX",
    "INT",
    "IP4",
    "MAC",
    "PORT",
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
    "CutInteger",
    "Either",
    "End",
    "Group",
    "Integer",
    "Live",
    "Loop",
    "Names",
    "Notice",
    "Output",
    "Part",
    "Reader",
    "Reads",
    "Registry",
    "Syntax",
    "Type",
]
