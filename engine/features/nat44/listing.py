"""What NAT44's listings show, as data and as VPP's text of it."""

from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address
from typing import Any

from ...cli.format import vformat
from .constants import IN, OUT, OUTPUT_IN, OUTPUT_OUT
from .fragments import datagrams
from .mapping import Mapping
from .state import PROTOCOL_NAMES

THREAD = "-------- thread 0 vpp_main"


def address_text(address: int) -> str:
    return str(IPv4Address(address))


# ---- pool addresses


def addresses_data(vpp: Any) -> dict[str, Any]:
    return {"addresses": _pool(vpp, False), "twice_nat_addresses": _pool(vpp, True)}


def _pool(vpp: Any, twice_nat: bool) -> list[dict[str, Any]]:
    return [
        {
            "address": address_text(address),
            "tenant_vrf": None if fib_index is None else vpp.fib.by_index[fib_index].table_id,
            "busy": busy,
        }
        for address, fib_index, busy in vpp.nat44.state.addresses(twice_nat)
    ]


def addresses_text(data: dict[str, Any]) -> Iterator[str]:
    for title, key in (("NAT44 pool addresses:", "addresses"),
                       ("NAT44 twice-nat pool addresses:", "twice_nat_addresses")):  # fmt: skip
        yield f"{title}\n"
        for row in data[key]:
            vrf = row["tenant_vrf"]
            yield f"{row['address']}\n  tenant VRF{' independent' if vrf is None else f': {vrf}'}\n"
            yield from (f"  {row['busy'][name]} busy {name} ports\n" for name in ("udp", "tcp", "icmp"))


# ---- interfaces


def interfaces_data(vpp: Any) -> list[dict[str, Any]]:
    names = {IN: "in", OUT: "out", OUTPUT_IN: "in", OUTPUT_OUT: "out"}
    rows = [
        {
            "interface": vpp.interfaces.by_index[sw_if_index].name,
            "roles": [name for bit, name in names.items() if role & bit],
            "output_feature": bool(role & (OUTPUT_IN | OUTPUT_OUT)),
        }
        for sw_if_index, role in vpp.nat44.roles.by_index.items()
    ]
    return sorted(rows, key=lambda row: row["output_feature"])


