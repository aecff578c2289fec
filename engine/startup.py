"""VPP's startup.conf: sections of words in braces."""

import re
from pathlib import Path
from typing import Any

from .errors import ControlError

Section = dict[str, Any]


def read_startup(source: str | Path | None) -> dict[str, Section]:
    """Sections of a startup file, given as its text or its path: {"nat": {"endpoint-dependent": True}}.

    A line `translation hash buckets 1024` becomes {"translation hash buckets": 1024}; words alone become True; nested
    braces nested dicts. Raises ControlError for braces that do not match or a file that cannot be read.
    """
    if source is None:
        return {}
    text = source if isinstance(source, str) and ("{" in source or not source.strip()) else _read(Path(source))
    lines = re.sub(r"([{}])", r"\n\1\n", re.sub(r"#[^\n]*", "", text)).replace(",", "\n").splitlines()
    rows = iter([line.split() for line in lines if line.strip()])
    return _section(rows, top=True)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ControlError(f"cannot read {path}: {error}") from error


def _section(rows: Any, top: bool = False) -> Section:
    """The rows up to the closing brace; a name waits for its opening brace, or else is an option."""
    found: Section = {}
    waiting: list[str] = []
    for words in rows:
        if words == ["{"]:
            if not waiting:
                raise ControlError("startup: a section without a name")
            found[" ".join(waiting)] = _section(rows)
            waiting = []
            continue
        _option(found, waiting)
        waiting = []
        if words == ["}"]:
            if top:
                raise ControlError("startup: `}' without a section")
            return found
        waiting = words
    if not top:
        raise ControlError("startup: a section is not closed")
    _option(found, waiting)
    return found


def _option(found: Section, words: list[str]) -> None:
    """Options of one line; a number belongs to the words before it, words without one are flags."""
    name: list[str] = []
    for word in words:
        if re.fullmatch(r"\d+", word) and name:
            found[" ".join(name)] = int(word)
            name = []
        else:
            name.append(word)
    if name:
        found[" ".join(name)] = True
