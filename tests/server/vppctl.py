"""What the vppctl binary does on the socket, byte by byte: 100 bytes at a time, NULs counted as acknowledgements."""

import socket

IAC, SB, SE = 255, 250, 240
TERMINAL_TYPE, WINDOW_SIZE = 24, 31
PIECE = 100


class Vppctl:
    """A run of `vppctl`: with a command, or with the lines of a pipe as its standard input."""

    def __init__(self, path, command=None, stdin=b"", terminal="vppctl", size=None):
        self.terminal, self.size = terminal, size
        self.command = None if command is None else f"{command} \n\0".encode()
        self.stdin = [stdin[at : at + PIECE] for at in range(0, len(stdin), PIECE)]
        self.output = b""
        self.acknowledged = 1
        self.quit_after = 0
        self.told_type = False
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(10)
        self.socket.connect(path)

    def run(self):
        """What it prints, until the other side hangs up."""
        while data := self.socket.recv(PIECE):
            self.received(data)
            if self.told_type and self.command is None and self.stdin is not None:
                self.pipe()
        self.socket.close()
        return self.output

    def pipe(self):
        """All of standard input, and its end."""
        for piece in self.stdin:
            self.socket.sendall(piece)
        self.stdin = None
        self.quit_after = 1

    def received(self, data):
        text = self.options(data)
        self.output += text.replace(b"\0", b"")
        self.acknowledged += text.count(b"\0")
        if self.quit_after and self.quit_after < self.acknowledged:
            self.socket.sendall(b"quit\n")
            self.quit_after = 0
        if self.command is not None and self.told_type:
            self.socket.sendall(self.command)
            self.command, self.stdin = None, None
            self.quit_after = self.acknowledged

    def options(self, data):
        """Takes the options out as vppctl does, which expects none to be cut by the end of what it has read."""
        text, at = b"", 0
        while at < len(data):
            if data[at] != IAC:
                text += data[at : at + 1]
                at += 1
            elif data[at + 1] == SB:
                option = data[at + 2]
                at = data.index(IAC, at + 3) + 2
                self.asked(option)
            else:
                at += 3
        return text

    def asked(self, option):
        if option == TERMINAL_TYPE:
            self.socket.sendall(bytes((IAC, SB, TERMINAL_TYPE, 0)) + self.terminal.encode() + bytes((IAC, SE)))
            self.told_type = True
        elif option == WINDOW_SIZE and self.size is not None:
            columns, rows = (number.to_bytes(2, "big") for number in self.size)
            self.socket.sendall(bytes((IAC, SB, WINDOW_SIZE)) + columns + rows + bytes((IAC, SE)))


class Terminal(Vppctl):
    """vppctl at a terminal: keys go out one by one; `wait` reads until a text has come."""

    def __init__(self, path, terminal="xterm", size=(80, 24)):
        super().__init__(path, terminal=terminal, size=size)
        self.stdin = None
        self.seen = ""  # what the last wait gave

    def type(self, keys):
        for byte in keys.encode():
            self.socket.sendall(bytes((byte,)))

    def wait(self, text):
        """The output up to and with the text; what follows is kept."""
        wanted = text.encode()
        while wanted not in self.output:
            data = self.socket.recv(PIECE)
            assert data, f"hung up before {text!r}: {self.output!r}"
            self.received(data)
        end = self.output.index(wanted) + len(wanted)
        self.seen, self.output = self.output[:end].decode(), self.output[end:]
        return self.seen

    def ends(self):
        """Whether the other side hangs up."""
        while data := self.socket.recv(PIECE):
            self.received(data)
        return True


def at_once(path, *pieces):
    """A raw client that sends pieces and reads all that is answered until the other side hangs up or falls silent."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
        raw.connect(path)
        raw.settimeout(0.4)
        for piece in pieces:
            raw.sendall(piece)
        answer = b""
        try:
            while data := raw.recv(1 << 16):
                answer += data
        except TimeoutError:
            pass
        return answer
