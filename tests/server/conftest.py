import threading

import pytest

from engine import Engine
from engine.server.server import Server
from shell.client import Client


@pytest.fixture
def vpp():
    with Engine(profile="18.10") as vpp:
        yield vpp


@pytest.fixture
def server(vpp, tmp_path):
    """A server in a thread of its own, which is the engine's thread here."""
    server = Server(vpp, str(tmp_path / "engine.sock"))

    def serve():
        while server.running:
            server.step(0.02)

    thread = threading.Thread(target=serve)
    thread.start()
    yield server
    server.stop()
    thread.join()
    server.close()


@pytest.fixture
def client(server):
    with Client(server.path) as client:
        yield client
