"""VPP's input engine: a cursor over the words of a line.

Readers return None and stay where they are when the input is not what they want; what they read is theirs.
"""

import re
from ipaddress import IPv4Address, IPv4Interface

QUOTED = 30  # characters of unread input an error shows

_BLANKS = re.compile(r"\s*")
_WORD = re.compile(r"\S+")
_DECIMAL = re.compile(r"[0-9]+")
_INTEGER = re.compile(r"0[xX][0-9a-fA-F]+|[-+]?[0-9]+")
_HEX = re.compile(r"(?:0[xX])?([0-9a-fA-F]+)")
_IP4 = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})")
_MAC = re.compile(r"[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2}){5}|[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4}){2}")
_COMMAND_WORD = re.compile(r"[a-zA-Z0-9_-]+")
_ESCAPES = str.maketrans({"\n": "\\n", "\r": "\\r", "\t": "\\t"})


class Cursor:
    """A position in a line.

    Args:
        text: the line.
        suggestions: where a completion collects what could stand at the end of the input; None when parsing.
        prefix: the beginning of what is to be completed there.

    Attributes:
        cuts: by the place where it stood, what became of a number that did not fit.
    """

    __slots__ = ("cuts", "pos", "prefix", "suggestions", "text")

    def __init__(self, text: str, suggestions: list[tuple[str, str]] | None = None, prefix: str = "") -> None:
        self.text = text
        self.pos = 0
        self.suggestions = suggestions
        self.prefix = prefix
        self.cuts: dict[int, str] = {}

    @property
    def at_end(self) -> bool:
        """Nothing but white space is left."""
        return self._blanks_end() == len(self.text)

    @property
    def completing(self) -> bool:
        """The input ends here, and somebody asks what could follow."""
        return self.suggestions is not None and self.at_end

    def _blanks_end(self) -> int:
        found = _BLANKS.match(self.text, self.pos)
        return found.end() if found else self.pos

    def skip_blanks(self) -> None:
        """Read the white space."""
        self.pos = self._blanks_end()

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What matches here, read."""
        found = pattern.match(self.text, self.pos)
        if found is not None:
            self.pos = found.end()
        return found

    def literal(self, text: str) -> bool:
        """The very text, with no look at what follows it: `del` also reads the start of `delete`."""
        if not self.text.startswith(text, self.pos):
            return False
        self.pos += len(text)
        return True

    def word(self) -> str | None:
        """All up to the next white space."""
        found = self.take(_WORD)
        return found[0] if found else None

    def command_word(self) -> str | None:
        """Letters that command words are made of."""
        self.skip_blanks()
        found = self.take(_COMMAND_WORD)
        return found[0] if found else None

    def decimal(self) -> int | None:
        """`%u`: digits."""
        found = self.take(_DECIMAL)
        return int(found[0][:32]) if found else None

    def integer(self) -> int | None:
        """`%d`: decimal with sign, or 0x and hex digits."""
        found = self.take(_INTEGER)
        return int(found[0][:32], 0 if found[0][:2].lower() == "0x" else 10) if found else None

    def hexadecimal(self) -> int | None:
        """`%x`: hex digits, with or without 0x."""
        found = self.take(_HEX)
        return int(found[1], 16) if found and len(found[1]) <= 32 else None

    def ip4(self) -> IPv4Address | None:
        """`a.b.c.d`, each 0..255; leading zeros are allowed, as in VPP."""
        start = self.pos
        found = self.take(_IP4)
        octets = [int(part) for part in found.groups()] if found else []
        if not octets or max(octets) > 255:
            self.pos = start
            return None
        return IPv4Address(bytes(octets))

    def prefix4(self) -> IPv4Interface | None:
        """`a.b.c.d/n`; the host bits are kept."""
        start = self.pos
        address = self.ip4()
        if address is not None and self.literal("/"):
            length = self.decimal()
            if length is not None and length <= 32:
                return IPv4Interface((address, length))
        self.pos = start
        return None

    def mac(self) -> str | None:
        """`xx:xx:xx:xx:xx:xx` or `xxxx.xxxx.xxxx`, as the former in lower case."""
        found = self.take(_MAC)
        if found is None:
            return None
        if "." in found[0]:
            return bytes.fromhex(found[0].replace(".", "")).hex(":")
        return ":".join(f"{int(part, 16):02x}" for part in found[0].split(":"))

    def group(self) -> str | None:
        """`{ grouped text }` without its braces (they nest), or else one word. None when a brace stays open."""
        if not self.text.startswith("{", self.pos):
            return self.word()
        depth = 0
        for index in range(self.pos, len(self.text)):
            if self.text[index] == "{":
                depth += 1
            elif self.text[index] == "}":
                depth -= 1
                if depth == 0:
                    inner = self.text[self.pos + 1 : index]
                    self.pos = index + 1
                    return inner.strip()
        return None

    def line(self) -> "Cursor":
        """The rest of the input as a line of its own; nothing is left here."""
        self.skip_blanks()
        rest = Cursor(self.text[self.pos :].removesuffix("\n"), self.suggestions, self.prefix)
        self.pos = len(self.text)
        return rest

    def rest(self) -> str:
        """What is unread, without the blanks around it."""
        return self.text[self.pos :].strip()

    @property
    def unread(self) -> str:
        """What is unread, with the blanks before it."""
        return self.text[self.pos :]

    def quote(self, skip_blanks: bool = True) -> str:
        """The unread input as errors quote it: 30 characters, `...` if more follows, white space escaped."""
        unread = self.text[self._blanks_end() if skip_blanks else self.pos :]
        if len(unread) > QUOTED:
            return unread[:QUOTED].translate(_ESCAPES) + "..."
        return unread.rstrip().translate(_ESCAPES)
