"""Bytes of a terminal to keys: the sequences that VPP's console knows."""

from collections.abc import Iterator

SEQUENCES = {
    b"\n": "enter",
    b"\r": "enter",
    b"\x01": "home",
    b"\x02": "left",
    b"\x03": "interrupt",
    b"\x04": "delete",
    b"\x05": "end",
    b"\x06": "right",
    b"\b": "erase",
    b"\t": "tab",
    b"\x0b": "kill right",
    b"\x0c": "redraw",
    b"\x0e": "down",
    b"\x10": "up",
    b"\x12": "search back",
    b"\x13": "search on",
    b"\x15": "kill left",
    b"\x7f": "erase",
    b"\x1bb": "word left",
    b"\x1bf": "word right",
    b"\x1b[1;5D": "word left",
    b"\x1b[1;5C": "word right",
    b"\x1b[1~": "home",
    b"\x1b[4~": "end",
    b"\x1b[3~": "delete",
    b"\x1b[5~": "page up",
    b"\x1b[6~": "page down",
} | {
    start + letter: key
    for start in (b"\x1b[", b"\x1bO")
    for letter, key in ((b"A", "up"), (b"B", "down"), (b"C", "right"), (b"D", "left"), (b"H", "home"), (b"F", "end"))
}
BEGINNINGS = {sequence[:length] for sequence in SEQUENCES for length in range(1, len(sequence))}
RETURN = 0x0D
AFTER_RETURN = b"\n\0"  # telnet sends CR LF or CR NUL for one Enter


class KeyDecoder:
    """Bytes in, keys out: names, or characters."""

    def __init__(self) -> None:
        self._begun = b""
        self._returned = False

    def feed(self, data: bytes) -> Iterator[str]:
        """The keys that are complete now. What no terminal sends is left out."""
        for byte in data:
            returned, self._returned = self._returned, byte == RETURN
            if returned and byte in AFTER_RETURN:
                continue
            self._begun += bytes((byte,))
            if self._begun in SEQUENCES:
                yield SEQUENCES[self._begun]
            elif self._begun in BEGINNINGS:
                continue
            elif len(self._begun) == 1 and 0x20 <= byte < 0x7F:
                yield chr(byte)
            self._begun = b""
