"""What becomes of a command's result: text, plain data, or JSON; all three piece by piece where it is long."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from json.encoder import encode_basestring_ascii
from typing import Any

from .declare import Command, Output

INDENT = "  "
SHORT = 16  # items of a list that may be laid out in one go


def pieces(command: Command, result: Any) -> Iterator[str]:
    """The text of a command's result, with a newline at its end."""
    make = command.text
    if isinstance(result, Output):
        make, result = result.text, result.data
    if make is not None and result is not None:     # None: the command did nothing, for nothing followed it
        result = make(result)
    last = "\n"
    for piece in (result,) if isinstance(result, str) else result or ():
        if piece:
            yield piece
            last = piece
    if not last.endswith("\n"):
        yield "\n"


def data_of(result: Any) -> Any:
    """The data behind a result; what is still to come stays an iterator."""
    return result.data if isinstance(result, Output) else result


def plain(value: Any) -> Any:
    """The data with all that is still to come in it; what holds none is given back as it is."""
    if isinstance(value, Iterator):
        return [plain(each) for each in value]
    if isinstance(value, dict) and any(isinstance(each, Iterator) for each in value.values()):
        return {name: plain(each) for name, each in value.items()}
    return value


def json_pieces(value: Any, indent: str = "\n") -> Iterator[str]:
    """The value as JSON, as `json.dumps(indent=2)` lays it out, without ever holding the whole of it."""
    whole = _json(value, indent)
    if whole is not None:
        yield whole
    elif isinstance(value, Mapping):
        items = ((encode_basestring_ascii(_key(key)) + ": ", each) for key, each in value.items())
        yield from _nested("{}", items, indent)
    else:
        yield from _nested("[]", (("", each) for each in value), indent)


def _json(value: Any, indent: str) -> str | None:
    """The value as JSON in one go; None when there is in it what is still to come, or a long list."""
    leaf = LEAVES.get(type(value))
    if leaf is not None:
        return leaf(value)
    inner = indent + INDENT
    if isinstance(value, Mapping):
        rows = []
        for key, each in value.items():
            text = _json(each, inner)
            if text is None:
                return None
            rows.append(f"{inner}{encode_basestring_ascii(_key(key))}: {text}")
        return f"{{{','.join(rows)}{indent}}}" if rows else "{}"
    if isinstance(value, (list, tuple)):
        texts = [_json(each, inner) for each in value] if len(value) <= SHORT else [None]
        rows = [inner + text for text in texts if text is not None]
        return None if len(rows) < len(texts) else f"[{','.join(rows)}{indent}]" if rows else "[]"
    return None if isinstance(value, Iterator) else ENCODER.encode(value)


def _nested(brackets: str, items: Iterator[tuple[str, Any]], indent: str) -> Iterator[str]:
    first = next(items, None)
    if first is None:
        yield brackets
        return
    comma = brackets[0]
    for name, value in chain([first], items):
        yield f"{comma}{indent}{INDENT}{name}"
        yield from json_pieces(value, indent + INDENT)
        comma = ","
    yield indent + brackets[1]


def _key(key: Any) -> str:
    """A name in an object: JSON's own spelling of what is not text."""
    return key if isinstance(key, str) else json.dumps(key, default=_text).strip('"')


def _text(value: Any) -> str:
    """What JSON does not know: bytes as hex digits, anything else as its text."""
    return value.hex() if isinstance(value, bytes) else str(value)


ENCODER = json.JSONEncoder(default=_text)
LEAVES: dict[type, Callable[[Any], str]] = {
    str: encode_basestring_ascii,
    int: int.__repr__,
    bool: lambda value: "true" if value else "false",
    type(None): lambda value: "null",
}
