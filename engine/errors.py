"""What the engine raises at its users."""


class VppshError(Exception):
    """Base of all errors that are the user's to mend, never a defect of the engine."""


class ControlError(VppshError, ValueError):
    """A change of configuration that cannot be made; nothing was changed. str is the text VPP would print."""


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
