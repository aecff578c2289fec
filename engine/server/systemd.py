"""What systemd and its services tell each other: readiness, the watchdog, and sockets that are already open."""

import os
import socket
from collections.abc import MutableMapping

FIRST_FD = 3  # SD_LISTEN_FDS_START, sd_listen_fds(3)


def notify(*states: str, environ: MutableMapping[str, str] = os.environ) -> bool:
    """Send states such as `READY=1` to the socket that NOTIFY_SOCKET names, as sd_notify(3) does.

    Returns whether there was one. A manager that does not listen is no reason to stop.
    """
    path = environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        try:
            sock.connect("\0" + path[1:] if path.startswith("@") else path)
            sock.sendall("\n".join(states).encode())
        except OSError:
            return False
    return True


def watchdog_interval(environ: MutableMapping[str, str] = os.environ) -> float | None:
    """Seconds between two `WATCHDOG=1`, half of what the manager waits; None where it does not wait for any."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    limit = environ.get("WATCHDOG_USEC", "")
    return int(limit) / 2e6 if limit.isdecimal() and int(limit) else None


def inherited_sockets(environ: MutableMapping[str, str] = os.environ) -> dict[str, socket.socket]:
    """The listening sockets of socket activation, by the name of their unit's FileDescriptorName, else by number.

    The variables are taken out of the environment, so that no child takes the sockets for its own.
    """
    mine = environ.pop("LISTEN_PID", "") == str(os.getpid())
    count, names = environ.pop("LISTEN_FDS", ""), environ.pop("LISTEN_FDNAMES", "").split(":")
    if not mine or not count.isdecimal():
        return {}
    found: dict[str, socket.socket] = {}
    for number in range(int(count)):
        fd = FIRST_FD + number
        os.set_inheritable(fd, False)
        sock = socket.socket(fileno=fd)
        sock.setblocking(False)
        name = names[number] if number < len(names) and names[number] else str(number)
        found[name if name not in found else str(number)] = sock
    return found
