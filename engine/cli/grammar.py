"""The grammar of a command's arguments: clauses, alternatives, loops and groups.

The same parts parse a line and complete it: where the input ends, a completing cursor collects what each part that was
tried there would have accepted. As in VPP, keywords are matched without looking at what follows them, clauses are
tried in the order of their declaration, and a clause that matches in part only leaves everything unread.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from .errors import CliError
from .types import Type
from .unformat import Cursor

_TOKEN = re.compile(r"<(?P<field>\w+)>|(?P<blank>\s+)|(?P<literal>[^\s<]+|<)")


class Args(dict[str, Any]):
    """What a line said, by field; also as attributes. Fields the line did not mention hold their default.

    `args.given` holds the names of the fields it did mention.
    """

    def __init__(self, defaults: dict[str, Any]) -> None:
        super().__init__(defaults)
        self.given: set[str] = set()
        self.open_groups: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the grammar has no field {name!r}") from None

    def put(self, values: dict[str, Any]) -> None:
        """Set fields that the line mentions."""
        self.update(values)
        self.given.update(values)


class Part:
    """One element of a grammar.

    Attributes:
        error: VPP's text when the part must match and does not; None when it may be left out. `{rest}` in it stands
            for the quoted unread input, `{raw}` for the same with its leading blanks.
        parts: the parts it is made of.
    """

    error: str | None = None
    parts: "Sequence[Part]" = ()

    def match(self, cursor: Cursor, vpp: Any, args: Args) -> bool:
        """Read the part into `args`; False, with nothing read, when the input is something else."""
        raise NotImplementedError

    def defaults(self) -> dict[str, Any]:
        """Fields the part can set, with the values they have when it does not."""
        return _defaults(self.parts)

    def usage(self) -> Iterator[str]:
        """Its clauses, one by one, for documentation."""
        for part in self.parts:
            yield from part.usage()

    def parse(self, cursor: Cursor, vpp: Any, args: Args) -> bool:
        """`match`, or the part's error.

        Raises:
            CliError: it did not match and has an error text.
        """
        if self.match(cursor, vpp, args):
            return True
        if self.error is not None:
            raise refusal(self.error, cursor)
        return False


def fill(error: str, cursor: Cursor) -> str:
    """An error text with the unread input in it."""
    return error.replace("{rest}", cursor.quote()).replace("{raw}", cursor.quote(skip_blanks=False))


def refusal(error: str, cursor: Cursor) -> CliError:
    """The error of what stands at the cursor."""
    return CliError(fill(error, cursor), unread=cursor.unread)


class Clause(Part):
    """Words and arguments in a row, such as ``Clause("local <local>:<port>", local=IP4, port=U16)``.

    Args:
        pattern: words, and `<field>` for arguments. A blank reads any white space, none included.
        error: VPP's text when the clause is required and missing.
        help: one line for completion.
        into: a field that collects a dict for each match, for clauses that may come several times.
        fields: for a `<field>` of the pattern its `Type`; any other is a constant the clause sets when it matches.
    """

    def __init__(
        self, pattern: str, *, error: str | None = None, help: str = "", into: str | None = None, **fields: Any
    ) -> None:
        self.pattern = pattern
        self.error = error
        self.help = help
        self.into = into
        self.tokens = list(_TOKEN.finditer(pattern))
        names = {token["field"] for token in self.tokens if token["field"]}
        self.types: dict[str, Type] = {name: fields[name] for name in names}
        self.constants = {name: value for name, value in fields.items() if name not in names}

    def match(self, cursor: Cursor, vpp: Any, args: Args) -> bool:
        """Read the words and arguments in a row."""
        start = cursor.pos
        values = self._read(cursor, vpp)
        if values is None:
            cursor.pos = start
            return False
        if self.into is None:
            args.put(values)
        else:
            args[self.into] = [*args[self.into], values]
            args.given.add(self.into)
        return True

    def _read(self, cursor: Cursor, vpp: Any) -> dict[str, Any] | None:
        values = dict(self.constants)
        cursor.skip_blanks()
        for index, token in enumerate(self.tokens):
            if cursor.completing and not token["blank"]:
                self._suggest(cursor, vpp, index)
            if token["blank"]:
                cursor.skip_blanks()
            elif token["literal"]:
                if not cursor.literal(token["literal"]):
                    return None
            else:
                value = self.types[token["field"]].parse(cursor, vpp)
                if value is None:
                    return None
                values[token["field"]] = value
        return values

    def _suggest(self, cursor: Cursor, vpp: Any, index: int) -> None:
        """What could stand at this token, if a word begins here."""
        if index and not self.tokens[index - 1]["blank"]:
            return
        token = self.tokens[index]
        assert cursor.suggestions is not None
        if token["field"]:
            values = self.types[token["field"]].complete(vpp, cursor.prefix)
            cursor.suggestions += ((value, about or self.help) for value, about in values)
        elif index + 1 == len(self.tokens) or self.tokens[index + 1]["blank"]:
            cursor.suggestions.append((token["literal"], self.help))

    def defaults(self) -> dict[str, Any]:
        """Its fields, None; its flags, False; an empty list when it is collected."""
        if self.into is not None:
            return {self.into: []}
        # a flag that is not given is false, anything else is absent
        flags = {name: False if value is True else None for name, value in self.constants.items()}
        return flags | dict.fromkeys(self.types)

    def usage(self) -> Iterator[str]:
        """The pattern, with the names of the types."""
        yield re.sub(r"<(\w+)>", lambda found: self._metavar(found[1]), self.pattern)

    def _metavar(self, field: str) -> str:
        metavar = self.types[field].metavar
        return f"<{field}>" if metavar in ("<n>", "<word>", "<value>") else metavar


class Either(Part):
    """The first of several parts that matches; may match nothing unless it has an error text."""

    def __init__(self, *parts: Part, error: str | None = None) -> None:
        self.parts = parts
        self.error = error

    def match(self, cursor: Cursor, vpp: Any, args: Args) -> bool:
        """Read the first part that matches."""
        return any(part.parse(cursor, vpp, args) for part in self.parts)


class Loop(Part):
    """Parts in any order and number, until the input ends; the last of two that set the same field wins.

    Args:
        error: VPP's text for a word that is none of them; without it the loop stops there and leaves the word unread.
    """

    def __init__(self, *parts: Part, error: str | None = None) -> None:
        self.parts = parts
        self.unknown = error

    def match(self, cursor: Cursor, vpp: Any, args: Args) -> bool:
        """Read parts until the input ends, or one is none of them."""
        while not cursor.at_end:
            before = cursor.pos
            if not any(part.parse(cursor, vpp, args) for part in self.parts) or cursor.pos == before:
                if cursor.completing or self.unknown is None:
                    break
                raise refusal(self.unknown, cursor)
        if cursor.completing:
            for part in self.parts:
                part.match(cursor, vpp, args)
        return True


class Group(Part):
    """Clauses that together describe one item of a list, such as a rule of an ACL; used inside a `Loop`.

    The first clause that matches opens an item, further ones add to it, the separator closes it.

    Args:
        name: the field that gets the list of dicts.
        clauses: what an item is made of.
        separator: the text between items.
        initial: fields of an item that no clause mentions.
    """

    def __init__(
        self, name: str, *clauses: Clause, separator: str = ",", initial: dict[str, Any] | None = None
    ) -> None:
        self.name = name
        self.parts = clauses
        self.separator = separator
        self.initial = _defaults(clauses) | (initial or {})

    def match(self, cursor: Cursor, vpp: Any, args: Args) -> bool:
        """Add a clause to the open item, open one, or close it at a separator."""
        item = args[self.name][-1] if self.name in args.open_groups else Args(self.initial)
        if any(clause.match(cursor, vpp, item) for clause in self.parts):
            if self.name not in args.open_groups:
                args[self.name] = [*args[self.name], item]
                args.open_groups.add(self.name)
                args.given.add(self.name)
            return True
        start = cursor.pos
        cursor.skip_blanks()
        if self.name in args.open_groups and cursor.literal(self.separator):
            args.open_groups.discard(self.name)
            return True
        cursor.pos = start
        return False

    def defaults(self) -> dict[str, Any]:
        """The list, empty."""
        return {self.name: []}


class End(Part):
    """Nothing may follow: the error of what still does."""

    def __init__(self, error: str = "unknown input `{rest}'") -> None:
        self.error = error

    def match(self, cursor: Cursor, vpp: Any, args: Args) -> bool:
        """True when nothing is left."""
        return cursor.at_end


class Syntax:
    """The arguments of a command: its parts in order."""

    def __init__(self, parts: Sequence[Part] = (), defaults: dict[str, Any] | None = None) -> None:
        self.parts = tuple(parts)
        self._defaults = _defaults(self.parts) | (defaults or {})

    def parse(self, cursor: Cursor, vpp: Any) -> Args:
        """Read the arguments; what follows them stays unread.

        Raises:
            CliError: with the text of the part that did not match.
        """
        args = Args(self._defaults)
        for part in self.parts:
            part.parse(cursor, vpp, args)
        return args

    def usage(self) -> list[str]:
        """The clauses, one by one, for documentation."""
        return [usage for part in self.parts for usage in part.usage()]


def _defaults(parts: Sequence[Part]) -> dict[str, Any]:
    """Defaults of all parts; a field that one part sets true is false, even where another sets it false."""
    merged: dict[str, Any] = {}
    for part in parts:
        for name, value in part.defaults().items():
            if merged.get(name) is None:
                merged[name] = value
    return merged
