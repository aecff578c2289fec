"""Stands in for VPP's CLI socket: speaks its dialogue, and answers from what was recorded."""

import socket
import threading

GREETING = bytes.fromhex("fffc22 fffe22 fffb03 fffd03 fffb01 fffe01 fffd18 fffa1801fff0 fffd1f fffa1f01fff0")
TYPE = bytes.fromhex("fffa1800") + b"vppctl" + bytes.fromhex("fff0")


class StandIn:
    """Listens at a path. `heard` are the lines it was given.

    Args:
        answers: by line; others are unknown input.
        piece: bytes that it sends at once.
    """

    def __init__(self, path, answers, piece=1000, greeting=GREETING):
        self.path, self.answers, self.piece, self.greeting = path, answers, piece, greeting
        self.heard = []
        self.sessions = 0
        self.release = threading.Event()  # an answer that is None waits for it
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def close(self):
        self.release.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.sessions += 1
            with client:
                try:
                    self.converse(client)
                except OSError:
                    continue

    def converse(self, client):
        client.sendall(self.greeting)
        received = b""
        while TYPE not in received:
            data = client.recv(1000)
            if not data:
                return
            received += data
        received = received.partition(TYPE)[2]
        while True:
            if received and not self.answer(client, received):
                return
            received = client.recv(1 << 16)
            if not received:
                return

    def answer(self, client, data):
        """VPP takes what it reads at once for a command; then comes a NUL. False when that was `quit`."""
        line = data.decode().strip()
        self.heard.append(line)
        if line in ("q", "quit", "crash"):
            return False
        text = self.answers.get(line, f"unknown input `{line}'\n" if line else "")
        if text is None:
            client.sendall(b"begun\r\n")
            self.release.wait(10)
            text = "done\n"
        sent = text.replace("\n", "\r\n").encode() + b"\0"
        for at in range(0, len(sent), self.piece):
            client.sendall(sent[at : at + self.piece])
        return True