def interfaces_text(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "NAT44 interfaces:\n"
    for row in rows:
        feature = " output-feature" if row["output_feature"] else ""
        yield f" {row['interface']}{feature} {' '.join(row['roles'])}\n"


def interface_addresses_data(vpp: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"interfaces": [], "twice_nat_interfaces": []}
    for sw_if_index, twice_nat in vpp.nat44.interface_addresses:
        name = vpp.interfaces.by_index[sw_if_index].name
        found["twice_nat_interfaces" if twice_nat else "interfaces"].append(name)
    return found


def interface_addresses_text(data: dict[str, list[str]]) -> Iterator[str]:
    yield "NAT44 pool address interfaces:\n"
    yield from (f" {name}\n" for name in data["interfaces"])
    yield "NAT44 twice-nat pool address interfaces:\n"
    yield from (f" {name}\n" for name in data["twice_nat_interfaces"])


# ---- static mappings


def mapping_data(vpp: Any, mapping: Mapping) -> dict[str, Any]:
    external = address_text(mapping.external)
    if mapping.interface is not None and not mapping.resolved:
        external = vpp.interfaces.by_index[mapping.interface].name
    return {
        "protocol": mapping.protocol,
        "local": {"address": address_text(mapping.local), "port": mapping.local_port, "vrf": mapping.vrf},
        "external": {"address": external, "port": mapping.external_port},
        "backends": [
            {"address": address_text(each.address), "port": each.port, "vrf": each.vrf,
             "probability": each.probability}
            for each in mapping.backends
        ],
        "twice_nat": mapping.twice_nat,
        "out2in_only": mapping.out2in_only,
        "identity": mapping.identity,
        "resolved": mapping.resolved,
    }  # fmt: skip


def mappings_data(vpp: Any) -> list[dict[str, Any]]:
    rows = [mapping_data(vpp, mapping) for mapping in vpp.nat44.mappings]
    return sorted(rows, key=lambda row: not row["resolved"])


def mapping_text(row: dict[str, Any]) -> str:
    """One mapping, its backends on lines of their own."""
    local, external, protocol = row["local"], row["external"], row["protocol"]
    flags = f"{row['twice_nat'] or ''} {'out2in-only' if row['out2in_only'] else ''}"
    if row["backends"]:
        backends = "".join(
            f"  local {each['address']}:{each['port']} vrf {each['vrf']} probability {each['probability']}\n"
            for each in row["backends"]
        )
        return f" {protocol} external {external['address']}:{external['port']} {flags}\n{backends}"
    if not row["resolved"]:
        vrf = local["vrf"] or -1
        if protocol is None:
            return f" local {local['address']} external {external['address']} vrf {vrf}\n"
        return (f" {protocol} local {local['address']}:{local['port']} external "
                f"{external['address']}:{external['port']} vrf {vrf}\n")  # fmt: skip
    if row["identity"]:
        port = f":{local['port']}" if protocol is not None else ""
        return f" identity mapping {local['address']}{port} vrf {local['vrf']}\n"
    if protocol is None:
        return f" local {local['address']} external {external['address']} vrf {local['vrf']} {flags}\n"
    return (f" {protocol} local {local['address']}:{local['port']} external {external['address']}:{external['port']} "
            f"vrf {local['vrf']} {flags}\n")  # fmt: skip


def mappings_text(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "NAT44 static mappings:\n"
    yield from map(mapping_text, rows)


# ---- sessions


def side_data(side: tuple[int, int, int]) -> dict[str, Any]:
    address, port, fib_index = side
    return {"address": address_text(address), "port": port, "fib": fib_index}


def session_data(session: dict[str, Any]) -> dict[str, Any]:
    kinds = (("bypass", "forwarding-bypass"), ("load_balanced", "load-balancing"), ("twice_nat", "twice-nat"))
    number = session["protocol"]
    return {
        "index": session["index"],
        "protocol": number << 8 if session["unknown_protocol"] else PROTOCOL_NAMES[number],
        "i2o": side_data(session["in"]),
        "o2i": side_data(session["out"]),
        "external_host": dict(zip(("address", "port"), (address_text(session["external"][0]), session["external"][1]),
                                  strict=True)),
        "external_host_nat": {"address": address_text(session["external_nat"][0]), "port": session["external_nat"][1]},
        "has_external_host": session["endpoint_dependent"] or session["bypass"],
        "last_heard": session["last_heard_ns"] / 1e9,
        "packets": session["packets"],
        "bytes": session["bytes"],
        "static": session["static"],
        "kinds": [name for flag, name in kinds if session[flag]],
    }  # fmt: skip


def sessions_data(vpp: Any, detail: bool) -> dict[str, Any]:
    """Users, with their sessions in detail; they are looked up one by one as the listing goes on."""
    return {"count": vpp.nat44.state.n_sessions(), "users": users_data(vpp.nat44.state, detail)}


def users_data(state: Any, detail: bool) -> Iterator[dict[str, Any]]:
    for user in state.users():
        row = {"address": address_text(user["address"]), "dynamic": user["dynamic"], "static": user["static"]}
        yield row | {"sessions": user_sessions(state, user["index"])} if detail else row


def user_sessions(state: Any, user: int) -> Iterator[dict[str, Any]]:
    for index in state.user_sessions(user):
        with suppress(KeyError):  # it ended since the listing began
            yield session_data(state.session(index))


def session_text(row: dict[str, Any]) -> str:
    protocol = row["protocol"]
    out = []
    for name in ("i2o", "o2i"):
        side = row[name]
        port = "" if isinstance(protocol, int) else f" port {side['port']}"
        out.append(f"    {name} {side['address']} proto {protocol}{port} fib {side['fib']}")
    host, nat = row["external_host"], row["external_host_nat"]
    if "twice-nat" in row["kinds"]:
        out.append(f"       external host o2i {host['address']}:{host['port']} i2o {nat['address']}:{nat['port']}")
    elif row["has_external_host"]:
        out.append(f"       external host {host['address']}:{host['port']}")
    out.append(f"       index {row['index']}")
    out.append(vformat("       last heard %.2f", row["last_heard"]))
    out.append(f"       total pkts {row['packets']}, total bytes {row['bytes']}")
    out.append(f"       {'static' if row['static'] else 'dynamic'} translation")
    out += [f"       {kind}" for kind in row["kinds"]]
    return "\n".join([*out, "", ""])


def sessions_text(data: dict[str, Any]) -> Iterator[str]:
    yield f"NAT44 sessions:\n{THREAD}: {data['count']} sessions --------\n"
    for user in data["users"]:
        yield (f"  {user['address']}: {user['dynamic']} dynamic translations, "
               f"{user['static']} static translations\n")  # fmt: skip
        yield from map(session_text, user.get("sessions", ()))


# ---- virtual reassembly


def reassembly_data(vpp: Any) -> dict[str, Any]:
    nat = vpp.nat44
    names = {None: "NONE", 0: "IN2OUT", 1: "OUT2IN"}
    rows = [
        each | {"src": address_text(each["src"]), "dst": address_text(each["dst"]),
                "class_next": names[each["class_next"]]}
        for each in datagrams(nat.state)
    ]  # fmt: skip
    return {"ip4": dict(vars(nat.reassembly)) | {"reassemblies": rows},
            "ip6": dict(vars(nat.reassembly6)) | {"reassemblies": []}}  # fmt: skip


def reassembly_text(data: dict[str, Any]) -> Iterator[str]:
    for family, title in (("ip4", "IPv4"), ("ip6", "IPv6")):
        row = data[family]
        yield (f"NAT {title} virtual fragmentation reassembly is {'DISABLED' if row['drop'] else 'ENABLED'}\n"
               f" max-reassemblies {row['max_reassemblies']}\n max-fragments {row['max_fragments']}\n"
               f" timeout {row['timeout']}sec\n reassemblies:\n")  # fmt: skip
        for each in row["reassemblies"]:
            yield (f"  src {each['src']} dst {each['dst']} proto {each['protocol']} id 0x{each['id']:04x} "
                   f"cached {each['held']} flags 0 classify_next {each['class_next']}\n")  # fmt: skip


# ---- summary, tables


def summary_data(vpp: Any) -> dict[str, Any]:
    nat = vpp.nat44
    counts = {"udp": 0, "tcp": 0, "icmp": 0, "other": 0, "established": 0, "transitory": 0}
    for index in nat.state.sessions():
        session = nat.state.session(index)
        name = "other" if session["unknown_protocol"] else PROTOCOL_NAMES[session["protocol"]]
        counts[name] += 1
        if name == "tcp":
            counts["transitory" if session["tcp_state"] else "established"] += 1
    return {
        "max_sessions": nat.state.limits[0],
        "max_per_user": nat.state.limits[1],
        "users": sum(1 for _ in nat.state.users()),
        "sessions": nat.state.n_sessions(),
        "mappings": len(nat.mappings),
        "forwarding": bool(nat.state.forwarding),
        "by_protocol": counts,
    }


def summary_text(data: dict[str, Any]) -> str:
    counts = data["by_protocol"]
    return (
        f"max translations: {data['max_sessions']}\nmax translations per user: {data['max_per_user']}\n"
        f"forwarding: {'enabled' if data['forwarding'] else 'disabled'}\n"
        f"static mappings: {data['mappings']}\nusers: {data['users']}\ntotal sessions: {data['sessions']}\n"
        f"tcp sessions:\n    total: {counts['tcp']}\n        established: {counts['established']}\n"
        f"        transitory: {counts['transitory']}\nudp sessions:\n    total: {counts['udp']}\n"
        f"icmp sessions:\n    total: {counts['icmp']}\nother sessions:\n    total: {counts['other']}\n"
    )


def tables_data(vpp: Any) -> dict[str, Any]:
    stats = vpp.nat44.state.table_stats()
    ed = vpp.nat44.full_featured
    names = ["static_mapping_by_local", "static_mapping_by_external", "in2out", "out2in"]
    names += ["in2out_ed", "out2in_ed"] if ed else []
    return {name.replace("_ed", "-ed"): stats[name] for name in [*names, "users"]}


def tables_text(data: dict[str, Any]) -> Iterator[str]:
    for name, stats in data.items():
        if name == "in2out":
            yield f"{THREAD} --------\n"
        yield (f"Hash table {name}\n    {stats['count']} active elements {stats['n_buckets']} buckets\n"
               f"    longest search {stats['longest_chain']} buckets\n    used {stats['memory']} b\n")  # fmt: skip
