"""Binary API messages of NAT44, by the ED plugin's names and, where they differ, the EI plugin's."""

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Any

from ...messages import MessageTable
from .constants import IN, OUT, OUTPUT_IN, OUTPUT_OUT
from .errors import BadValue, NoSuchEntry
from .mapping import Backend, Mapping
from .settings import Algorithm, Timeouts
from .state import PROTOCOL_NAMES

messages = MessageTable()

# nat_config_flags
TWICE_NAT, SELF_TWICE_NAT, OUT2IN_ONLY, ADDR_ONLY, OUTSIDE, INSIDE, STATIC, EXT_HOST_VALID = (1 << i for i in range(8))

NO_INTERFACE = 0xFFFFFFFF
NO_VRF = 0xFFFFFFFF
IP_PROTOCOLS = {6: "tcp", 17: "udp", 1: "icmp"}
IP_NUMBERS = {name: number for number, name in IP_PROTOCOLS.items()}
ALGORITHMS = ("default", "map-e", "port-range")


def ip4(address: Any) -> int:
    """An address as text, bytes or ipaddress object."""
    try:
        return int(IPv4Address(address))
    except ValueError as error:
        raise BadValue(f"not an IPv4 address: {address}") from error


def text(address: int) -> str:
    return str(IPv4Address(address))


def protocol_name(number: int) -> str:
    if number not in IP_PROTOCOLS:
        raise BadValue(f"NAT44 does not translate the ports of protocol {number}")
    return IP_PROTOCOLS[number]


def twice_nat_name(flags: int) -> str | None:
    return "twice-nat" if flags & TWICE_NAT else "self-twice-nat" if flags & SELF_TWICE_NAT else None


def mapping_flags(mapping: Mapping) -> int:
    twice_nat = {None: 0, "twice-nat": TWICE_NAT, "self-twice-nat": SELF_TWICE_NAT}[mapping.twice_nat]
    return twice_nat | (OUT2IN_ONLY if mapping.out2in_only else 0) | (ADDR_ONLY if mapping.protocol is None else 0)


def interface_or_none(sw_if_index: int) -> int | None:
    return None if sw_if_index == NO_INTERFACE else sw_if_index


# ---- settings


@messages.message("nat44_forwarding_enable_disable", also=("nat44_ei_forwarding_enable_disable",))
def forwarding(vpp: Any, enable: bool) -> None:
    """Let packets that no translation fits through, or drop them."""
    vpp.nat44.set_forwarding(bool(enable))


@messages.message("nat_set_timeouts", also=("nat44_ei_set_timeouts",))
def set_timeouts(vpp: Any, udp: int, tcp_established: int, tcp_transitory: int, icmp: int) -> None:
    """Seconds after which idle sessions go."""
    if not all(0 < seconds < 1 << 32 for seconds in (udp, tcp_established, tcp_transitory, icmp)):
        raise BadValue("a timeout is 1 second or more")
    vpp.nat44.set_timeouts(Timeouts(udp, tcp_established, tcp_transitory, icmp))


@messages.message("nat44_show_running_config", also=("nat44_ei_show_running_config",))
def running_config(vpp: Any) -> dict[str, Any]:
    """Limits, tables and timeouts in force."""
    nat, options = vpp.nat44, vpp.nat44.options
    return {
        "inside_vrf": options.inside_vrf,
        "outside_vrf": options.outside_vrf,
        "users": sum(1 for _ in nat.state.users()),
        "sessions": nat.state.limits[0],
        "user_sessions": nat.state.limits[1],
        "user_buckets": options.user_buckets,
        "translation_buckets": options.translation_buckets,
        "forwarding_enabled": bool(nat.state.forwarding),
        "ipfix_logging_enabled": False,
        "timeouts": dict(vars(nat.timeouts)),
        "log_level": 0,
        "flags": int(nat.endpoint_dependent),
    }


@messages.message("nat44_ei_set_addr_and_port_alloc_alg", also=("nat_set_addr_and_port_alloc_alg",))
def set_algorithm(vpp: Any, alg: int, psid_offset: int = 0, psid_length: int = 0, psid: int = 0,
                  start_port: int = 0, end_port: int = 0) -> None:  # fmt: skip
    """How outside ports are chosen: 0 default, 1 MAP-E, 2 a range."""
    if not 0 <= alg < len(ALGORITHMS):
        raise BadValue(f"no such algorithm: {alg}")
    vpp.nat44.set_algorithm(Algorithm(ALGORITHMS[alg], psid, psid_offset, psid_length, start_port, end_port))


