"""The host's side of a tap: made by opening /dev/net/tun inside its network namespace, set up over netlink."""

import fcntl
import os
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from engine.errors import ControlError

from .device import enter_namespace

DEVICE = "/dev/net/tun"
NAMESPACES = "/var/run/netns"

# <linux/if_tun.h>
TUNSETIFF, TUNSETOFFLOAD, TUNSETVNETHDRSZ = 0x400454CA, 0x400454D0, 0x400454D8
IFF_TAP, IFF_MULTI_QUEUE, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x0100, 0x1000, 0x4000
TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO_ECN = 0x01, 0x02, 0x08
VNET_HEADER = 12
IFNAMSIZ = 16

Result = TypeVar("Result")


@dataclass(frozen=True)
class HostSide:
    """What the host's end of a tap is to be.

    name: of its interface. namespace: a name as `ip netns` has it, a path, or `pid:N`; None is the engine's own.
    mac: 6 bytes. ip4, ip6: address with length. bridge: a Linux bridge to join. mtu: bytes. queue_length: packets
    that wait for the vswitch. gso: offer to take unsegmented TCP, and checksums not filled in.
    """

    name: str
    namespace: str | None = None
    mac: bytes | None = None
    ip4: str | None = None
    ip4_gateway: str | None = None
    ip6: str | None = None
    ip6_gateway: str | None = None
    bridge: str | None = None
    mtu: int | None = None
    queue_length: int | None = None
    gso: bool = True


def create(host: HostSide, queues: int) -> list[int]:
    """Make the interface, up; file descriptors, one a queue. With the last of them it goes again.

    Raises ControlError: it cannot be made, or not as it is to be; then nothing is left of it.
    """
    if not 0 < len(host.name.encode()) < IFNAMSIZ or "/" in host.name or host.name.isspace():
        raise ControlError(f"{host.name!r} cannot name a host interface")
    fds: list[int] = []

    def make() -> None:
        fds.extend(open_queues(host, queues))
        set_up(host)

    try:
        in_namespace(host.namespace, make)
    except BaseException:
        for fd in fds:
            os.close(fd)
        raise
    return fds


def in_namespace(namespace: str | None, work: Callable[[], Result]) -> Result:
    """Do something in a network namespace, in a thread of its own. Raises ControlError: there is no such namespace."""
    if namespace is None:
        return work()

    def there() -> Result:
        path = namespace_path(namespace)
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ControlError(f"network namespace {path}: {error.strerror}") from error
        try:
            enter_namespace(fd)
        except OSError as error:
            raise ControlError(f"network namespace {path}: {error.strerror}") from error
        finally:
            os.close(fd)
        return work()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(there).result()


def namespace_path(namespace: str) -> str:
    """Where a network namespace is found: by path, process, or the name that `ip netns` gave it."""
    if namespace.startswith("pid:"):
        return f"/proc/{namespace[4:]}/ns/net"
    return namespace if namespace.startswith("/") else f"{NAMESPACES}/{namespace}"


def open_queues(host: HostSide, queues: int) -> list[int]:
    """Open /dev/net/tun once for each queue."""
    fds: list[int] = []
    try:
        for _ in range(queues):
            fd = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            fds.append(fd)
            flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE
            fcntl.ioctl(fd, TUNSETIFF, struct.pack(f"{IFNAMSIZ}sH22x", host.name.encode(), flags))
            fcntl.ioctl(fd, TUNSETVNETHDRSZ, struct.pack("i", VNET_HEADER))
            fcntl.ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO_ECN if host.gso else 0)
    except OSError as error:
        for fd in fds:
            os.close(fd)
        what = f"open '{DEVICE}'" if error.filename else f"tap {host.name}"
        raise ControlError(f"{what}: {error.strerror}") from error
    return fds


def set_up(host: HostSide) -> None:
    """Give the interface what it is to have, and bring it up."""
    from pyroute2 import IPRoute  # takes a fifth of a second to load, which an engine without taps need not wait
    from pyroute2.netlink.exceptions import NetlinkError

    with IPRoute() as netlink:
        index = netlink.link_lookup(ifname=host.name)[0]
        for what, step in steps(netlink, index, host):
            try:
                step()
            except NetlinkError as error:
                raise ControlError(f"tap {host.name}: {what}: {os.strerror(error.code)}") from error


def steps(netlink: Any, index: int, host: HostSide) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What is to be done, in order, each with the words for it."""
    yield "interface", partial(netlink.link, "set", index=index, **attributes(host))
    if host.bridge is not None:
        master = bridge_index(netlink, host.bridge)
        yield f"bridge {host.bridge}", partial(netlink.link, "set", index=index, master=master)
    yield "interface", partial(netlink.link, "set", index=index, state="up")
    for prefix, gateway in ((host.ip4, host.ip4_gateway), (host.ip6, host.ip6_gateway)):
        if prefix is not None:
            address, length = prefix.split("/")
            yield f"address {prefix}", partial(netlink.addr, "add", index=index, address=address, prefixlen=int(length))
        if gateway is not None:
            everywhere = "::/0" if ":" in gateway else "0.0.0.0/0"
            yield f"gateway {gateway}", partial(netlink.route, "add", dst=everywhere, gateway=gateway, oif=index)


def attributes(host: HostSide) -> dict[str, Any]:
    """Of the link, as netlink has them."""
    given = {"mtu": host.mtu, "txqlen": host.queue_length, "address": host.mac.hex(":") if host.mac else None}
    return {name: value for name, value in given.items() if value is not None}


def bridge_index(netlink: Any, name: str) -> int:
    found: list[int] = netlink.link_lookup(ifname=name, kind="bridge")
    if not found:
        raise ControlError(f"there is no bridge {name} on the host")
    return found[0]
