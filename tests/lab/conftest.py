import pytest

from engine.lab import Lab

# Two routers, 10.1.0.0/16 behind the one and 10.2.0.0/16 behind the other, on a wire between their "wan"s
ROUTER = """
create interface physical wan hw-addr 02:00:00:00:00:{n:02x}
set interface ip address wan 192.168.0.{n}/24
set interface state wan up
set ip arp static wan 192.168.0.{peer} 02:00:00:00:00:{peer:02x}
ip route add 10.{peer}.0.0/16 via 192.168.0.{peer} wan
create tap id {n} hw-addr 02:fe:00:00:00:{n:02x}
set interface ip address tap{n} 10.{n}.0.1/16
set interface state tap{n} up
set ip arp static tap{n} 10.{n}.0.2 02:aa:00:00:00:{n:02x}
"""
WIRES = 'wires = [["a:wan", "b:wan"]]\n'
NODES = '[nodes.a]\nconfig = "a.vpp"\n[nodes.b]\nconfig = ["b.vpp"]\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.vpp").write_text(ROUTER.format(n=1, peer=2))
    (tmp_path / "b.vpp").write_text(ROUTER.format(n=2, peer=1))
    (tmp_path / "lab.toml").write_text(WIRES + NODES)
    return tmp_path


@pytest.fixture
def lab(folder):
    with Lab(folder / "lab.toml") as lab:
        yield lab
        assert [vpp.buffers.in_use for vpp in lab.nodes.values()] == [0] * len(lab.nodes)