@messages.message("nat44_ei_get_addr_and_port_alloc_alg", also=("nat_get_addr_and_port_alloc_alg",))
def get_algorithm(vpp: Any) -> dict[str, Any]:
    """How outside ports are chosen."""
    algorithm = vpp.nat44.algorithm
    return {
        "alg": ALGORITHMS.index(algorithm.name),
        "psid_offset": algorithm.psid_offset,
        "psid_length": algorithm.psid_length,
        "psid": algorithm.psid,
        "start_port": algorithm.first_port,
        "end_port": algorithm.last_port,
    }


@messages.message("nat_set_mss_clamping", also=("nat44_ei_set_mss_clamping",))
def set_mss(vpp: Any, mss_value: int, enable: bool) -> None:
    """The most that TCP's maximum segment size may be; longer ones are made shorter."""
    if not 0 <= mss_value < 1 << 16:
        raise BadValue(f"no such MSS: {mss_value}")
    vpp.nat44.state.mss = mss_value if enable else 0


@messages.message("nat_get_mss_clamping", also=("nat44_ei_get_mss_clamping",))
def get_mss(vpp: Any) -> dict[str, Any]:
    """The most that TCP's maximum segment size may be."""
    return {"mss_value": vpp.nat44.state.mss, "enable": bool(vpp.nat44.state.mss)}


# ---- pool addresses and interfaces


@messages.message("nat44_add_del_address_range", also=("nat44_ei_add_del_address_range",))
def add_del_addresses(vpp: Any, first_ip_address: Any, last_ip_address: Any, vrf_id: int = NO_VRF,
                      is_add: bool = True, flags: int = 0) -> None:  # fmt: skip
    """Add pool addresses from first to last, or delete them."""
    first, last = ip4(first_ip_address), ip4(last_ip_address)
    twice_nat = bool(flags & TWICE_NAT)
    if is_add:
        vpp.nat44.add_addresses(first, last, None if vrf_id == NO_VRF else vrf_id, twice_nat)
    else:
        vpp.nat44.delete_addresses(first, last, twice_nat)


@messages.message("nat44_address_dump", also=("nat44_ei_address_dump",))
def address_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """The pool addresses."""
    for twice_nat in (False, True):
        for address, fib_index, _ in vpp.nat44.state.addresses(twice_nat):
            vrf_id = NO_VRF if fib_index is None else vpp.fib.by_index[fib_index].table_id
            yield {"ip_address": text(address), "flags": TWICE_NAT if twice_nat else 0, "vrf_id": vrf_id}


@messages.message("nat44_add_del_interface_addr", also=("nat44_ei_add_del_interface_addr",))
def add_del_interface_address(vpp: Any, sw_if_index: int, is_add: bool = True, flags: int = 0) -> None:
    """Let the addresses of an interface, now and later, be pool addresses."""
    vpp.nat44.set_interface_address(sw_if_index, bool(flags & TWICE_NAT), bool(is_add))


@messages.message("nat44_interface_addr_dump", also=("nat44_ei_interface_addr_dump",))
def interface_address_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """Interfaces whose addresses are pool addresses."""
    for sw_if_index, twice_nat in vpp.nat44.interface_addresses:
        yield {"sw_if_index": sw_if_index, "flags": TWICE_NAT if twice_nat else 0}


@messages.message("nat44_interface_add_del_feature")
def interface_add_del(vpp: Any, sw_if_index: int, flags: int, is_add: bool = True) -> None:
    """Make an interface inside or outside (flags), or take that back."""
    vpp.nat44.set_interface(sw_if_index, bool(flags & INSIDE), False, bool(is_add))


@messages.message("nat44_interface_add_del_output_feature")
def interface_add_del_output(vpp: Any, sw_if_index: int, flags: int, is_add: bool = True) -> None:
    """As nat44_interface_add_del_feature, translating what leaves, after the lookup."""
    vpp.nat44.set_interface(sw_if_index, bool(flags & INSIDE), True, bool(is_add))


@messages.message("nat44_ed_add_del_output_interface", also=("nat44_ei_add_del_output_interface",))
def output_interface_add_del(vpp: Any, sw_if_index: int, is_add: bool = True) -> None:
    """Translate what leaves by an interface."""
    vpp.nat44.set_interface(sw_if_index, False, True, bool(is_add))


