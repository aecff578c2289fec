"""What the show commands of the bridge print: data, and text laid out from it."""

from collections.abc import Iterable
from typing import Any

from engine.cli.format import format_float, lines, vformat

from .config import Domain
from .l2 import AGE_NOT, BVI, FILTER, STATIC

DOMAIN_HEADER = "%=8s %=7s %=4s %=9s %=9s %=9s %=11s %=9s %=9s %=11s"
DOMAIN_ROW = "%=8d %=7d %=4d %=9v %=9s %=9s %=11U %=9s %=9s %=11U"
DOMAIN_NAMES = ("BD-ID", "Index", "BSN", "Age(min)", "Learning", "U-Forwrd", "UU-Flood", "Flooding", "ARP-Term",
                "BVI-Intf")  # fmt: skip
MEMBER_HEADER = "%=30s%=7s%=5s%=5s%=5s%=9s%=30s"
MEMBER_ROW = "%=30U%=7d%=5d%=5d%=5s%=9s%=30U"
MEMBER_NAMES = ("Interface", "If-idx", "ISN", "SHG", "BVI", "TxFlood", "VLAN-Tag-Rewrite")
MAC_HEADER = "%=19s%=7s%=7s%=8s%=9s%=7s%=7s%=5s%=30s"
MAC_NAMES = ("Mac-Address", "BD-Idx", "If-Idx", "BSN-ISN", "Age(min)", "static", "filter", "bvi", "Interface-Name")
NO_INTERFACE = 0xFFFFFFFF


def on_off(value: bool) -> str:
    return "on" if value else "off"


def star(value: bool) -> str:
    return "*" if value else "-"


# ---- bridge domains


def domain_data(l2: Any, domain: Domain) -> dict[str, Any]:
    """A domain, its members and the answers it gives to ARP."""
    return {
        "bd_id": domain.bd_id,
        "bd_index": domain.bd_index,
        "sn": l2.domain_sn(domain.bd_index),
        "mac_age": domain.mac_age,
        "bvi": domain.bvi.name if domain.bvi is not None else None,
        "tag": domain.tag,
        **domain.flags,
        "members": [
            {
                "name": member.interface.name,
                "sw_if_index": member.interface.sw_if_index,
                "sn": l2.interface_sn(member.interface.sw_if_index),
                "shg": member.shg,
                "bvi": member.is_bvi,
                "rewrite": l2.rewrite_of(member.interface.sw_if_index).text,
            }
            for member in domain.members
        ],
        "arp": [{"address": str(address), "mac": mac.hex(":")} for address, mac in domain.arp.items()],
    }


def domain_row(domain: dict[str, Any]) -> str:
    return vformat(
        DOMAIN_ROW, domain["bd_id"], domain["bd_index"], domain["sn"],
        str(domain["mac_age"]) if domain["mac_age"] else "off",
        on_off(domain["learn"]), on_off(domain["forward"]), "flood" if domain["uu_flood"] else "drop",
        on_off(domain["flood"]), on_off(domain["arp_term"]), domain["bvi"] or "N/A",
    )  # fmt: skip


def member_rows(domain: dict[str, Any]) -> list[str]:
    rows = [
        vformat(MEMBER_ROW, each["name"], each["sw_if_index"], each["sn"], each["shg"], star(each["bvi"]), "*",
                each["rewrite"])
        for each in domain["members"]
    ]  # fmt: skip
    return ["", vformat(MEMBER_HEADER, *MEMBER_NAMES), *rows] if rows else []


def arp_rows(domain: dict[str, Any]) -> list[str]:
    rows = [vformat("%=40U => %=20U", each["address"], each["mac"]) for each in domain["arp"]]
    return ["", "  IP4/IP6 to MAC table for ARP Termination", *rows]


def domains_text(domains: Iterable[dict[str, Any]], members: bool = False, arp: bool = False, tag: bool = False) -> str:
    """Domains below one header; of a single one also what was asked for."""
    out = [vformat(DOMAIN_HEADER, *DOMAIN_NAMES)]
    for domain in domains:
        out.append(domain_row(domain))
        out += member_rows(domain) if members else []
        out += arp_rows(domain) if arp and domain["arp_term"] else []
        out += ["", f"  BD-Tag: {domain['tag']}"] if tag and domain["tag"] else []
    return lines(out)


# ---- MAC addresses


def macs_data(vpp: Any, bd_index: int | None, learned: bool, added: bool) -> dict[str, Any]:
    """MAC addresses, of one domain or all; learned or added: only those."""
    ages = {domain.bd_index: domain.mac_age for domain in vpp.l2.domains.values()}
    rows = []
    for mac, index, sw_if_index, flags, sn, timestamp in vpp.l2.macs():
        provisioned = bool(flags & AGE_NOT)
        if bd_index not in (None, index) or (learned and provisioned) or (added and not provisioned):
            continue
        interface = None if sw_if_index == NO_INTERFACE else vpp.interfaces.by_index[sw_if_index]
        age = (vpp.l2.minutes - timestamp) % 256 if ages.get(index) else None
        rows.append(
            {
                "mac": mac.hex(":"),
                "bd_index": index,
                "sw_if_index": -1 if interface is None else sw_if_index,
                "bsn": sn >> 8,
                "isn": sn & 0xFF,
                "age": None if provisioned else age,
                "provisioned": provisioned,
                "static": bool(flags & STATIC),
                "filter": bool(flags & FILTER),
                "bvi": bool(flags & BVI),
                "interface": "N/A" if interface is None else interface.name,
            }
        )
    return {"entries": rows, "total": vpp.l2.n_macs, "learned": vpp.l2.n_learned, "limit": vpp.l2.learn_limit,
            "scan_seconds": vpp.l2.last_scan}  # fmt: skip


def mac_row(row: dict[str, Any]) -> str:
    age = "no" if row["provisioned"] else "-" if row["age"] is None else str(row["age"])
    head = vformat("%=19U%=7d%=7d", row["mac"], row["bd_index"], row["sw_if_index"])
    tail = vformat(
        "%=9v%=7s%=7s%=5s%=30U", age, star(row["static"]), star(row["filter"]), star(row["bvi"]), row["interface"]
    )
    return f"{head} {row['bsn']:3}/{row['isn']:<3}{tail}"


def macs_text(data: dict[str, Any], listed: bool) -> str:
    """The table, if it is wanted, and the line of totals."""
    if data["total"] == 0:
        return "no l2fib entries\n"
    rows = [vformat(MAC_HEADER, *MAC_NAMES), *map(mac_row, data["entries"])] if listed and data["entries"] else []
    totals = (
        f"L2FIB total/learned entries: {data['total']}/{data['learned']}  "
        f"Last scan time: {format_float(data['scan_seconds'], 4, 'e')}sec  Learn limit: {data['limit']} "
    )
    return lines([*rows, totals])


# ---- where interfaces belong


def mode_text(rows: Iterable[dict[str, Any]]) -> str:
    return lines([mode_row(row) for row in rows])


def mode_row(row: dict[str, Any]) -> str:
    if row["mode"] == "bridge":
        return f"l2 bridge {row['name']} bd_id {row['bd_id']} {'bvi ' if row['bvi'] else ''}shg {row['shg']}"
    if row["mode"] == "xconnect":
        return f"l2 xconnect {row['name']} {row['peer']}"
    return f"l3 {row['name']}  "
