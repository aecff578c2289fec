"""NAT44 as a plain Python model: what each packet must become. Slow, and written from VPP's behaviour alone."""

from dataclasses import dataclass, replace

from .packets import ICMP, TCP, UDP, Packet

POOL = "10.0.1.100"


@dataclass
class Flow:
    """One session."""

    inside: tuple[str, int]
    outside: tuple[str, int]
    remote: tuple[str, int] | None = None  # of endpoint-dependent ones


class Model:
    """Inside 10.0.0.0/24, outside 10.0.1.0/24; mappings: (protocol, external, port) -> backends."""

    def __init__(self, mappings=None, services=None):
        self.x = 0
        self.busy = {UDP: set(), TCP: set(), ICMP: set()}
        self.sessions: list[tuple[int, Flow]] = []
        self.mappings = mappings or {}
        self.services = services or {}
        for protocol, _, port in self.mappings:
            self.busy[protocol].add(port)

    def draw(self):
        self.x = (1664525 * self.x + 1013904223) % 2**32
        return self.x

    def new_port(self, protocol):
        while True:
            port = 1025 + self.draw() // ((2**32 - 1) // 64511 + 1)
            if port not in self.busy[protocol]:
                self.busy[protocol].add(port)
                return port

    def find(self, protocol, **wanted):
        for known, flow in self.sessions:
            if known == protocol and all(getattr(flow, name) == value for name, value in wanted.items()):
                return flow
        return None

    def from_inside(self, packet: Packet) -> Packet | None:
        """A packet that the inside interface receives for a host outside."""
        inside, remote = (packet.src, packet.sport), (packet.dst, packet.dport)
        if any(inside in backends for (p, *_), backends in self.services.items() if p == packet.protocol):
            flow = self.find(packet.protocol, inside=inside, remote=remote)
            return self.leave(packet, flow) if flow else None
        flow = self.find(packet.protocol, inside=inside)
        if flow is None:
            flow = Flow(inside, self.outside_of(packet))
            self.sessions.append((packet.protocol, flow))
        return self.leave(packet, flow)

    def outside_of(self, packet: Packet) -> tuple[str, int]:
        for (protocol, external, port), local in self.mappings.items():
            if protocol == packet.protocol and local == (packet.src, packet.sport):
                return external, port
        return POOL, self.new_port(packet.protocol)

    @staticmethod
    def leave(packet: Packet, flow: Flow) -> Packet:
        return replace(packet, src=flow.outside[0], sport=flow.outside[1], ttl=packet.ttl - 1,
                       checksummed=packet.protocol != UDP)  # fmt: skip

    def from_outside(self, packet: Packet) -> Packet | None:
        """A packet that the outside interface receives for an address of NAT."""
        port = packet.sport if packet.protocol == ICMP else packet.dport
        outside, remote = (packet.dst, port), (packet.src, packet.sport)
        service = self.services.get((packet.protocol, *outside))
        if service:
            flow = self.find(packet.protocol, outside=outside, remote=remote)
            if flow is None:
                flow = Flow(service[self.draw() % len(service)], outside, remote)
                self.sessions.append((packet.protocol, flow))
            return self.enter(packet, flow)
        flow = self.find(packet.protocol, outside=outside)
        local = self.mappings.get((packet.protocol, *outside))
        if flow is None and local is not None and packet.protocol != ICMP:
            flow = Flow(local, outside)
            self.sessions.append((packet.protocol, flow))
        return self.enter(packet, flow) if flow else None

    @staticmethod
    def enter(packet: Packet, flow: Flow) -> Packet:
        if packet.protocol == ICMP:
            return replace(packet, dst=flow.inside[0], sport=flow.inside[1], ttl=packet.ttl - 1)
        return replace(packet, dst=flow.inside[0], dport=flow.inside[1], ttl=packet.ttl - 1,
                       checksummed=packet.protocol != UDP)  # fmt: skip
