"""JSON schemas of what `| json` prints, from the types that stand beside each show command, in `shapes.py`.

`python -m engine.schemas docs/schemas` writes them, one file a command.
"""

import argparse
import importlib
import json
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Never, NotRequired, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

from .cli import Command
from .engine import PROFILES, Engine

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


class Schema:
    """One schema, and the objects that are named in it."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}

    def of(self, shape: Any) -> dict[str, Any]:
        """The schema of a type: TypedDict, list, tuple, dict with text keys, union, Literal, plain values, Any, Never.

        Raises:
            TypeError: of any other.
        """
        if shape in PLAIN:
            return {"type": PLAIN[shape]}
        if shape is Any or shape is Never:
            return {} if shape is Any else {"not": {}}
        if is_typeddict(shape):
            return self._object(shape)
        origin, parts = get_origin(shape), get_args(shape)
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.of(part) for part in parts]}
        if origin is Literal:
            return {"enum": list(parts)}
        if origin is list:
            return {"type": "array", "items": self.of(parts[0])}
        if origin is tuple:
            items = [self.of(part) for part in parts]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        if origin is dict and parts[0] is str:
            return {"type": "object", "additionalProperties": self.of(parts[1])}
        raise TypeError(f"no schema of {shape!r}")

    def _object(self, shape: Any) -> dict[str, Any]:
        name = shape.__name__
        if name not in self.definitions:
            self.definitions[name] = {}  # so that an object may hold others of its kind
            hints = get_type_hints(shape, include_extras=True)
            self.definitions[name] = {
                "type": "object",
                "description": (shape.__doc__ or "").strip(),
                "properties": {field: self.of(_bare(hint)) for field, hint in hints.items()},
                "required": sorted(shape.__required_keys__),
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{name}"}


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) in (NotRequired, Required) else hint


def schema_of(command: Command) -> dict[str, Any]:
    """The schema of a show command's data.

    Raises:
        LookupError: its room does not say what the data looks like.
    """
    room = command.handler.__module__.rpartition(".")[0]
    try:
        shape = importlib.import_module(f"{room}.shapes").SHAPES[command.path]
    except (ImportError, KeyError) as error:
        raise LookupError(f"{room}/shapes.py does not say what `{command.path} | json` gives") from error
    schema = Schema()
    top = schema.of(shape)
    return {"$schema": DIALECT, "title": f"{command.path} | json", **top, "$defs": schema.definitions}


def show_commands(profile: str | None = None) -> Iterator[Command]:
    """All show commands, of one profile or of any."""
    seen = set()
    for each in PROFILES if profile is None else (profile,):
        with Engine(profile=each) as vpp:
            for command in vpp.registry.commands():
                if command.path.startswith("show ") and command.path not in seen:
                    seen.add(command.path)
                    yield command


def file_name(command: Command) -> str:
    """Where its schema stands."""
    return command.path.replace(" ", "-") + ".json"


def main(argv: Sequence[str] | None = None) -> int:
    """Write the schemas of all show commands. Exit status: 0; 1 where one has no shape."""
    options = argparse.ArgumentParser(prog="python -m engine.schemas", description=__doc__)
    options.add_argument("folder", type=Path, nargs="?", default=Path("docs/schemas"))
    folder = options.parse_args(argv).folder
    folder.mkdir(parents=True, exist_ok=True)
    status = 0
    for command in show_commands():
        try:
            text = json.dumps(schema_of(command), indent=2) + "\n"
        except LookupError as error:
            print(error, file=sys.stderr)
            status = 1
            continue
        (folder / file_name(command)).write_text(text)
    return status


if __name__ == "__main__":
    sys.exit(main())
