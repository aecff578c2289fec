"""Pictures from where users ask for them: a console's line, a command of vppsh, a replay, a lab."""

from xml.etree import ElementTree

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from shell import lab
from shell.client import Client
from shell.completion import EngineCompleter, with_own_words
from shell.diagram.command import PictureError
from shell.own_help import listed
from shell.talk import Talk
from tests.golden.test_golden import NODE1

CONTIV = NODE1.parent
FLOW = CONTIV / "pod-to-service-different-nodes"
SVG = "{http://www.w3.org/2000/svg}"


def texts(path):
    return ["".join(element.itertext()) for element in ElementTree.parse(path).getroot().iter(f"{SVG}text")]


def test_a_command_of_vppsh(vppsh, tmp_path):
    assert vppsh("show", "graph") == (0, "show graph: no node has seen packets\n", "")
    assert vppsh("sh", "tr", "diag", "packet", "x") == (
        0,
        "show trace diagram: expected show trace diagram [packet N] [file PATH], got `packet x'\n",
        "",
    )


@pytest.mark.parametrize("name", ["all.html", "one.svg"])
def test_a_replay(vppsh, tmp_path, name):
    inputs = ["--input", f"tap2={CONTIV}/pod-to-service-same-node-request.pcap"]
    status, out, err = vppsh("replay", "--config", str(NODE1), *inputs, "--json", "--diagram", name)
    assert (status, out[0]) == (0, "{")
    assert err.startswith(f"wrote {name}\n")
    assert "nat44-out2in" in (tmp_path / name).read_text()
    assert (tmp_path / "one.html").exists() == (name == "one.svg")
    assert not list(tmp_path.glob(".*"))


def test_a_replay_that_traced_nothing(vppsh):
    inputs = ["--input", f"tap2={CONTIV}/pod-to-service-same-node-request.pcap", "--trace", "0"]
    status, _, err = vppsh("replay", "--config", str(NODE1), *inputs, "--diagram", "x.svg")
    assert (status, err) == (2, "vppsh replay: show trace diagram: no packets in trace buffer\n")


def test_a_lab_and_one_of_its_nodes(vppsh, tmp_path):
    inputs = [f"--input=node1:tap2={FLOW}-request.pcap", f"--input=node2:tap3={FLOW}-response.pcap"]
    assert vppsh("replay", "--lab", str(CONTIV / "lab.toml"), *inputs, "--diagram", "x.svg")[0] == 0
    shown = texts(tmp_path / "x.svg")
    assert sum(text.startswith("node1 ") for text in shown) == 2
    assert shown.count("wire") == 2


class Remote:
    """A client with the data of a lab in this process."""

    def __init__(self, asked):
        self.asked = asked
        self.rpc = self

    def __getattr__(self, name):
        return getattr(self.asked, name)


def test_which_nodes_a_line_is_about(two_nodes, tmp_path):
    talk = Talk(lab.Session(Remote(two_nodes), ["node1", "node2"]))

    def headings(line):
        assert "wrote" in "".join(talk.run(f"{line} file {tmp_path}/x.svg"))
        return [text for text in texts(tmp_path / "x.svg") if text in ("node1", "node2") or text.startswith("wire")]

    assert headings("show graph") == headings("all show graph") == ["node1", "node2", "wire 2", "wire 2"]
    assert headings("node node2 show graph") == []
    with pytest.raises(PictureError, match="there is no packet 9"):
        list(talk.run("show trace diagram packet 9"))


def test_the_wires_of_a_lab(two_nodes):
    there, back = two_nodes.wires()
    assert there == {
        "from": "node1:GigabitEthernet0/8/0",
        "to": "node2:GigabitEthernet0/8/0",
        "input_node": "dpdk-input",
    }
    assert back["from"] == there["to"]


def test_an_engine_alone_has_no_wires(engine):
    with Client(engine) as client:
        assert client.wires() == []


def test_completion(engine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.svg").touch()
    with Client(engine) as client:
        completer = EngineCompleter(client)

        def words(text):
            return [found.display_text for found in completer.get_completions(Document(text), CompleteEvent())]

        assert words("show gra") == ["graph"]
        assert "diagram" in words("sh tr ")
        assert "max" in words("show trace ")
        assert words("show trace diagram ") == ["packet", "file"]
        assert words("show trace diagram packet 1 f") == ["file"]
        assert words("show graph file o") == ["old.svg"]
        assert words("show graph packet ") == []


def test_help_lists_them_among_the_engines(engine):
    with Client(engine) as client:
        said = "".join(Talk(client).run("show trace ?")).splitlines()
        assert [line[2:22].rstrip() for line in said[:2]] == ["show trace", "show trace diagram"]
        every = [line[2:42].rstrip() for line in "".join(Talk(client).run("show ?")).splitlines() if line]
        assert every == sorted(every, key=str.lower)
        assert "show graph" in every
        assert "show graph" not in "".join(Talk(client).run("set ?"))


def test_help_that_is_an_error_stays_as_it_is():
    assert "".join(listed("show ?", ["unknown\n"])) == "unknown\n"


def test_own_words_stand_in_the_engines_tree():
    tree = with_own_words({"show": {"trace": {"max": {}}, "version": {}}, "set": {"interface": {}}})
    assert set(tree["show"]) == {"trace", "version", "graph"}
    assert set(tree["show"]["trace"]) == {"max", "diagram"}
    assert set(tree["set"]) == {"interface", "terminal"}
