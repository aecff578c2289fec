"""The interactive console: prompt, completion, history, pager. What a line means is the engine's business."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output, create_output

from .client import Client, RemoteError, UnreachableError
from .lab import Session
from .pager import Pager

LEAVE = {"quit", "q", "exit"}
BANNER = (
    "    _______    _        _   _____  ___ \n"
    " __/ __/ _ \\  (_)__    | | / / _ \\/ _ \\\n"
    " _/ _// // / / / _ \\   | |/ / ___/ ___/\n"
    " /_/ /____(_)_/\\___/   |___/_/  /_/    \n"
    "\n"
)


class EngineCompleter(Completer):
    """Asks the engine's command tree, live values included."""

    def __init__(self, client: Client | Session) -> None:
        self._client = client

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """What could be the word before the cursor."""
        text = document.text_before_cursor
        begun = 0 if text[-1:].isspace() or not text else len(text.split()[-1])
        try:
            found = self._client.complete(text)
        except (UnreachableError, RemoteError):
            return  # the next line typed will tell
        for completion, about in found:
            yield Completion(completion + " ", start_position=-begun, display=completion, display_meta=about)


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
    return FileHistory(path)


class Console:
    """A conversation with an engine.

    Args:
        client: the connection to it, or the session with a lab's nodes.
        keys, screen: where keys come from and text goes; the terminal, unless said otherwise.
        history: the lines typed before.
    """

    def __init__(
        self,
        client: Client | Session,
        keys: Input | None = None,
        screen: Output | None = None,
        history: History | None = None,
    ) -> None:
        self._client = client
        self._screen = screen or create_output()
        self._typed: list[str] = []
        self._session: PromptSession[str] = PromptSession(
            completer=EngineCompleter(client),
            complete_while_typing=False,
            history=history or open_history(),
            input=keys,
            output=self._screen,
        )
        self._pager = Pager(self._session.input, self._screen)

    def run(self) -> int:
        """Read and run lines until the user leaves. Exit status: 0, or 1 when the engine has gone."""
        self._write(BANNER)
        while True:
            try:
                line = self._session.prompt(self._client.prompt).strip()
            except KeyboardInterrupt:
                continue
            except EOFError:
                return 0
            if line in LEAVE:
                return 0
            if line and self._typed[-1:] != [line]:
                self._typed.append(line)
            try:
                self._run(line)
            except KeyboardInterrupt:
                self._write("^C\n")
            except UnreachableError as error:
                print(f"vppsh: {error}", file=sys.stderr)
                return 1

    def _run(self, line: str) -> None:
        if line == "history":
            self._pager.show("".join(f"{number}  {typed}\n" for number, typed in enumerate(self._typed, 1)))
        elif line:
            self._pager.show(self._client.cli(line))

    def _write(self, text: str) -> None:
        self._screen.write_raw(text)
        self._screen.flush()
