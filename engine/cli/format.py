"""VPP's output engine: numbers, columns, dumps.

Python's own formatting differs in three ways that show: a width in VPP also cuts, centring puts the odd blank on the
left, and floats below one have no leading zero.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

HEX_BYTES_PER_LINE = 32

_DIRECTIVE = re.compile(
    r"%(?P<align>[-+=]?)(?P<zero>0?)(?P<width>\d*)(?:\.(?P<digits>\d+))?(?:ll|L|l)?(?P<kind>[a-zA-Z%])"
)


def left(text: object, width: int) -> str:
    """`%-16s`: padded on the right, cut to the width."""
    return str(text)[:width].ljust(width)


def right(text: object, width: int) -> str:
    """`%16s`: padded on the left, cut to the width."""
    return str(text)[:width].rjust(width)


def centre(text: object, width: int) -> str:
    """`%=16s`: centred with the odd blank on the left, cut to the width."""
    cut = str(text)[:width]
    padding = width - len(cut)
    return " " * (padding - padding // 2) + cut + " " * (padding // 2)


def vformat(template: str, *args: object) -> str:
    """VPP's format(): `%d %u %x %X %s %v %U %f %e %c %%` with its widths.

    `%U` takes text that a nested function made. A width pads and cuts; `-` aligns left, `=` centres, right is the
    default; a leading 0 pads numbers with zeros; `%20.8s` cuts to 8 before it pads to 20.

    Raises:
        ValueError: unknown directive, or not as many arguments as directives.
    """
    values = iter(args)
    out = []
    for literal, directive in _parse(template):
        out.append(literal)
        if directive is not None:
            try:
                value = next(values)
            except StopIteration:
                raise ValueError(f"too few arguments for {template!r}") from None
            out.append(_one(directive, value))
    if next(values, None) is not None:
        raise ValueError(f"too many arguments for {template!r}")
    return "".join(out)


@lru_cache(maxsize=512)
def _parse(template: str) -> list[tuple[str, re.Match[str] | None]]:
    """The template as (literal, directive that follows it) pairs."""
    parts: list[tuple[str, re.Match[str] | None]] = []
    position = 0
    for found in _DIRECTIVE.finditer(template):
        literal = template[position : found.start()]
        position = found.end()
        parts.append((literal + "%", None) if found["kind"] == "%" else (literal, found))
    parts.append((template[position:], None))
    return parts


def _one(directive: re.Match[str], value: object) -> str:
    kind, digits = directive["kind"], directive["digits"]
    if kind in "du":
        text = str(int(value))  # type: ignore[call-overload]
    elif kind in "xX":
        text = format(int(value), kind)  # type: ignore[call-overload]
    elif kind in "fe":
        text = format_float(float(value), int(digits or 0), kind)  # type: ignore[arg-type]
    elif kind in "svUc":
        text = "(nil)" if value is None else str(value)
        text = text[: int(digits)] if digits else text
    else:
        raise ValueError(f"unknown directive %{kind}")
    if not directive["width"]:
        return text
    width = int(directive["width"])
    if directive["align"] == "-":
        return left(text, width)
    if directive["align"] == "=":
        return centre(text, width)
    return text[:width].rjust(width, "0" if directive["zero"] else " ")


def format_float(value: float, digits: int = 0, kind: str = "f") -> str:
    """A float as VPP prints it: `.25`, `0.00`, `1.34e3`, `4.19e-3`, `0.00e0`."""
    if kind == "e":
        mantissa, exponent = f"{value:.{digits}e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        return text.removeprefix("-")
    return re.sub(r"^(-?)0\.", r"\1.", text)


def format_memory_size(size: int) -> str:
    """Bytes as `640`, `64k`, `1.50k`, `2m`, `1g`."""
    for unit, suffix in ((1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k")):
        if size >= unit:
            return f"{size // unit}{suffix}" if size % unit == 0 else f"{size / unit:.2f}{suffix}"
    return str(size)


def format_hex_bytes(data: bytes, column: int = 0) -> str:
    """A dump: one run of digits up to 32 bytes, else lines of 32 with their offset, indented to `column`."""
    if len(data) <= HEX_BYTES_PER_LINE:
        return data.hex()
    lines = (
        f"{offset:08x}: {data[offset : offset + HEX_BYTES_PER_LINE].hex()}"
        for offset in range(0, len(data), HEX_BYTES_PER_LINE)
    )
    return ("\n" + " " * column).join(lines)


def format_mac(mac: bytes) -> str:
    """Six bytes as `02:fe:00:00:00:01`."""
    return mac.hex(":")


def format_time(seconds: float) -> str:
    """Seconds since start as `h:m:s:u` of a trace, hours wrapping at 24."""
    microseconds = round(seconds * 1e6)
    whole, micro = divmod(microseconds, 1_000_000)
    return f"{whole // 3600 % 24:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}:{micro:06d}"


def nest(before: str, nested: str, extra: int = 0) -> str:
    """`before` + `nested`, whose further lines are indented to the column where it starts, plus `extra`.

    What `%U` does when a nested format function asks for its indentation.
    """
    column = len(before) - (before.rfind("\n") + 1)
    return before + nested.replace("\n", "\n" + " " * (column + extra))


def interface_key(name: str) -> list[str | int]:
    """Sort key of interface names: numbers by value, sub-interfaces below their parent."""
    return [int(part) if index % 2 else part for index, part in enumerate(re.split(r"([0-9]+)", name))]


def lines(parts: Iterable[str]) -> str:
    """Lines joined, each ended by a newline; "" when there are none."""
    return "".join(part + "\n" for part in parts)
