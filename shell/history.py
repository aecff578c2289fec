"""The lines typed, one file for all consoles of the user."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory


class SharedHistory(FileHistory):
    """Reads its file again for every prompt, so that consoles see each other's lines."""

    async def load(self) -> AsyncGenerator[str, None]:
        """All lines, the newest first."""
        for line in self.load_history_strings():
            yield line


def history_file() -> Path:
    """Where the lines typed are kept, for all consoles of the user."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "vppsh" / "history"


def open_history() -> History:
    """The shared history, or one of this session when its file cannot be used."""
    path = history_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return SharedHistory(path)
