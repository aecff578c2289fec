"""Binary API messages of the bridge: domains, MAC addresses, cross connects, tag rewrite."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any

from engine.messages import MessageTable
from engine.net.interface.api import ALL, INVALID_VALUE, MessageRefused, interface_of, mac_of

from .config import Domain
from .l2 import BVI, FILTER, STATIC
from .rewrite_config import OPERATIONS, Rewrite

messages = MessageTable()

INVALID_SW_IF_INDEX, INVALID_ADDRESS_FAMILY, BD_NOT_MODIFIABLE, UNIMPLEMENTED = -2, -97, -121, -9
PORT_BVI, PORT_UU_FWD = 1, 2  # l2_port_type
FLAGS = {"learn": 1, "forward": 2, "flood": 4, "uu_flood": 8, "arp_term": 16}  # bd_flags, l2_intf_feat_flags
FEATURES = {"LEARN": 1, "FWD": 2, "FLOOD": 4, "UU_FLOOD": 8, "ARP_TERM": 16}  # the same of an interface
NO_DOMAIN = 0


def domain_of(vpp: Any, bd_id: int) -> Domain:
    """The domain a message wants to change. Raises MessageRefused, L2Error."""
    if bd_id == NO_DOMAIN:
        raise MessageRefused("bridge domain 0 can not be modified", BD_NOT_MODIFIABLE)
    domain: Domain = vpp.l2.domain_of(bd_id)
    return domain


def chosen_domains(vpp: Any, bd_id: int) -> list[Domain]:
    """The domain of that id, or all for ~0, in the order in which they were made."""
    found = vpp.l2.domains.values() if bd_id == ALL else [domain_of(vpp, bd_id)]
    return sorted(found, key=lambda domain: int(domain.bd_index))


# ---- bridge domains


@messages.message("bridge_domain_add_del")
def bridge_domain_add_del(
    vpp: Any, bd_id: int, flood: bool = False, uu_flood: bool = False, forward: bool = False, learn: bool = False,
    arp_term: bool = False, arp_ufwd: bool = False, mac_age: int = 0, bd_tag: str = "", is_add: bool = True,
) -> None:  # fmt: skip
    """Make a bridge domain, or delete one that has no members. mac_age in minutes, 0 for ever."""
    if not is_add:
        vpp.l2.delete_domain(bd_id)
        return
    flags = {"flood": flood, "uu_flood": uu_flood, "forward": forward, "learn": learn, "arp_term": arp_term}
    vpp.l2.add_domain(bd_id, {name: bool(on) for name, on in flags.items()}, mac_age, bd_tag)


@messages.message("bridge_domain_add_del_v2")
def bridge_domain_add_del_v2(vpp: Any, bd_id: int, is_add: bool = True, **settings: Any) -> dict[str, Any]:
    """As bridge_domain_add_del; for ~0 the domain gets an id that is free."""
    if bd_id == ALL and is_add:
        bd_id = next(each for each in range(1, ALL) if each not in vpp.l2.domains)
    bridge_domain_add_del(vpp, bd_id, is_add=is_add, **settings)
    return {"bd_id": bd_id}


@messages.message("bridge_domain_dump")
def bridge_domain_dump(vpp: Any, bd_id: int = ALL, sw_if_index: int = ALL) -> Iterator[dict[str, Any]]:
    """Domains, one or all, each with its members; sw_if_index is not looked at, as in VPP."""
    for domain in chosen_domains(vpp, bd_id):
        members = [{"sw_if_index": each.interface.sw_if_index, "shg": each.shg} for each in domain.members]
        yield {
            "bd_id": domain.bd_id,
            **domain.flags,
            "arp_ufwd": False,
            "mac_age": domain.mac_age,
            "bd_tag": domain.tag,
            "bvi_sw_if_index": domain.bvi.sw_if_index if domain.bvi is not None else ALL,
            "uu_fwd_sw_if_index": ALL,
            "n_sw_ifs": len(members),
            "sw_if_details": members,
        }


@messages.message("bridge_flags")
def bridge_flags(vpp: Any, bd_id: int, is_set: bool, flags: int) -> dict[str, Any]:
    """Set or clear flags of a domain: 1 learn, 2 forward, 4 flood, 8 unknown-unicast flood, 16 ARP termination."""
    domain = domain_of(vpp, bd_id)
    vpp.l2.set_flags(bd_id, **{name: bool(is_set) for name, bit in FLAGS.items() if flags & bit})
    return {"resulting_feature_bitmap": sum(bit for name, bit in FLAGS.items() if domain.flags[name])}


@messages.message("bridge_domain_set_mac_age")
def bridge_domain_set_mac_age(vpp: Any, bd_id: int, mac_age: int) -> None:
    """Minutes that a learned address is kept unheard of; 0 for ever."""
    domain_of(vpp, bd_id)
    vpp.l2.set_mac_age(bd_id, mac_age)


# ---- where interfaces belong


@messages.message("sw_interface_set_l2_bridge")
def sw_interface_set_l2_bridge(
    vpp: Any, rx_sw_if_index: int, bd_id: int = 0, port_type: int = 0, shg: int = 0, enable: bool = True,
    bvi: bool = False,
) -> None:  # fmt: skip
    """Put an interface into a domain, or (enable false) back to routing. port_type 1, formerly bvi: its BVI."""
    interface = interface_of(vpp, rx_sw_if_index)
    if not enable:
        vpp.l2.route(interface)
    elif port_type == PORT_UU_FWD:
        raise MessageRefused("there is no forwarding of unknown unicast to one port", UNIMPLEMENTED)
    elif not 0 <= shg < 256:
        raise MessageRefused(f"no such split-horizon group: {shg}", INVALID_VALUE)
    else:
        vpp.l2.bridge(interface, bd_id, bool(bvi) or port_type == PORT_BVI, shg)


@messages.message("sw_interface_set_l2_xconnect")
def sw_interface_set_l2_xconnect(vpp: Any, rx_sw_if_index: int, tx_sw_if_index: int = ALL, enable: bool = True) -> None:
    """Let all that comes in by one interface leave by the other, or (enable false) route it again."""
    interface = interface_of(vpp, rx_sw_if_index)
    if enable:
        vpp.l2.xconnect(interface, interface_of(vpp, tx_sw_if_index))
    else:
        vpp.l2.route(interface)


@messages.message("l2_xconnect_dump")
def l2_xconnect_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """Interfaces that are connected to another, each way for itself."""
    for sw_if_index, peer in sorted(vpp.l2.connected.items()):
        yield {"rx_sw_if_index": sw_if_index, "tx_sw_if_index": peer.sw_if_index}


@messages.message("l2_interface_vlan_tag_rewrite")
def l2_interface_vlan_tag_rewrite(
    vpp: Any, sw_if_index: int, vtr_op: int, push_dot1q: int = 0, tag1: int = 0, tag2: int = 0
) -> None:
    """Tags taken off and put on when a frame comes in, undone when it leaves.

    vtr_op: 0 off, 1 push 1, 2 push 2, 3 pop 1, 4 pop 2, 5 to 8 translate 1-1, 1-2, 2-1, 2-2.
    """
    interface = interface_of(vpp, sw_if_index)
    if not 0 <= vtr_op < len(OPERATIONS) or not 0 <= tag1 < 4096 or not 0 <= tag2 < 4096:
        raise MessageRefused("no such operation, or no such VLAN", INVALID_VALUE)
    pops, pushes = OPERATIONS[vtr_op]
    vpp.l2.set_rewrites(interface, Rewrite(pops, (tag1, tag2)[:pushes], bool(push_dot1q) or not pushes))


@messages.message("l2_interface_efp_filter")
def l2_interface_efp_filter(vpp: Any, sw_if_index: int, enable_disable: bool = True) -> None:
    """Whether frames leave only with the tags that the interface takes."""
    interface_of(vpp, sw_if_index)
    vpp.l2.set_feature(sw_if_index, False, "EFP_FILTER", bool(enable_disable))


# ---- features of interfaces


def bitmap_of(vpp: Any, sw_if_index: int, is_input: bool) -> int:
    return int(vpp.l2.bitmaps.get((sw_if_index, is_input), 1))


@messages.message("l2_flags")
def l2_flags(vpp: Any, sw_if_index: int, is_set: bool, feature_bitmap: int) -> dict[str, Any]:
    """Turn L2 input features of an interface on or off, by the bits that traces print."""
    interface_of(vpp, sw_if_index)
    for name, _ in vpp.l2.profile.input_bits[1:]:
        if vpp.l2.bit(True, name) & feature_bitmap:
            vpp.l2.set_feature(sw_if_index, True, name, bool(is_set))
    return {"resulting_feature_bitmap": bitmap_of(vpp, sw_if_index, True)}


@messages.message("l2_flags_get")
def l2_flags_get(vpp: Any, sw_if_index: int) -> dict[str, Any]:
    """The L2 features of an interface, as bits."""
    interface_of(vpp, sw_if_index)
    return {
        "input_feature_bitmap": bitmap_of(vpp, sw_if_index, True),
        "output_feature_bitmap": bitmap_of(vpp, sw_if_index, False),
    }


@messages.message("l2_interface_feat_flags_set")
def l2_interface_feat_flags_set(vpp: Any, sw_if_index: int, is_set: bool, flags: int) -> None:
    """Turn on or off what an interface does of its domain's business, by the flags of bridge_flags."""
    interface_of(vpp, sw_if_index)
    for name, bit in FEATURES.items():
        if flags & bit:
            vpp.l2.set_feature(sw_if_index, True, name, bool(is_set))


