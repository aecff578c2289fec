"""The decisions on a packet's way, read from its trace: each as data with a text of its own."""

from ipaddress import IPv4Address
from typing import Any

from engine.net.fib.text import adjacency_fields

from .headers import changes, flow_text, header_of

Fields = dict[str, Any]

ACTIONS = ("deny", "permit", "permit+reflect", "permit")  # the last is what a session says
FOUND = 0x80000000  # trace bit: a session decided
NO_INTERFACE = 0xFFFFFFFF


class Story:
    """One packet's trace, with the engine that it has gone through."""

    def __init__(self, vpp: Any, trace: list[Fields]) -> None:
        self._vpp = vpp
        self._trace = trace

    # ---- ACLs

    def acl(self) -> list[Fields]:
        """Which rule or session let it pass, or did not, interface by interface."""
        return [self._acl(entry["data"]) for entry in self._trace if entry["node"].startswith("acl-plugin-")]

    def _acl(self, data: Fields) -> Fields:
        direction = "input" if data["is_input"] else "output"
        found: Fields = {
            "interface": self._name(data["sw_if_index"]),
            "direction": direction,
            "action": ACTIONS[data["action"]],
            "acl": None,
            "rule": None,
            "rule_text": None,
        }
        by = "default: no rule matches"
        if data["trace_bits"] & FOUND:
            by = "its session"
        elif data["acl"] >= 0:
            rule = self._vpp.acl.get(data["acl"]).rules[data["rule"]]
            found |= {"acl": data["acl"], "rule": data["rule"], "rule_text": rule.text()}
            by = f"acl {data['acl']} rule {data['rule']}: {rule.text()}"
        return found | {"text": f"{found['interface']} {direction}: {found['action']} by {by}"}

    def _name(self, sw_if_index: int) -> str:
        interface = self._vpp.interfaces.by_index[sw_if_index]
        return str(interface.name)

    # ---- translation

    def translation(self) -> list[Fields]:
        """What NAT nodes changed, each with the session it belongs to."""
        found = []
        for place, entry in enumerate(self._trace):
            if entry["node"].startswith("nat44-") and (entry["data"] or {}).get("session") is not None:
                row = self._translated(place, entry)
                if row is not None:
                    found.append(row)
        return found

    def _translated(self, place: int, entry: Fields) -> Fields | None:
        """None for a node that handed the packet on to another NAT node."""
        if place + 1 < len(self._trace) and self._trace[place + 1]["node"].startswith("nat44-"):
            return None
        before = next((h for h in map(header_of, reversed(self._trace[:place])) if h is not None), None)
        after = next((h for h in map(header_of, self._trace[place + 1 :]) if h is not None), None)
        changed = changes(before, after) if before is not None and after is not None else []
        session = self._session(entry["data"]["session"])
        made = session is not None and self._is_new(session)
        if not changed and session is None:
            return None
        text = f"{entry['node']}: {', '.join(changed) or 'unchanged'}"
        if session is not None:
            text += f", {'new ' if made else ''}session {session['index']}{self._mapping(session)}"
        return {"node": entry["node"], "changed": changed, "session": session, "new": made, "text": text}

    def _session(self, index: int) -> Fields | None:
        """A session as plain data."""
        state = self._vpp.nat44.state
        if index < 0 or index == NO_INTERFACE:
            return None
        try:
            row = state.session(index)
        except KeyError:
            return None
        ends = {name: f"{IPv4Address(row[name][0])}:{row[name][1]}" for name in ("in", "out", "external")}
        return {"index": index, **ends} | {name: row[name] for name in ("packets", "static", "twice_nat")}

    def _is_new(self, session: Fields) -> bool:
        """Whether this packet is all that the session has seen; the one that makes a session counts in it."""
        named = [entry for entry in self._trace if (entry["data"] or {}).get("session") == session["index"]]
        return int(session["packets"]) <= len(named)

    def _mapping(self, session: Fields) -> str:
        """The static mapping behind a session, as far as there is one."""
        if not session["static"]:
            return ""
        for mapping in self._vpp.nat44.mappings:
            port = f":{mapping.external_port}" if mapping.protocol is not None else ""
            external = f"{IPv4Address(mapping.external)}{port}"
            if external in (session["out"], session["out"].rpartition(":")[0]):
                return f" of {'identity' if mapping.identity else 'static'} mapping {external}"
        return " of a static mapping"

    # ---- forwarding

    def route(self) -> list[Fields]:
        """The prefixes that its destinations matched."""
        return [self._route(entry) for entry in self._trace if entry["node"].startswith("ip4-lookup")]

    def _route(self, entry: Fields) -> Fields:
        data = entry["data"]
        table = self._vpp.fib.by_index[data["fib"]]
        header = header_of(entry)
        matched = table.match(int(IPv4Address(header["dst"]))) if header is not None else None
        if matched is None:
            return {"table": table.table_id, "prefix": None, "text": f"{table.name}: no route"}
        prefix = f"{IPv4Address(matched.address)}/{matched.length}"
        source = matched.sources[0].name if matched.sources else None
        text = f"{prefix} in {table.name} ({source})"
        paths = [] if matched.active is None else [self._path(path) for path in matched.active.paths]
        row = {"table": table.table_id, "prefix": prefix, "source": source, "paths": paths}
        return row | {"text": f"{text}: {', '.join(paths) or 'drop'}"}

    def _path(self, path: Any) -> str:
        """What `ip route add` would say of a path."""
        hop = f" via {IPv4Address(path.next_hop)}" if path.kind in ("recursive", "attached-nexthop") else ""
        on = f" {self._name(path.sw_if_index)}" if path.kind in ("attached", "attached-nexthop") else ""
        return f"{path.kind}{hop}{on}"

    def neighbour(self) -> list[Fields]:
        """The adjacencies that it was sent to, or that could not be resolved."""
        found = []
        for entry in self._trace:
            data = entry["data"] or {}
            if "adjacency" in data:
                found.append(self._neighbour(data["adjacency"], None))
            elif entry["node"] in ("ip4-arp", "ip4-glean"):
                header = header_of(entry)
                destination = header["dst"] if header is not None else None
                found.append(self._neighbour(adjacency_fields(self._vpp.fib, data["dpo"]), destination))
        return found

    def _neighbour(self, adjacency: Fields, destination: str | None) -> Fields:
        """One adjacency; a glean one stands for all neighbours of a link, so the packet says which."""
        if adjacency["kind"] == "invalid":
            return adjacency | {"text": f"adjacency {adjacency['index']} has gone"}
        hop = destination if adjacency["kind"] == "glean" else adjacency["next_hop"]
        row = {"address": hop, "interface": adjacency["interface"], "mac": None, "adjacency": adjacency["index"]}
        if adjacency["kind"] != "complete":
            return row | {"text": f"{hop} on {adjacency['interface']}: not known, asked for by ARP"}
        row["mac"] = bytes.fromhex(adjacency["rewrite"])[:6].hex(":")
        return row | {"text": f"{hop} on {adjacency['interface']}: {row['mac']}"}

    # ---- output

    def output(self) -> list[Fields]:
        """What leaves, by which interface."""
        found = []
        for entry in self._trace:
            data = entry["data"] or {}
            if entry["node"].endswith("-output") and "frame" in data:
                header = header_of(entry)
                what = f"{flow_text(header)}, ttl {header['ttl']}" if header is not None else _other(data["frame"])
                found.append({"interface": data["interface"], "text": f"{data['interface']}: {what}"})
        return found


def _other(frame: Fields) -> str:
    payload = frame["payload"] or {}
    if "opcode" in payload:
        return f"ARP for {payload['target']}"
    return f"ethertype 0x{frame['ethernet'].get('type', 0):04x}"
