"""Two connected subnets with a neighbour each: 10.0.0.0/24 on pg0, 10.0.1.0/24 on pg1."""

import pytest

from engine import Engine

TWO_SUBNETS = """
create packet-generator interface pg0
set interface mac address pg0 02:fe:00:00:00:00
set interface ip address pg0 10.0.0.1/24
set interface state pg0 up
set ip arp static pg0 10.0.0.2 02:00:00:00:00:02
create packet-generator interface pg1
set interface mac address pg1 02:fe:00:00:00:01
set interface ip address pg1 10.0.1.1/24
set interface state pg1 up
set ip arp static pg1 10.0.1.2 02:00:00:00:01:02
"""


def configure(vpp, lines):
    for line in lines.strip().splitlines():
        vpp.cli(line)


class Network:
    """An engine, and how tests send through it."""

    def __init__(self, vpp):
        self.vpp = vpp

    def __getattr__(self, name):
        return getattr(self.vpp, name)

    def send(self, *frames, interface="pg0", together=False):
        """Let frames enter; every packet must be accounted for, and every buffer given back but those that wait."""
        run = self.vpp.replay({interface: list(frames)}, together=together)
        assert run.received == len(frames)
        assert run.received + run.generated == run.transmitted + run.consumed + run.dropped
        return run


@pytest.fixture(params=["18.01", "18.10"])
def net(request):
    with Engine(profile=request.param) as vpp:
        configure(vpp, TWO_SUBNETS)
        yield Network(vpp)
        assert vpp.buffers.in_use == vpp.buffers_held


@pytest.fixture
def new_net():
    """The same for one profile: 18.10."""
    with Engine(profile="18.10") as vpp:
        configure(vpp, TWO_SUBNETS)
        yield Network(vpp)
