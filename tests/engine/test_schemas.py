"""`| json` of every show command, against the schema that is published for it."""

import json
from pathlib import Path

import jsonschema
import pytest

from engine import CliError, Engine
from engine.cli import CommandTable
from engine.schemas import file_name, main, schema_of, show_commands

ROOT = Path(__file__).parents[2]
CONTIV = ROOT / "pcaps" / "contiv"
COMMANDS = {command.path: command for command in show_commands()}
NEED_AN_ARGUMENT = {"show node": "show node ip4-lookup"}
VARIANTS = [
    "show acl-plugin interface acl detail",
    "show acl-plugin sessions verbose 1",
    "show acl-plugin sessions thread 0 index 0",
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
nat44 add static mapping tcp local 10.9.9.9 80 external tap2 80
ip route add 20.0.0.0/8 via 10.1.1.5
set bridge-domain arp entry 1 10.1.1.9 02:00:00:00:00:09
l2fib add 02:00:00:00:00:07 1 vxlan_tunnel0
"""


@pytest.fixture(scope="module", params=["18.01", "18.10"])
def vpp(request):
    """A node of a cluster, with traffic, fragments among it."""
    with Engine(profile=request.param, startup="nat { endpoint-dependent }") as vpp:
        vpp.exec(CONTIV / "node1.vpp")
        for line in MORE.strip().splitlines():
            vpp.cli(line, check=False)
        for flow in ("pod-to-service-same-node", "pod-to-internet", "host-to-pod"):
            captures = (CONTIV / f"{flow}-request.pcap", CONTIV / f"{flow}-response.pcap")
            vpp.replay({"tap2": captures[0], "tap4": captures[1]}, trace=20)
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
