"""Lab files: what they may say, and what is said about those that make no sense."""

import pytest

from engine.errors import LabError, NodeRefusedError
from engine.lab import Lab
from engine.lab_file import End, read_lab

from .conftest import NODES


def test_what_a_file_says(tmp_path):
    (tmp_path / "lab.toml").write_text(
        'profile = "18.10"\nmax_crossings = 7\n'
        'wires = [["n1:GigabitEthernet0/8/0", "n2:pg0"]]\n'
        '[nodes.n1]\nconfig = ["a.vpp", "b.vpp"]\nstartup = "start.conf"\nseed = 9\n'
        '[nodes.n2]\nprofile = "18.01"\nstartup = "nat { endpoint-dependent }"\n')
    plan = read_lab(tmp_path / "lab.toml")
    first, second = plan.nodes
    assert (first.name, first.config) == ("n1", (tmp_path / "a.vpp", tmp_path / "b.vpp"))
    assert first.options == {"profile": "18.10", "seed": 9, "startup": str(tmp_path / "start.conf")}
    assert second.options == {"profile": "18.01", "seed": 1, "startup": "nat { endpoint-dependent }"}
    assert plan.cables == ((End("n1", "GigabitEthernet0/8/0"), End("n2", "pg0")),)
    assert plan.max_crossings == 7


@pytest.mark.parametrize(("text", "said"), [
    ("", "no nodes"),
    ("nodes = 3", "nodes cannot be 3"),
    ("[nodes]\na = 3", "node a cannot be 3"),
    ("[nodes.a]\nconfigs = 3", "node a has no 'configs', only"),
    ("[nodes.a]\nconfig = 3", "config of node a cannot be 3"),
    ("[nodes.a]\nconfig = [3]", "config of node a cannot be 3"),
    ("[nodes.a]\nprofile = 18.01", "profile of node a cannot be 18.01"),
    ('[nodes.a]\nprofile = "17.10"', "a: unknown profile '17.10'"),
    ("[nodes.a]\nseed = true", "seed of node a cannot be True"),
    ("[nodes.a]\nbuffers = 3", "a: a pool needs at least 1024 buffers"),
    ("[nodes.a]\nbuffers = -3", "a: "),
    ('[nodes.a]\nstartup = "none.conf"', "none.conf"),
    ("[nodes.all]", "a node cannot be called 'all'"),
    ('[nodes."a:b"]', "a node cannot be called 'a:b'"),
    ("wire = []\n[nodes.a]", "the lab has no 'wire', only max_crossings, nodes, profile, wires"),
    ("wires = 3\n[nodes.a]", "wires cannot be 3"),
    ('wires = ["a:x"]\n[nodes.a]', "a wire has two ends"),
    ('wires = [["a:x", "a:y", "a:z"]]\n[nodes.a]', "a wire has two ends"),
    ('wires = [["a:x", 3]]\n[nodes.a]', "expected NODE:INTERFACE, got 3"),
    ('wires = [["a:x", "b:x"]]\n[nodes.a]', "the wire of b:x: there is no node b, only a"),
    ('wires = [["a:x", "a:x"]]\n[nodes.a]', "both ends of a wire are at a:x"),
    ('wires = [["a:x", "a:y"], ["a:z", "a:x"]]\n[nodes.a]', "a:x has more than one end of a wire"),
    ('wires = [["a:tap1", "a:tap2"]]\n[nodes.a]', "a: no interface tap1"),
    ('wires = [["a:local0", "a:tap2"]]\n[nodes.a]', "a: local0 is no interface"),
    ("max_crossings = 0\n[nodes.a]", "max_crossings cannot be 0"),
    ("[nodes.a", "lab.toml: "),
    ("\xff", "lab.toml: "),
])
def test_files_that_make_no_sense(tmp_path, text, said):
    (tmp_path / "lab.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(LabError) as error:
        Lab(tmp_path / "lab.toml")
    assert said in str(error.value)


@pytest.mark.parametrize("path", ["none.toml", "."])
def test_files_that_cannot_be_read(tmp_path, path):
    with pytest.raises(LabError, match=r"No such file|directory"):
        Lab(tmp_path / path)


def test_a_node_that_refuses_its_configuration(folder):
    (folder / "b.vpp").write_text("# second\n\nset interface state pg9 up\n")
    with pytest.raises(NodeRefusedError) as error:
        Lab(folder / "lab.toml")
    assert (error.value.node, error.value.file, error.value.line) == ("b", str(folder / "b.vpp"), 3)
    assert str(error.value) == f"b: {folder}/b.vpp:3: set interface state: unknown interface `pg9 up'"


def test_a_configuration_that_is_not_there(folder):
    (folder / "b.vpp").unlink()
    with pytest.raises(NodeRefusedError, match=r"b: .*b\.vpp"):
        Lab(folder / "lab.toml")


def test_nodes_make_up_different_mac_addresses(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.vpp").write_text("create tap id 0\n")
    (tmp_path / "lab.toml").write_text(NODES)
    lab = Lab(tmp_path / "lab.toml")
    assert len({vpp.interfaces.get("tap0").mac for vpp in lab.nodes.values()}) == 2


def test_nodes_by_name(folder):
    with Lab(folder / "lab.toml") as lab:
        assert list(lab) == ["a", "b"]
        with pytest.raises(LabError, match="there is no node c, only a, b"):
            lab["c"]