def _roles(vpp: Any, inside: int, outside: int) -> Iterator[dict[str, Any]]:
    for sw_if_index, role in vpp.nat44.roles.by_index.items():
        flags = (INSIDE if role & inside else 0) | (OUTSIDE if role & outside else 0)
        if flags:
            yield {"flags": flags, "sw_if_index": sw_if_index}


@messages.message("nat44_interface_dump")
def interface_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """Inside and outside interfaces."""
    return _roles(vpp, IN, OUT)


@messages.message("nat44_interface_output_feature_dump")
def interface_output_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """Interfaces that translate what leaves by them."""
    return _roles(vpp, OUTPUT_IN, OUTPUT_OUT)


# ---- static mappings


def _change(vpp: Any, is_add: bool, mapping: Mapping) -> None:
    (vpp.nat44.add_mapping if is_add else vpp.nat44.delete_mapping)(mapping)


@messages.message("nat44_add_del_static_mapping", also=("nat44_ei_add_del_static_mapping",))
def add_del_static_mapping(vpp: Any, local_ip_address: Any, external_ip_address: Any = "0.0.0.0", protocol: int = 0,
                           local_port: int = 0, external_port: int = 0, external_sw_if_index: int = NO_INTERFACE,
                           vrf_id: int = 0, is_add: bool = True, flags: int = 0, tag: str = "") -> None:  # fmt: skip
    """A fixed translation of an address, or with a protocol of one of its ports."""
    with_ports = not flags & ADDR_ONLY
    _change(vpp, is_add, Mapping(
        external=ip4(external_ip_address), interface=interface_or_none(external_sw_if_index),
        local=ip4(local_ip_address), vrf=0 if vrf_id == NO_VRF else vrf_id,
        protocol=protocol_name(protocol) if with_ports else None,
        local_port=local_port if with_ports else 0, external_port=external_port if with_ports else 0,
        twice_nat=twice_nat_name(flags), out2in_only=bool(flags & OUT2IN_ONLY), tag=tag,
    ))  # fmt: skip


@messages.message("nat44_add_del_identity_mapping", also=("nat44_ei_add_del_identity_mapping",))
def add_del_identity_mapping(vpp: Any, ip_address: Any = "0.0.0.0", protocol: int = 0, port: int = 0,
                             sw_if_index: int = NO_INTERFACE, vrf_id: int = 0, is_add: bool = True, flags: int = 0,
                             tag: str = "") -> None:  # fmt: skip
    """An address, or one of its ports, that is never translated."""
    with_ports = not flags & ADDR_ONLY
    address = ip4(ip_address)
    _change(vpp, is_add, Mapping(
        external=address, local=address, interface=interface_or_none(sw_if_index),
        vrf=0 if vrf_id == NO_VRF else vrf_id, protocol=protocol_name(protocol) if with_ports else None,
        local_port=port if with_ports else 0, external_port=port if with_ports else 0, identity=True, tag=tag,
    ))  # fmt: skip


@messages.message("nat44_add_del_lb_static_mapping")
def add_del_lb_static_mapping(vpp: Any, external_addr: Any, external_port: int, protocol: int, locals: Any = (),
                              local_num: int = 0, affinity: int = 0, is_add: bool = True, flags: int = 0,
                              tag: str = "") -> None:  # fmt: skip
    """An outside address and port that is shared among several local ones, each {addr, port, probability, vrf_id}."""
    mapping = Mapping(external=ip4(external_addr), external_port=external_port, protocol=protocol_name(protocol),
                      twice_nat=twice_nat_name(flags), out2in_only=bool(flags & OUT2IN_ONLY),
                      affinity=affinity, tag=tag)  # fmt: skip
    mapping.backends = tuple(
        Backend(ip4(each["addr"]), each["port"], each.get("probability", 1), each.get("vrf_id", 0)) for each in locals
    )
    if not is_add:
        mapping.backends = vpp.nat44.find_mapping(mapping).backends
    elif len(mapping.backends) < 2:
        raise BadValue("at least two local must be set")
    _change(vpp, is_add, mapping)


def mapping_details(mapping: Mapping) -> dict[str, Any]:
    interface = mapping.interface if mapping.interface is not None and not mapping.resolved else NO_INTERFACE
    return {
        "flags": mapping_flags(mapping),
        "local_ip_address": text(mapping.local),
        "external_ip_address": text(mapping.external),
        "protocol": IP_NUMBERS.get(mapping.protocol or "", 0),
        "local_port": mapping.local_port,
        "external_port": mapping.external_port,
        "external_sw_if_index": interface,
        "vrf_id": mapping.vrf,
        "tag": mapping.tag,
    }


