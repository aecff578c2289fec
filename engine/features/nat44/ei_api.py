"""Binary API messages of NAT44 in which the EI and ED plugins of later VPP differ: flags, and what makes them run."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ...errors import ControlError
from ...messages import MessageTable
from .api import (
    ADDR_ONLY,
    EXT_HOST_VALID,
    INSIDE,
    NO_INTERFACE,
    OUTSIDE,
    STATIC,
    add_del_static_mapping,
    delete_session,
    interface_add_del,
    interface_add_del_output,
    interface_dump,
    interface_output_dump,
    ip4,
    protocol_name,
)
from .constants import OUTPUT_OUT
from .errors import NoSuchEntry
from .mapping import Backend, Mapping

messages = MessageTable()

Fields = dict[str, Any]

# nat44_ei_config_flags: inside and outside stand the other way round than in nat_config_flags
EI_ADDR_ONLY, EI_INSIDE, EI_OUTSIDE, EI_STATIC = 8, 16, 32, 64
TO_ED = {EI_ADDR_ONLY: ADDR_ONLY, EI_INSIDE: INSIDE, EI_OUTSIDE: OUTSIDE, EI_STATIC: STATIC, 128: EXT_HOST_VALID}
UNSUPPORTED = -126
NO_CURSOR = 0xFFFFFFFF


class UnsupportedError(ControlError):
    """What this release decides at its start."""

    retval = UNSUPPORTED


def ed_flags(flags: int) -> int:
    return sum(ed for ei, ed in TO_ED.items() if flags & ei)


def with_ei_flags(rows: Iterator[Fields]) -> Iterator[Fields]:
    """Details with the flags of the EI plugin."""
    for row in rows:
        yield row | {"flags": sum(ei for ei, ed in TO_ED.items() if row["flags"] & ed)}


# ---- the plugins


@messages.message("nat44_ed_plugin_enable_disable")
def ed_enable(vpp: Any, enable: bool = True, **sizes: int) -> None:
    """NAT runs from the start; endpoint-dependent if the startup file says so."""
    check_mode(vpp, enable, True)


@messages.message("nat44_ei_plugin_enable_disable")
def ei_enable(vpp: Any, enable: bool = True, **sizes: int) -> None:
    """NAT runs from the start, unless the startup file says endpoint-dependent."""
    check_mode(vpp, enable, False)


def check_mode(vpp: Any, enable: bool, endpoint_dependent: bool) -> None:
    if not enable:
        raise UnsupportedError("NAT44 cannot be turned off while it runs")
    if vpp.nat44.endpoint_dependent != endpoint_dependent:
        raise UnsupportedError("the startup file decides whether NAT44 is endpoint-dependent: nat { ... }")


@messages.message("nat_worker_dump", also=["nat44_ei_worker_dump"])
def worker_dump(vpp: Any) -> Iterator[Fields]:
    """Threads that NAT's work is shared among; there is one, and it is no worker."""
    return iter(())


# ---- interfaces


@messages.message("nat44_ei_interface_add_del_feature")
def ei_interface(vpp: Any, sw_if_index: int, flags: int, is_add: bool = True) -> None:
    """As nat44_interface_add_del_feature, with the flags of the EI plugin."""
    interface_add_del(vpp, sw_if_index, ed_flags(flags), is_add)


@messages.message("nat44_ei_interface_add_del_output_feature")
def ei_output_interface(vpp: Any, sw_if_index: int, flags: int, is_add: bool = True) -> None:
    """As nat44_interface_add_del_output_feature, with the flags of the EI plugin."""
    interface_add_del_output(vpp, sw_if_index, ed_flags(flags), is_add)


@messages.message("nat44_ei_interface_dump")
def ei_interface_dump(vpp: Any) -> Iterator[Fields]:
    """As nat44_interface_dump, with the flags of the EI plugin."""
    return with_ei_flags(interface_dump(vpp))


@messages.message("nat44_ei_interface_output_feature_dump")
def ei_interface_output_dump(vpp: Any) -> Iterator[Fields]:
    """As nat44_interface_output_feature_dump, with the flags of the EI plugin."""
    return with_ei_flags(interface_output_dump(vpp))


@messages.message("nat44_ed_output_interface_get", also=["nat44_ei_output_interface_get"])
def output_interfaces(vpp: Any, cursor: int = 0) -> tuple[Fields, Iterator[Fields]]:
    """Interfaces by which packets leave translated."""
    roles = vpp.nat44.roles.by_index.items()
    return {"cursor": NO_CURSOR}, ({"sw_if_index": index} for index, role in roles if role & OUTPUT_OUT)


# ---- mappings and sessions


@messages.message("nat44_ei_del_session")
def ei_delete_session(vpp: Any, address: Any, protocol: int, port: int, vrf_id: int = 0, flags: int = 0,
                      ext_host_address: Any = "0.0.0.0", ext_host_port: int = 0) -> None:  # fmt: skip
    """As nat44_del_session, with the flags of the EI plugin."""
    delete_session(vpp, address, protocol, port, vrf_id, ed_flags(flags), ext_host_address, ext_host_port)


@messages.message("nat44_add_del_static_mapping_v2")
def add_del_static_mapping_v2(vpp: Any, local_ip_address: Any, match_pool: bool = False,
                              pool_ip_address: Any = "0.0.0.0", external_ip_address: Any = "0.0.0.0",
                              protocol: int = 0, local_port: int = 0, external_port: int = 0,
                              external_sw_if_index: int = NO_INTERFACE, vrf_id: int = 0, is_add: bool = True,
                              flags: int = 0, tag: str = "") -> None:  # fmt: skip
    """As nat44_add_del_static_mapping; twice-nat from a certain pool address (match_pool) is of later releases."""
    if match_pool:
        raise UnsupportedError("twice-nat takes any address of its pool")
    add_del_static_mapping(vpp, local_ip_address, external_ip_address, protocol, local_port, external_port,
                           external_sw_if_index, vrf_id, is_add, flags, tag)  # fmt: skip


@messages.message("nat44_lb_static_mapping_add_del_local")
def lb_add_del_local(vpp: Any, external_addr: Any, external_port: int, protocol: int, local: Fields,
                     is_add: bool = True) -> None:  # fmt: skip
    """Give a load-balancing mapping one backend {addr, port, probability, vrf_id} more, or one less."""
    wanted = Mapping(external=ip4(external_addr), external_port=external_port, protocol=protocol_name(protocol))
    known = vpp.nat44.find_mapping(wanted)
    backend = Backend(ip4(local["addr"]), int(local["port"]), int(local.get("probability", 1)),
                      int(local.get("vrf_id", 0)))  # fmt: skip
    place = (backend.address, backend.port, backend.vrf)
    others = tuple(each for each in known.backends if (each.address, each.port, each.vrf) != place)
    if not known.backends or (len(others) == len(known.backends)) != is_add:
        raise NoSuchEntry("no such backend" if known.backends else "Mapping not exist.")
    put_in_place(vpp.nat44, known, replace(known, backends=(*others, backend) if is_add else others))


def put_in_place(nat44: Any, known: Mapping, changed: Mapping) -> None:
    """Let a mapping stand where another stood, whose sessions end; or leave everything as it was."""
    before = replace(known)
    nat44.delete_mapping(known)
    try:
        nat44.add_mapping(changed)
    except ControlError:
        nat44.add_mapping(before)
        raise
