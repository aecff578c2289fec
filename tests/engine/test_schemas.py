"""`| json` of every show command, against the schema that is published for it."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from engine import CliError, Engine
from engine.cli import CommandTable, Output
from engine.cli.output import data_of, json_pieces, pieces
from engine.schemas import file_name, main, schema_of, show_commands
from tests.net.frames import ethernet, ip4

ROOT = Path(__file__).parents[2]
CONTIV = ROOT / "pcaps" / "contiv"
COMMANDS = {command.path: command for command in show_commands()}
NEED_AN_ARGUMENT = {"show node": "show node ip4-lookup", "show abf attach": "show abf attach tap0"}
VARIANTS = [
    "show acl-plugin interface acl detail",
    "show acl-plugin sessions verbose 1",
    "show acl-plugin sessions thread 0 index 0",
    "show abf attach tap0",
    "show abf policy 1",
    "show acl-plugin tables hash",
    "show adj 1",
    "show bridge-domain 1 detail",
    "show errors verbose",
    "show interface address",
    "show interface features tap2",
    "show interface tap2",
    "show ip fib 10.1.1.5",
    "show ip fib 0.0.0.0/0",
    "show ip fib 20.1.1.1",
    "show ip fib summary",
    "show ip4-reassembly details",
    "show l2fib all",
    "show load-balance 1",
    "show nat44 sessions detail",
    "show runtime max",
    "show runtime verbose",
    "show node index 1",
    "show trace max 1",
    "show version cmdline",
    "show version verbose",
    "show vlib graph ip4-lookup",
]
MORE = """
nat44 add interface address tap4
nat44 add interface address tap5 twice-nat
nat44 add load-balancing static mapping protocol tcp external 10.96.0.9:80 local 10.1.1.5:8080 probability 50 \
local 10.1.1.6:8080 probability 50 out2in-only
ip route add 20.0.0.0/8 via 10.1.1.5
set bridge-domain arp entry 1 10.1.1.9 02:00:00:00:00:09
l2fib add 02:00:00:00:00:07 1 vxlan_tunnel0
create geneve tunnel local 192.168.16.1 remote 192.168.16.9 vni 9
set acl-plugin acl permit proto 99
abf policy add id 1 acl 2 via 10.1.1.5
abf attach ip4 policy 1 tap0
set acl-plugin macip acl permit ip 10.1.1.9/32 mac 02:00:00:00:00:09, permit
set acl-plugin macip interface tap0 acl 0
set ip arp proxy 10.9.0.1 - 10.9.0.9
"""


# What is empty in a node with all of the above: sessions are listed when asked for, and nothing translates IPv6.
EMPTY = {"show acl-plugin sessions": {"$.sessions"}, "show nat virtual-reassembly": {"$.ip6.reassemblies"}}
RUNNING = ("show runtime", "show clock")  # what is told of time differs from one moment to the next
TAP4_MAC = bytes.fromhex("02fe10037c4d")
LATER_FRAGMENT = ethernet(ip4("10.1.1.5", "10.1.2.4", bytes(64), protocol=17, id=9, offset=800), TAP4_MAC)


@pytest.fixture(scope="module", params=["18.01", "18.10"])
def vpp(request):
    """A node of a cluster, with traffic, fragments among it."""
    with Engine(profile=request.param, startup="nat { endpoint-dependent }") as vpp:
        vpp.exec(CONTIV / "node1.vpp")
        for line in MORE.strip().replace("\\\n", "").splitlines():
            vpp.cli(line)
        for flow in ("pod-to-service-same-node", "pod-to-internet", "host-to-pod"):
            captures = (CONTIV / f"{flow}-request.pcap", CONTIV / f"{flow}-response.pcap")
            vpp.replay({"tap2": captures[0], "tap4": captures[1]}, trace=20)
        vpp.replay({"tap4": [LATER_FRAGMENT]})
        yield vpp


def validate(vpp, line, command):
    schema = json.loads((ROOT / "docs" / "schemas" / file_name(command)).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    data = json.loads(vpp.cli(f"{line} | json"))
    jsonschema.validate(data, schema, cls=jsonschema.Draft202012Validator)
    return data


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_every_show_command(vpp, path):
    command = COMMANDS[path]
    if command.profiles is not None and vpp.profile not in command.profiles:
        pytest.skip(f"{vpp.profile} has no {path}")
    if schema_of(command).get("not") == {}:
        with pytest.raises(CliError):
            vpp.cli(f"{path} | json")
        return
    validate(vpp, NEED_AN_ARGUMENT.get(path, path), command)


@pytest.mark.parametrize("line", VARIANTS)
def test_every_layout(vpp, line):
    command = next(COMMANDS[path] for path in sorted(COMMANDS, key=len, reverse=True) if line.startswith(path))
    if command.profiles is not None and vpp.profile not in command.profiles:
        pytest.skip(f"{vpp.profile} has no {command.path}")
    assert validate(vpp, line, command) not in ([], {})


def empty_parts(data, path="$"):
    """Where lists and maps are empty; of the rows of a list, where they all are."""
    if isinstance(data, dict):
        return set().union(*(empty_parts(each, f"{path}.{name}") for name, each in data.items())) if data else {path}
    if isinstance(data, list):
        return set.intersection(*(empty_parts(each, f"{path}[]") for each in data)) if data else {path}
    return set()


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_there_is_something_in_every_table(vpp, path):
    """Else the schemas above would be held against nothing."""
    command = COMMANDS[path]
    if command.profiles is not None and vpp.profile not in command.profiles:
        pytest.skip(f"{vpp.profile} has no {path}")
    if schema_of(command).get("not") == {}:
        return
    data = json.loads(vpp.cli(f"{NEED_AN_ARGUMENT.get(path, path)} | json"))
    assert empty_parts(data) == EMPTY.get(path, set())


def test_empty_parts():
    assert empty_parts([{"a": [], "b": {}}, {"a": [1], "b": {}}]) == {"$[].b"}
    assert empty_parts({"a": [], "b": 1}) == {"$.a"}
    assert empty_parts([]) == {"$"}


@pytest.mark.parametrize("line", [*sorted(COMMANDS), *VARIANTS, *NEED_AN_ARGUMENT.values()])
def test_the_text_is_laid_out_from_that_data(vpp, line):
    """The data, to JSON and back, is all that the text needs."""
    try:
        expected = vpp.cli(line)
    except CliError:
        return  # refused, or of another profile
    ((command, result),) = vpp.registry._execute(vpp, line, None)
    data = json.loads("".join(json_pieces(data_of(result))))
    text = "".join(pieces(command, Output(data, result.text) if isinstance(result, Output) else data))
    if line.startswith(RUNNING):
        expected, text = (re.sub(r"[\d.e+-]+", "0", each) for each in (expected, text))
    assert text == expected


def test_the_published_schemas_are_those_of_the_commands(tmp_path):
    assert main([str(tmp_path)]) == 0
    published = {path.name: path.read_text() for path in (ROOT / "docs" / "schemas").glob("*.json")}
    assert published == {path.name: path.read_text() for path in tmp_path.glob("*.json")}


def test_a_schema_refuses_what_it_does_not_know(vpp):
    schema = schema_of(COMMANDS["show clock"])
    for wrong in ({}, {"now": "noon"}, {"now": 1.0, "then": 2.0}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_a_command_without_a_shape():
    commands = CommandTable()

    @commands.command("show nothing", help="")
    def show_nothing(vpp, args):
        pass

    with pytest.raises(LookupError, match="show nothing"):
        schema_of(commands.commands[0])


def test_an_error_has_no_json(vpp):
    with pytest.raises(CliError, match="unknown input"):
        vpp.cli("show nothing | json")
