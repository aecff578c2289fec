"""Commands of the bridge: domains, MAC addresses, and which interface belongs where."""

from typing import Any

from engine.cli import IP4, MAC, U8, U16, U32, WORD, Args, Clause, CliError, CommandTable, Either, Loop, Output, Reads
from engine.net.interface.types import INTERFACE

from . import show
from .config import Domain
from .rewrite_config import NO_REWRITE, Rewrite
from .types import ETHERTYPE, SWITCH

commands = CommandTable()

DEFAULT_DOMAIN = "No operations on the default bridge domain are supported"
INTERFACE_CLAUSE = Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'")
DOMAIN_CLAUSE = Clause("<bd_id>", bd_id=U32, error="expecting bridge-domain id but got `{rest}'")
DISABLE = Clause("disable", disable=True)


def mac_bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def domain_of(vpp: Any, bd_id: int) -> Domain:
    """The domain a command names."""
    if bd_id == 0:
        raise CliError(DEFAULT_DOMAIN)
    domain: Domain = vpp.l2.domain_of(bd_id)
    return domain


# ---- bridge domains


@commands.command(
    "create bridge-domain",
    help="create bridge-domain <bridge-domain-id> [learn <0|1>] [forward <0|1>] [uu-flood <0|1>] [flood <0|1>] "
    "[arp-term <0|1>] [mac-age <nn>] [bd-tag <tag>] [del]",
    reads=Reads.LINE,
    syntax=Loop(
        Clause("learn <learn>", learn=SWITCH),
        Clause("forward <forward>", forward=SWITCH),
        Clause("uu-flood <uu_flood>", uu_flood=SWITCH),
        Clause("flood <flood>", flood=SWITCH),
        Clause("arp-term <arp_term>", arp_term=SWITCH),
        Clause("mac-age <mac_age>", mac_age=U32),
        Clause("bd-tag <tag>", tag=WORD),
        Clause("del", delete=True),
        Clause("<bd_id>", bd_id=U32),
    ),
    defaults={"mac_age": 0, "tag": ""},
    text=lambda data: f"bridge-domain {data['bd_id']}\n" if data is not None else "",
)
def create_bridge_domain(vpp: Any, args: Args) -> dict[str, int] | None:
    if args.bd_id is None:
        raise CliError("bridge-domain-id not specified")
    if args.delete:
        vpp.l2.delete_domain(args.bd_id)
        return None
    names = ("learn", "forward", "uu_flood", "flood", "arp_term")
    flags = {name: args[name] for name in names if name in args.given}
    vpp.l2.add_domain(args.bd_id, flags, args.mac_age, args.tag)
    return {"bd_id": args.bd_id}


def add_flag_command(path: str, flag: str) -> None:
    """`set bridge-domain <flag> <id> [disable]`."""

    @commands.command(
        f"set bridge-domain {path}",
        help=f"set bridge-domain {path} <bridge-domain-id> [disable]",
        syntax=[DOMAIN_CLAUSE, DISABLE],
    )
    def set_flag(vpp: Any, args: Args) -> None:
        domain_of(vpp, args.bd_id)
        vpp.l2.set_flags(args.bd_id, **{flag: not args.disable})


for _path, _flag in (("learn", "learn"), ("forward", "forward"), ("flood", "flood"), ("uu-flood", "uu_flood"),
                     ("arp term", "arp_term")):  # fmt: skip
    add_flag_command(_path, _flag)


@commands.command(
    "set bridge-domain arp entry",
    help="set bridge-domain arp entry <bridge-domain-id> <ip-addr> <mac-addr> [del]",
    syntax=[
        DOMAIN_CLAUSE,
        Clause("<address>", address=IP4, error="expecting IP address but got `{rest}'"),
        Clause("<mac>", mac=MAC, error="expecting MAC address but got `{rest}'"),
        Clause("del", delete=True),
    ],
)
def set_arp_entry(vpp: Any, args: Args) -> None:
    domain_of(vpp, args.bd_id)
    vpp.l2.set_arp_entry(args.bd_id, args.address, None if args.delete else mac_bytes(args.mac))


@commands.command(
    "set bridge-domain mac-age",
    help="set bridge-domain mac-age <bridge-domain-id> <mins>",
    syntax=[DOMAIN_CLAUSE, Clause("<minutes>", minutes=U32, error="expecting ageing time in minutes but got `{rest}'")],
)
def set_mac_age(vpp: Any, args: Args) -> None:
    domain_of(vpp, args.bd_id)
    vpp.l2.set_mac_age(args.bd_id, args.minutes)


