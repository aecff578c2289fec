"""Commands that configure NAT44."""

from typing import Any

from ...cli import IP4, PORT, U16, U32, Clause, CliError, Loop, Names, Reads
from ...net.fib.live import TABLE
from ...net.interface.types import INTERFACE
from . import show_commands  # noqa: F401  declares its commands in the same table
from .command_table import commands
from .live import EXTERNAL, IN_SESSION, LOCAL, OUT_SESSION, POOL_ADDRESS, USER
from .mapping import Backend, Mapping
from .settings import Algorithm, Reassembly, Timeouts

__all__ = ["commands"]

PROTOCOL = Names({"tcp": "tcp", "udp": "udp", "icmp": "icmp"})
UNKNOWN = "unknown input '{rest}'"
UNKNOWN_COLON = "unknown input: '{rest}'"
DELETE = Clause("del", delete=True, help="take it away")
VRF = Clause("vrf <vrf>", vrf=TABLE, help="table of the inside")
TWICE_NAT = (
    Clause("twice-nat", twice_nat="twice-nat", help="translate the external host as well"),
    Clause("self-twice-nat", twice_nat="self-twice-nat", help="the same, if client and server are one host"),
)
OUT2IN_ONLY = Clause("out2in-only", out2in_only=True, help="only for connections from outside")


# ---- addresses and interfaces


@commands.command(
    "nat44 add address",
    help="nat44 add address <ip4-range-start> [- <ip4-range-end>] [tenant-vrf <vrf-id>] [twice-nat] [del]",
    also=("nat44 ei add address",),
    reads=Reads.LINE,
    syntax=Loop(
        Clause("<first> - <last>", first=IP4, last=IP4),
        Clause("tenant-vrf <vrf>", vrf=TABLE, help="only for users of this table"),
        Clause("<first>", first=POOL_ADDRESS),
        Clause("twice-nat", twice_nat=True, help="for external hosts of twice-nat mappings"),
        DELETE,
        error=UNKNOWN,
    ),
)
def add_address(vpp: Any, args: Any) -> None:
    if args.first is None:
        raise CliError("expected an address")
    first = int(args.first)
    last = first if args.last is None else int(args.last)
    if args.delete:
        vpp.nat44.delete_addresses(first, last, args.twice_nat)
    else:
        vpp.nat44.add_addresses(first, last, args.vrf, args.twice_nat)


@commands.command(
    "nat44 add interface address",
    help="nat44 add interface address <interface> [twice-nat] [del]",
    also=("nat44 ei add interface address",),
    reads=Reads.LINE,
    syntax=Loop(Clause("<interface>", interface=INTERFACE), Clause("twice-nat", twice_nat=True), DELETE, error=UNKNOWN),
)
def add_interface_address(vpp: Any, args: Any) -> None:
    if args.interface is None:
        raise CliError("expected an interface")
    vpp.nat44.set_interface_address(args.interface.sw_if_index, args.twice_nat, not args.delete)


@commands.command(
    "set interface nat44",
    help="set interface nat44 in <intfc> out <intfc> [output-feature] [del]",
    also=("set interface nat44 ei",),
    reads=Reads.LINE,
    syntax=Loop(
        Clause("in <interface>", into="inside", interface=INTERFACE),
        Clause("out <interface>", into="outside", interface=INTERFACE),
        Clause("output-feature", output_feature=True, help="translate after the lookup, on the way out"),
        DELETE,
        error=UNKNOWN,
    ),
)
def set_interface_nat44(vpp: Any, args: Any) -> None:
    chosen = [(given["interface"], True) for given in args.inside]
    chosen += [(given["interface"], False) for given in args.outside]
    for interface, _ in chosen:
        vpp.nat44.roles.check(interface, args.output_feature, not args.delete)
    for interface, inside in chosen:
        vpp.nat44.set_interface(interface.sw_if_index, inside, args.output_feature, not args.delete)


# ---- static mappings


def change(vpp: Any, mapping: Mapping, delete: bool) -> None:
    if delete:
        vpp.nat44.delete_mapping(mapping)
    else:
        vpp.nat44.add_mapping(mapping)


def external_of(args: Any) -> tuple[int, int | None]:
    """(address, sw_if_index) of an external side, which is one or the other."""
    if args.interface is not None:
        return 0, args.interface.sw_if_index
    return int(args.external), None


