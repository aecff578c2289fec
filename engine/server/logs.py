"""What the daemon logs: one line an event, as key=value (logfmt) or as JSON, with fields that machines find again."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

FORMATS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")


def event(log: logging.Logger, level: int, message: str, **fields: Any) -> None:
    """Log that something happened, with what is to be known about it."""
    log.log(level, message, extra={"fields": fields})


def _entries(record: logging.LogRecord, formatter: logging.Formatter) -> dict[str, Any]:
    """A record as fields, in the order in which they are written."""
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    entries = {
        "time": moment.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "msg": record.getMessage(),
        **getattr(record, "fields", {}),
    }
    if record.exc_info:
        entries["traceback"] = formatter.formatException(record.exc_info)
    return entries


class JsonLines(logging.Formatter):
    """`{"time": ..., "level": ..., "logger": ..., "msg": ..., <fields>}`, one a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        return json.dumps(_entries(record, self), default=str)


class KeyValue(logging.Formatter):
    """`time=... level=... logger=... msg="..." <fields>`; what has blanks or quotes is quoted as JSON quotes it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        return " ".join(f"{key}={_quoted(value)}" for key, value in _entries(record, self).items())


def _quoted(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    plain = text and text.isprintable() and not set(text) & set(' "=')
    return text if plain else json.dumps(text)


class Plain(logging.Formatter):
    """`vppengine: what happened (field: value)`, for a person who looks at it now."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback where there is one."""
        fields = ", ".join(f"{key}: {value}" for key, value in getattr(record, "fields", {}).items())
        text = f"{record.name}: {record.getMessage()}" + (f" ({fields})" if fields else "")
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


FORMATTERS = {"text": KeyValue(), "json": JsonLines(), "plain": Plain()}


class Log:
    """Where the daemon logs to: a file, or standard error when there is none. form: of FORMATTERS.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: str | None, form: str, level: int) -> None:
        self.path = path
        self._handler: logging.StreamHandler[Any]
        self._handler = logging.StreamHandler(sys.stderr) if path is None else logging.FileHandler(path)
        self._handler.setFormatter(FORMATTERS[form])
        root = logging.getLogger()
        root.handlers[:] = [self._handler]
        root.setLevel(level)

    def close(self) -> None:
        """Write nothing more."""
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()

    def reopen(self) -> None:
        """Go on in a new file of the same path: someone has moved the old one away.

        Raises:
            OSError: it cannot be made; the old one is still written.
        """
        if self.path is not None:
            old = self._handler.setStream(open(self.path, "a", encoding="utf-8"))  # noqa: SIM115
            if old is not None:
                old.close()