@commands.command(
    "show bridge-domain",
    help="show bridge-domain [bridge-domain-id [detail|int|arp|bd-tag]]",
    syntax=[
        Clause("<bd_id>", bd_id=U32),
        Either(
            Clause("detail", detail=True), Clause("det", detail=True), Clause("int", members=True),
            Clause("arp", arp=True), Clause("bd-tag", tag=True),
        ),
    ],
)  # fmt: skip
def show_bridge_domain(vpp: Any, args: Args) -> Output:
    if args.bd_id == 0:
        raise CliError(DEFAULT_DOMAIN)
    if args.bd_id is not None:
        chosen = [vpp.l2.domain_of(args.bd_id)]
    else:
        chosen = sorted(vpp.l2.domains.values(), key=lambda domain: int(domain.bd_index))
        if not chosen:
            raise CliError("no bridge-domains in use")
    parts = (args.detail or args.members, args.detail or args.arp, args.detail or args.tag)
    data = [show.domain_data(vpp.l2, domain) for domain in chosen]
    return Output(data, lambda rows: show.domains_text(rows, *parts))


# ---- where interfaces belong


@commands.command(
    "set interface l2 bridge",
    help="set interface l2 bridge <interface> <bridge-domain-id> [bvi|uu-fwd] [shg]",
    syntax=[
        INTERFACE_CLAUSE,
        Clause("<bd_id>", bd_id=U32, error="expected bridge domain ID `{rest}'"),
        Clause("bvi", bvi=True),
        Clause("<shg>", shg=U8),
    ],
)
def set_bridge(vpp: Any, args: Args) -> None:
    vpp.l2.bridge(args.interface, args.bd_id, args.bvi, args.shg or 0)


@commands.command(
    "set interface l2 xconnect",
    help="set interface l2 xconnect <interface> <peer interface>",
    syntax=[INTERFACE_CLAUSE, Clause("<peer>", peer=INTERFACE, error="unknown peer interface `{rest}'")],
)
def set_xconnect(vpp: Any, args: Args) -> None:
    vpp.l2.xconnect(args.interface, args.peer)


@commands.command("set interface l3", help="set interface l3 <interface>", syntax=INTERFACE_CLAUSE)
def set_l3(vpp: Any, args: Args) -> None:
    vpp.l2.route(args.interface)


def add_feature_command(name: str, features: tuple[str, ...]) -> None:
    """`set interface l2 <feature> <interface> [disable]`."""

    @commands.command(
        f"set interface l2 {name}",
        help=f"set interface l2 {name} <interface> [disable]",
        syntax=[INTERFACE_CLAUSE, DISABLE],
    )
    def set_feature(vpp: Any, args: Args) -> None:
        for feature in features:
            vpp.l2.set_feature(args.interface.sw_if_index, name != "efp-filter", feature, not args.disable)


for _name, _features in (("learn", ("LEARN",)), ("flood", ("FLOOD",)), ("forward", ("FWD",)),
                         ("efp-filter", ("EFP_FILTER",))):  # fmt: skip
    add_feature_command(_name, _features)


def translations(pops: int) -> list[Clause]:
    """translate-N-M, which VPP also reads as translate N-M: N tags for one or two others."""
    return [
        clause
        for words in (f"translate-{pops}", f"translate {pops}")
        for clause in (
            Clause(f"{words}-1 <dot1q> <outer>", dot1q=ETHERTYPE, outer=U16, translated=pops),
            Clause(f"{words}-2 <dot1q> <outer> <inner>", dot1q=ETHERTYPE, outer=U16, inner=U16, translated=pops),
        )
    ]


