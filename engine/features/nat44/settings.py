"""Settings of NAT44 that are plain values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timeouts:
    """Seconds."""

    udp: int = 300
    tcp_established: int = 7440
    tcp_transitory: int = 240
    icmp: int = 60


@dataclass(frozen=True)
class Algorithm:
    """How outside ports are chosen: name is "default", "map-e" or "port-range"."""

    name: str = "default"
    psid: int = 0
    psid_offset: int = 0
    psid_length: int = 0
    first_port: int = 0
    last_port: int = 0


@dataclass(frozen=True)
class Reassembly:
    """Virtual reassembly: datagrams at once, fragments of one that may wait for the first, seconds, and whether off."""

    max_reassemblies: int = 1024
    max_fragments: int = 5
    timeout: int = 2
    drop: bool = False