@commands.command(
    "nat44 add static mapping",
    help="nat44 add static mapping tcp|udp|icmp local <addr> [<port>] external <addr> [<port>] [vrf <table-id>] "
    "[twice-nat|self-twice-nat] [out2in-only] [del]",
    also=("nat44 ei add static mapping",),
    reads=Reads.LINE,
    syntax=Loop(
        Clause("local <local> <local_port>", local=LOCAL, local_port=PORT),
        Clause("local <local>", local=LOCAL),
        Clause("external <external> <external_port>", external=EXTERNAL, external_port=PORT),
        Clause("external <external>", external=EXTERNAL),
        Clause("external <interface> <external_port>", interface=INTERFACE, external_port=PORT),
        Clause("external <interface>", interface=INTERFACE),
        VRF,
        Clause("<protocol>", protocol=PROTOCOL),
        *TWICE_NAT,
        OUT2IN_ONLY,
        DELETE,
        error=UNKNOWN_COLON,
    ),
)
def add_static_mapping(vpp: Any, args: Any) -> None:
    with_ports = args.local_port is not None or args.external_port is not None
    if args.twice_nat and not with_ports:
        raise CliError("twice NAT only for 1:1 NAPT")
    if with_ports and args.protocol is None:
        raise CliError("missing protocol")
    if args.local is None or (args.external is None and args.interface is None):
        vpp.registry.notices.add("nat44 add static mapping: without both sides nothing is done")
        return  # VPP says nothing to half a mapping
    if with_ports and (args.local_port is None or args.external_port is None):
        raise CliError("Either both ports are set or none.")
    external, interface = external_of(args)
    change(vpp, Mapping(
        external=external, interface=interface, local=int(args.local), vrf=args.vrf or 0,
        vrf_given=args.vrf is not None,
        protocol=args.protocol if with_ports else None, local_port=args.local_port or 0,
        external_port=args.external_port or 0, twice_nat=args.twice_nat, out2in_only=args.out2in_only,
    ), args.delete)  # fmt: skip


@commands.command(
    "nat44 add identity mapping",
    help="nat44 add identity mapping <interface>|<ip4-addr> [<protocol> <port>] [vrf <table-id>] [del]",
    also=("nat44 ei add identity mapping",),
    reads=Reads.LINE,
    syntax=Loop(
        Clause("<external>", external=IP4),
        Clause("external <interface>", interface=INTERFACE),
        Clause("<interface>", interface=INTERFACE),
        VRF,
        Clause("<protocol> <port>", protocol=PROTOCOL, port=PORT),
        DELETE,
        error=UNKNOWN_COLON,
    ),
)
def add_identity_mapping(vpp: Any, args: Any) -> None:
    if args.external is None and args.interface is None:
        raise CliError("expected an address or an interface")
    external, interface = external_of(args)
    change(vpp, Mapping(
        external=external, local=external, interface=interface, vrf=args.vrf or 0, protocol=args.protocol,
        local_port=args.port or 0, external_port=args.port or 0, identity=True,
    ), args.delete)  # fmt: skip


@commands.command(
    "nat44 add load-balancing static mapping",
    help="nat44 add load-balancing static mapping protocol tcp|udp external <addr>:<port> local <addr>:<port> "
    "[vrf <table-id>] probability <n> [twice-nat|self-twice-nat] [out2in-only] [affinity <timeout-seconds>] [del]",
    reads=Reads.LINE,
    syntax=Loop(
        Clause("local <address>:<port> probability <probability>", into="locals",
               address=IP4, port=PORT, probability=U32),
        Clause("local <address>:<port> vrf <vrf> probability <probability>", into="locals",
               address=IP4, port=PORT, vrf=TABLE, probability=U32),
        Clause("external <external>:<external_port>", external=IP4, external_port=PORT),
        Clause("protocol <protocol>", protocol=Names({"tcp": "tcp", "udp": "udp", "icmp": "icmp"})),
        *TWICE_NAT,
        OUT2IN_ONLY,
        DELETE,
        Clause("affinity <affinity>", affinity=U32, help="seconds that a client keeps its backend"),
        error=UNKNOWN_COLON,
    ),
)  # fmt: skip
def add_load_balancing(vpp: Any, args: Any) -> None:
    if len(args.locals) < 2:
        raise CliError("at least two local must be set")
    if args.protocol is None:
        raise CliError("missing protocol")
    if args.external is None:
        raise CliError("missing external address")
    backends = tuple(
        Backend(int(given["address"]), given["port"], given["probability"], given.get("vrf", 0))
        for given in args.locals
    )  # fmt: skip
    change(vpp, Mapping(
        external=int(args.external), external_port=args.external_port, protocol=args.protocol, backends=backends,
        twice_nat=args.twice_nat, out2in_only=args.out2in_only, affinity=args.affinity or 0,
    ), args.delete)  # fmt: skip


# ---- sessions and settings


@commands.command(
    "nat44 forwarding",
    help="nat44 forwarding enable|disable",
    also=("nat44 ei forwarding",),
    reads=Reads.OPTIONAL_LINE,
    syntax=Loop(
        Clause("enable", enable=True, help="pass packets from outside that nothing translates"),
        Clause("disable", enable=False, help="drop them"),
        error=UNKNOWN,
    ),
)
def forwarding(vpp: Any, args: Any) -> None:
    if "enable" not in args.given:
        raise CliError("'enable' or 'disable' expected")
    vpp.nat44.set_forwarding(args.enable)


