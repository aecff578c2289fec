"""What a capture file can do wrong."""


class CaptureError(Exception):
    """A capture cannot be read, or not further than this.

    path: the file. packet: the number of the packet that cannot be read, from 1; None where the file as
    a whole is meant. reason: what is wrong with it, in words.
    """

    def __init__(self, path: str, reason: str, packet: int | None = None) -> None:
        super().__init__(f"{path}: {reason}" if packet is None else f"{path}: packet {packet}: {reason}")
        self.path = path
        self.reason = reason
        self.packet = packet