@messages.message("l2_interface_feat_flags_get")
def l2_interface_feat_flags_get(vpp: Any, sw_if_index: int) -> dict[str, Any]:
    """What an interface does of its domain's business."""
    interface_of(vpp, sw_if_index)
    bitmap = bitmap_of(vpp, sw_if_index, True)
    return {"flags": sum(bit for name, bit in FEATURES.items() if bitmap & vpp.l2.bit(True, name))}


# ---- MAC addresses


@messages.message("l2fib_add_del")
def l2fib_add_del(
    vpp: Any, mac: str, bd_id: int, sw_if_index: int = ALL, is_add: bool = True, static_mac: bool = False,
    filter_mac: bool = False, bvi_mac: bool = False,
) -> None:  # fmt: skip
    """Say where an address is, or that its frames are dropped (filter_mac), or forget it."""
    address = mac_of(mac)
    if not is_add:
        vpp.l2.forget(address, bd_id)
    elif filter_mac:
        vpp.l2.filter(address, bd_id)
    else:
        interface = interface_of(vpp, sw_if_index)
        if sw_if_index not in vpp.l2.bridged:
            raise MessageRefused(f"{interface.name} is in no bridge domain", INVALID_SW_IF_INDEX)
        vpp.l2.provision(address, bd_id, interface, bool(static_mac), bool(bvi_mac))