@commands.command(
    "nat44 del session",
    help="nat44 del session in|out <addr>:<port> tcp|udp|icmp [vrf <id>] [external-host <addr>:<port>]",
    also=("nat44 ei del session",),
    reads=Reads.LINE,
    syntax=Loop(
        Clause("in <address>:<port> <protocol>", inside=True, address=IN_SESSION, port=PORT, protocol=PROTOCOL),
        Clause("out <address>:<port> <protocol>", inside=False, address=OUT_SESSION, port=PORT, protocol=PROTOCOL),
        VRF,
        Clause("external-host <external>:<external_port>", external=IP4, external_port=PORT),
        error=UNKNOWN,
    ),
)
def delete_session(vpp: Any, args: Any) -> None:
    if args.address is None:
        raise CliError("expected in|out <addr>:<port> tcp|udp|icmp")
    external = None if args.external is None else (int(args.external), args.external_port)
    vpp.nat44.delete_session(int(args.address), args.port, args.protocol, args.vrf or 0, args.inside, external)


@commands.command(
    "nat44 ei del user",
    help="nat44 ei del user <addr> [fib <index>]",
    reads=Reads.LINE,
    syntax=Loop(Clause("fib <fib>", fib=U32), Clause("<address>", address=USER), error=UNKNOWN),
)
def delete_user(vpp: Any, args: Any) -> None:
    if args.address is None:
        raise CliError("expected an address")
    vpp.nat44.delete_user(int(args.address), args.fib or 0)


@commands.command("clear nat44 sessions", help="clear nat44 sessions", also=("clear nat44 ei sessions",))
def clear_sessions(vpp: Any, args: Any) -> None:
    vpp.nat44.clear_sessions()


@commands.command(
    "set nat timeout",
    help="set nat timeout [udp <sec> | tcp-established <sec> tcp-transitory <sec> | icmp <sec> | reset]",
    also=("set nat44 ei timeout",),
    reads=Reads.LINE,
    syntax=Loop(
        Clause("udp <udp>", udp=U32),
        Clause("tcp-established <tcp_established>", tcp_established=U32),
        Clause("tcp-transitory <tcp_transitory>", tcp_transitory=U32),
        Clause("icmp <icmp>", icmp=U32),
        Clause("reset", reset=True),
        error=UNKNOWN,
    ),
)
def set_timeout(vpp: Any, args: Any) -> None:
    given = {name: args[name] for name in vars(Timeouts()) if args[name] is not None}
    for name, seconds in given.items():
        if not seconds:
            raise CliError(f"Invalid {name.upper().replace('_', ' ')} timeout value")
    known = {} if args.reset else vars(vpp.nat44.timeouts)
    vpp.nat44.set_timeouts(Timeouts(**(known | given)))


@commands.command(
    "nat addr-port-assignment-alg",
    help="nat addr-port-assignment-alg <alg-name> [<alg-params>]",
    also=("nat44 addr-port-assignment-alg", "nat44 ei addr-port-assignment-alg"),
    reads=Reads.LINE,
    syntax=Loop(
        Clause("default", name="default"),
        Clause("map-e psid <psid> psid-offset <psid_offset> psid-len <psid_length>", name="map-e",
               psid=U16, psid_offset=U16, psid_length=U16),
        Clause("port-range <first_port> - <last_port>", name="port-range", first_port=PORT, last_port=PORT),
        error=UNKNOWN,
    ),
)  # fmt: skip
def set_algorithm(vpp: Any, args: Any) -> None:
    vpp.nat44.set_algorithm(Algorithm(**{name: value for name, value in args.items() if value is not None}))


@commands.command(
    "nat mss-clamping",
    help="nat mss-clamping <mss-value>|disable",
    also=("nat44 ei mss-clamping",),
    reads=Reads.LINE,
    syntax=Loop(Clause("disable", mss=0), Clause("<mss>", mss=U16), error=UNKNOWN),
)
def set_mss(vpp: Any, args: Any) -> None:
    vpp.nat44.state.mss = args.mss


@commands.command(
    "nat virtual-reassembly",
    help="nat virtual-reassembly ip4|ip6 [max-reassemblies <n>] [max-fragments <n>] [timeout <sec>] [enable|disable]",
    reads=Reads.LINE,
    syntax=Loop(
        Clause("max-reassemblies <max_reassemblies>", max_reassemblies=U16),
        Clause("max-fragments <max_fragments>", max_fragments=U16),
        Clause("timeout <timeout>", timeout=U32),
        Clause("enable", drop=False),
        Clause("disable", drop=True, help="drop fragments"),
        Clause("ip4", family="ip4"),
        Clause("ip6", family="ip6"),
        error=UNKNOWN,
    ),
)
def set_reassembly(vpp: Any, args: Any) -> None:
    nat = vpp.nat44
    known = vars(nat.reassembly6 if args.family == "ip6" else nat.reassembly)
    wanted = Reassembly(**(known | {name: args[name] for name in known if name in args.given}))
    if args.family == "ip6":  # a setting like the other, but there is no IPv6 NAT it could serve
        nat.reassembly6 = wanted
    else:
        nat.set_reassembly(wanted)
