"""What the engine raises at its users."""


class VppshError(Exception):
    """Base of all errors that are the user's to mend, never a defect of the engine."""


class ControlError(VppshError, ValueError):
    """A change of configuration that cannot be made; nothing was changed. str is the text VPP would print."""


class StartupError(ControlError):
    """A startup file that cannot be used; nothing was started. str is file, line and what is wrong.

    file: its path, or "startup" where the text was given. line: from 1; None where the file as a whole is meant.
    """

    def __init__(self, message: str, file: str, line: int | None = None) -> None:
        super().__init__(f"{file}: {message}" if line is None else f"{file}:{line}: {message}")
        self.file, self.line = file, line


class CaptureError(VppshError, ValueError):
    """A capture that cannot be read, or not further than this; all before that packet was delivered.

    path: the file. packet: the number of the packet that cannot be read, from 1; None where the file as
    a whole is meant. reason: what is wrong with it, in words.
    """

    def __init__(self, path: str, reason: str, packet: int | None = None) -> None:
        super().__init__(f"{path}: {reason}" if packet is None else f"{path}: packet {packet}: {reason}")
        self.path = path
        self.reason = reason
        self.packet = packet


class WireLoopError(VppshError, RuntimeError):
    """Packets that go round the wires of a lab without end; they were taken off the wires."""


class LabError(ControlError):
    """A lab that cannot be built, or has no such node or wire; nothing was built or changed."""


class NodeRefusedError(LabError):
    """A node of a lab refused its configuration; str is node, file, line and the CLI's own message.

    node: its name. file, line: of the refused line, as far as there is one. message: what the CLI said.
    """

    def __init__(self, node: str, message: str, file: str | None = None, line: int | None = None) -> None:
        where = f"{file}:{line}: " if file is not None else ""
        super().__init__(f"{node}: {where}{message}")
        self.node, self.message, self.file, self.line = node, message, file, line
