"""A little console to try the command language on: a few commands with VPP's own syntax over plain dicts."""

from types import SimpleNamespace

import pytest

from engine.cli import (
    IP4,
    MAC,
    PREFIX4,
    U16,
    U32,
    WORD,
    Clause,
    CliError,
    CommandTable,
    Either,
    Group,
    Loop,
    Output,
    Reads,
    Registry,
    Type,
)

table = CommandTable()
table.level("show", "Show commands")


class InterfaceName(Type):
    metavar = "<interface>"

    def parse(self, cursor, vpp):
        name = cursor.word()
        return name if name in vpp.interfaces else None

    def complete(self, vpp, prefix):
        return [(name, state) for name, state in vpp.interfaces.items()]


INTERFACE = InterfaceName()


class TableMissingError(Exception):
    pass


@table.command(
    "set interface state",
    help="set interface state <interface> [up|down|punt|enable]",
    syntax=[
        Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
        Either(Clause("up", state="up"), Clause("down", state="down"), error="unknown flags `{rest}'"),
    ],
)
def set_interface_state(vpp, args):
    vpp.interfaces[args.interface] = args.state


@table.command(
    "set interface ip table",
    help="set interface ip table <interface> <table-id>",
    syntax=[
        Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
        Clause("<table>", table=U32, error="expected table id `{rest}'"),
    ],
)
def set_interface_ip_table(vpp, args):
    raise TableMissingError(f"no such table {args.table}")


@table.command(
    "set interface mac address",
    help="set interface mac address <interface> <mac-address>",
    syntax=[
        Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
        Clause("<mac>", mac=MAC, error="expected mac address `{rest}'"),
    ],
)
def set_interface_mac(vpp, args):
    vpp.macs[args.interface] = args.mac


def interface_text(data):
    for interface in data:
        yield f"{interface['name']} {interface['state']}\n"


@table.command(
    "show interface",
    help="show interface [address] [<interface> [<interface> [..]]]",
    syntax=Loop(
        Clause("address", address=True),
        Clause("<name>", name=INTERFACE, into="names"),
        error="unknown input `{rest}'",
    ),
    text=interface_text,
)
def show_interface(vpp, args):
    names = [each["name"] for each in args.names] or list(vpp.interfaces)
    data = ({"name": name, "state": vpp.interfaces[name]} for name in names)
    if args.address:
        return Output(list(data), lambda data: "".join(f"{each['name']} (dn):\n" for each in data))
    return data


@table.command(
    "show interface features",
    help="show interface features <intfc>",
    syntax=[
        Clause("<interface>", interface=INTERFACE, error="Interface not specified..."),
    ],
)
def show_interface_features(vpp, args):
    return f"Feature paths configured on {args.interface}..."


@table.command("show version", help="show version [verbose] [cmdline]", syntax=Loop(Clause("verbose", verbose=True)))
def show_version(vpp, args):
    return "verbose\n" if args.verbose else "vpp v18.10\n"


@table.command("show ip arp", help="show ip arp")
def show_ip_arp(vpp, args):
    return None


@table.command("show ip fib", help="show ip fib [summary]", syntax=Loop(Clause("<prefix>", prefix=PREFIX4)))
def show_ip_fib(vpp, args):
    return f"fib {args.prefix}"


@table.command(
    "show trace",
    help="Show trace buffer [max COUNT]",
    syntax=Loop(Clause("max <count>", count=U32), error="expected 'max COUNT', got `{rest}'"),
    defaults={"count": 50},
)
def show_trace(vpp, args):
    return f"{args.count} packets"


@table.command(
    "trace add",
    help="Trace given number of packets",
    reads=Reads.LINE,
    syntax=Loop(Clause("<node> <count>", node=WORD, count=U32), error="expected NODE COUNT, got `{rest}'"),
)
def trace_add(vpp, args):
    vpp.traces.append((args.node, args.count))


@table.command(
    "set ip arp",
    help="set ip arp [del] <intfc> <ip-address> <mac-address> [static]",
    syntax=Loop(
        Clause("<interface> <address> <mac>", interface=INTERFACE, address=IP4, mac=MAC),
        Clause("static", static=True),
        Clause("del", delete=True),
        error="unknown input `{rest}'",
    ),
)
def set_ip_arp(vpp, args):
    vpp.neighbors.append((args.interface, str(args.address), args.mac, args.static))


@table.command(
    "set acl-plugin acl",
    help="set acl-plugin acl <permit|deny> src <PREFIX> dst <PREFIX> [, ...]",
    reads=Reads.LINE,
    syntax=Loop(
        Group(
            "rules",
            Clause("permit+reflect", action=2),
            Clause("permit", action=1),
            Clause("deny", action=0),
            Clause("src <src>", src=PREFIX4),
            Clause("dport <first>-<last>", first=U16, last=U16),
            Clause("dport <first>", first=U16),
            initial={"action": 1},
        ),
        Clause("index <index>", index=U32),
        Clause("tag <tag>", tag=WORD),
    ),
)
def set_acl(vpp, args):
    vpp.acls.append(args)
    return f"ACL index:{len(vpp.acls) - 1}"


@table.command(
    "nat44 add load-balancing static mapping",
    help="nat44 add load-balancing static mapping protocol tcp|udp external <addr>:<port> ...",
    reads=Reads.LINE,
    syntax=Loop(
        Clause(
            "local <address>:<port> vrf <vrf> probability <probability>",
            into="locals",
            address=IP4,
            port=U16,
            vrf=U32,
            probability=U32,
        ),
        Clause(
            "local <address>:<port> probability <probability>", into="locals", address=IP4, port=U16, probability=U32
        ),
        Clause("external <external>:<port>", external=IP4, port=U16, help="the service's address"),
        Clause("del", delete=True),
        error="unknown input: '{rest}'",
    ),
)
def nat44_lb(vpp, args):
    if len(args.locals) < 2:
        raise CliError("at least two local must be set")
    return [dict(each) for each in args.locals]


@table.command(
    "create sub-interfaces",
    help="create sub-interfaces <interface> {<subId>}",
    syntax=[
        Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
        Clause("<id>", id=U32, error="expected ID or ID MIN-MAX, got `{raw}'"),
    ],
)
def create_sub_interfaces(vpp, args):
    return f"{args.interface}.{args.id}"


@table.command("nested", help="nested <words>", syntax=Clause("<words>", words=WORD))
def nested(vpp, args):
    return vpp.registry.run(vpp, "nested x")


@table.command("later", help="of another release", profiles=("26.06",))
def later(vpp, args):
    return "later"


@pytest.fixture
def vpp():
    registry = Registry([table], profile="18.10", errors=(TableMissingError,))
    return SimpleNamespace(
        registry=registry,
        interfaces={"local0": "down", "pg0": "up", "pg1": "up"},
        macs={},
        traces=[],
        neighbors=[],
        acls=[],
    )


@pytest.fixture
def run(vpp):
    return lambda line: vpp.registry.run(vpp, line)


@pytest.fixture
def answer(vpp):
    """What vppctl would show: the output, and the error on a line of its own."""

    def answer(line):
        try:
            return vpp.registry.run(vpp, line)
        except CliError as error:
            return f"{error.output}{error}\n"

    return answer