@messages.message("nat44_static_mapping_dump", also=("nat44_ei_static_mapping_dump",))
def static_mapping_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """Static mappings with one local side."""
    return (mapping_details(each) for each in vpp.nat44.mappings if not each.identity and not each.backends)


@messages.message("nat44_identity_mapping_dump", also=("nat44_ei_identity_mapping_dump",))
def identity_mapping_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """Identity mappings."""
    for each in vpp.nat44.mappings:
        if each.identity:
            details = mapping_details(each)
            yield {
                "flags": details["flags"],
                "ip_address": details["local_ip_address"],
                "protocol": details["protocol"],
                "port": details["local_port"],
                "sw_if_index": details["external_sw_if_index"],
                "vrf_id": details["vrf_id"],
                "tag": details["tag"],
            }


@messages.message("nat44_lb_static_mapping_dump")
def lb_static_mapping_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """Static mappings with several local sides."""
    for each in vpp.nat44.mappings:
        if each.backends:
            backends = [
                {"addr": text(b.address), "port": b.port, "probability": b.probability, "vrf_id": b.vrf}
                for b in each.backends
            ]
            yield {
                "external_addr": text(each.external),
                "external_port": each.external_port,
                "protocol": IP_NUMBERS[each.protocol or ""],
                "flags": mapping_flags(each),
                "affinity": each.affinity,
                "tag": each.tag,
                "local_num": len(backends),
                "locals": backends,
            }


# ---- sessions


@messages.message("nat44_del_session")
def delete_session(vpp: Any, address: Any, protocol: int, port: int, vrf_id: int = 0, flags: int = 0,
                   ext_host_address: Any = "0.0.0.0", ext_host_port: int = 0) -> None:  # fmt: skip
    """Delete the session of an inside or outside (flags) address and port."""
    external = (ip4(ext_host_address), ext_host_port) if flags & EXT_HOST_VALID else None
    vpp.nat44.delete_session(ip4(address), port, protocol_name(protocol), vrf_id, bool(flags & INSIDE), external)


@messages.message("nat44_ei_del_user")
def delete_user(vpp: Any, ip_address: Any, fib_index: int = 0) -> None:
    """Delete all sessions of an inside host."""
    vpp.nat44.delete_user(ip4(ip_address), fib_index)


@messages.message("nat44_user_dump", also=("nat44_ei_user_dump",))
def user_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """Inside hosts with the number of their sessions."""
    for user in vpp.nat44.state.users():
        yield {
            "vrf_id": vpp.fib.by_index[user["fib_index"]].table_id,
            "ip_address": text(user["address"]),
            "nsessions": user["dynamic"],
            "nstaticsessions": user["static"],
        }


@messages.message("nat44_user_session_dump", also=("nat44_ei_user_session_dump", "nat44_user_session_v2_dump",
                                                   "nat44_ei_user_session_v2_dump",
                                                   "nat44_user_session_v3_dump"))  # fmt: skip
def user_session_dump(vpp: Any, ip_address: Any, vrf_id: int = 0) -> Iterator[dict[str, Any]]:
    """The sessions of an inside host."""
    nat = vpp.nat44
    user = nat.state.find_user(ip4(ip_address), nat.table(vrf_id))
    if user is None:
        raise NoSuchEntry(f"no sessions of {ip_address}")
    return (session_details(vpp, nat.state.session(index)) for index in nat.state.user_sessions(user))


def session_details(vpp: Any, session: dict[str, Any]) -> dict[str, Any]:
    has_host = session["endpoint_dependent"] or session["bypass"]
    flags = (STATIC if session["static"] else 0) | (TWICE_NAT if session["twice_nat"] else 0)
    number = session["protocol"]
    last_heard = session["last_heard_ns"] // 1_000_000_000
    return {
        "outside_ip_address": text(session["out"][0]),
        "outside_port": session["out"][1],
        "inside_ip_address": text(session["in"][0]),
        "inside_port": session["in"][1],
        "protocol": number if session["unknown_protocol"] else IP_NUMBERS[PROTOCOL_NAMES[number]],
        "flags": flags | (EXT_HOST_VALID if has_host else 0),
        "last_heard": last_heard,
        "time_since_last_heard": int(vpp.now()) - last_heard,
        "total_bytes": session["bytes"],
        "total_pkts": session["packets"],
        "ext_host_address": text(session["external"][0]),
        "ext_host_port": session["external"][1],
        "ext_host_nat_address": text(session["external_nat"][0]),
        "ext_host_nat_port": session["external_nat"][1],
    }