@commands.command(
    "set interface l2 tag-rewrite",
    help="set interface l2 tag-rewrite <interface> [disable | pop {1|2} | push {dot1q|dot1ad} <tag> <tag>]",
    syntax=[
        INTERFACE_CLAUSE,
        Either(
            Clause("disable", off=True),
            Clause("pop <pops>", pops=U8),
            Clause("push <dot1q> <outer> <inner>", dot1q=ETHERTYPE, outer=U16, inner=U16),
            Clause("push <dot1q> <outer>", dot1q=ETHERTYPE, outer=U16),
            *(clause for pops in (1, 2) for clause in translations(pops)),
            error="expecting [disable | pop | push | translate-{1|2}-{1|2}] but got `{rest}'",
        ),
    ],
)  # fmt: skip
def set_tag_rewrite(vpp: Any, args: Args) -> None:
    ids = tuple(tag for tag in (args.outer, args.inner) if tag is not None)
    pops = args.pops if args.pops is not None else args.translated or 0
    if not 0 <= pops <= 2 or any(tag > 4095 for tag in ids):
        raise CliError("vlan tag rewrite is not compatible with interface")
    rewrite = NO_REWRITE if args.off else Rewrite(pops, ids, args.dot1q is not False)
    vpp.l2.set_rewrites(args.interface, rewrite)


@commands.command(
    "show mode",
    help="show mode [<if-name1> <if-name2> ...]",
    syntax=Loop(Clause("<interface>", into="interfaces", interface=INTERFACE)),
    text=show.mode_text,
)
def show_mode(vpp: Any, args: Args) -> list[dict[str, Any]]:
    chosen = [given["interface"] for given in args.interfaces] or list(vpp.interfaces)
    return [vpp.l2.mode_of(interface) for interface in chosen]


# ---- MAC addresses

BD_CLAUSE = Clause("<bd_id>", bd_id=U32, error="expected bridge domain ID `{rest}'")
MAC_CLAUSE = Clause("<mac>", mac=MAC, error="expected mac address `{rest}'")


@commands.command(
    "l2fib add",
    help="l2fib add <mac> <bridge-domain-id> filter | <intf> [static | bvi]",
    syntax=[
        MAC_CLAUSE,
        BD_CLAUSE,
        Either(
            Clause("filter", filter=True),
            Clause("<interface> static", interface=INTERFACE, static=True),
            Clause("<interface> bvi", interface=INTERFACE, bvi=True),
            Clause("<interface>", interface=INTERFACE),
            error="unknown interface `{rest}'",
        ),
    ],
)
def add_mac(vpp: Any, args: Args) -> None:
    mac = mac_bytes(args.mac)
    if args.filter:
        vpp.l2.filter(mac, args.bd_id)
    else:
        vpp.l2.provision(mac, args.bd_id, args.interface, args.static, args.bvi)


@commands.command("l2fib del", help="l2fib del <mac> <bridge-domain-id> []", syntax=[MAC_CLAUSE, BD_CLAUSE])
def delete_mac(vpp: Any, args: Args) -> None:
    vpp.l2.forget(mac_bytes(args.mac), args.bd_id)


@commands.command("l2fib flush-mac all", help="l2fib flush-mac all")
def flush_all(vpp: Any, args: Args) -> None:
    vpp.l2.flush()


@commands.command("l2fib flush-mac interface", help="l2fib flush-mac interface <if-name>", syntax=INTERFACE_CLAUSE)
def flush_interface(vpp: Any, args: Args) -> None:
    vpp.l2.flush(interface=args.interface)


@commands.command("l2fib flush-mac bridge-domain", help="l2fib flush-mac bridge-domain <bd-id>", syntax=BD_CLAUSE)
def flush_domain(vpp: Any, args: Args) -> None:
    vpp.l2.flush(bd_id=args.bd_id)


@commands.command("clear l2fib", help="clear l2fib")
def clear_macs(vpp: Any, args: Args) -> None:
    vpp.l2.clear_macs()


@commands.command(
    "show l2fib",
    help="show l2fib [all] | [bd_id <nn> | bd_index <nn>] [learn | add] | [raw]",
    syntax=Loop(
        Clause("all", listed=True),
        Clause("verbose", listed=True),
        Clause("raw", listed=True),
        Clause("bd_id <bd_id>", bd_id=U32, listed=True),
        Clause("bd_index <bd_index>", bd_index=U32, listed=True),
        Clause("learn", learned=True, listed=True),
        Clause("add", added=True, listed=True),
    ),
)
def show_macs(vpp: Any, args: Args) -> Output:
    bd_index = args.bd_index
    if args.bd_id is not None:
        if args.bd_id not in vpp.l2.domains:
            raise CliError(f"bridge domain id {args.bd_id} doesn't exist")
        bd_index = vpp.l2.domains[args.bd_id].bd_index
    data = show.macs_data(vpp, bd_index, args.learned, args.added)
    return Output(data, lambda found: show.macs_text(found, args.listed))