@messages.message("l2_fib_table_dump")
def l2_fib_table_dump(vpp: Any, bd_id: int = ALL) -> Iterator[dict[str, Any]]:
    """Addresses known in a domain, or in all."""
    ids = {domain.bd_index: domain.bd_id for domain in chosen_domains(vpp, bd_id)}
    for mac, bd_index, sw_if_index, flags, _, _ in vpp.l2.macs():
        if bd_index in ids:
            yield {
                "bd_id": ids[bd_index],
                "mac": mac.hex(":"),
                "sw_if_index": sw_if_index,
                "static_mac": bool(flags & STATIC),
                "filter_mac": bool(flags & FILTER),
                "bvi_mac": bool(flags & BVI),
            }


@messages.message("l2_fib_clear_table")
def l2_fib_clear_table(vpp: Any) -> None:
    """Forget all addresses, also those that were provisioned."""
    vpp.l2.clear_macs()


@messages.message("l2fib_flush_all")
def l2fib_flush_all(vpp: Any) -> None:
    """Forget what was learned."""
    vpp.l2.flush()


@messages.message("l2fib_flush_bd")
def l2fib_flush_bd(vpp: Any, bd_id: int) -> None:
    """Forget what was learned in a domain."""
    vpp.l2.flush(bd_id=bd_id)


@messages.message("l2fib_flush_int")
def l2fib_flush_int(vpp: Any, sw_if_index: int) -> None:
    """Forget what was learned on an interface."""
    vpp.l2.flush(interface=interface_of(vpp, sw_if_index))


# ---- ARP termination


def host_of(entry: Mapping[str, Any]) -> IPv4Address:
    """The IPv4 address of a bd_ip_mac. Raises MessageRefused."""
    try:
        return IPv4Address(entry["ip"])
    except ValueError as error:
        raise MessageRefused(f"no IPv4 address: {entry['ip']!r}", INVALID_ADDRESS_FAMILY) from error


@messages.message("bd_ip_mac_add_del")
def bd_ip_mac_add_del(vpp: Any, entry: Mapping[str, Any], is_add: bool = True) -> None:
    """Let a domain answer ARP for a host, {bd_id, ip, mac}, or leave that to the host again."""
    bd_id = int(entry["bd_id"])
    domain_of(vpp, bd_id)
    vpp.l2.set_arp_entry(bd_id, host_of(entry), mac_of(entry["mac"]) if is_add else None)


@messages.message("bd_ip_mac_flush")
def bd_ip_mac_flush(vpp: Any, bd_id: int) -> None:
    """Leave all ARP requests of a domain to its hosts."""
    for address in list(domain_of(vpp, bd_id).arp):
        vpp.l2.set_arp_entry(bd_id, address, None)


@messages.message("bd_ip_mac_dump")
def bd_ip_mac_dump(vpp: Any, bd_id: int = ALL) -> Iterator[dict[str, Any]]:
    """The hosts for which a domain, or any, answers ARP."""
    for domain in chosen_domains(vpp, bd_id):
        for address, mac in domain.arp.items():
            yield {"entry": {"bd_id": domain.bd_id, "ip": str(address), "mac": mac.hex(":")}}
