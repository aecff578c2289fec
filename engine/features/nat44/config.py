"""The control plane of NAT44: pool addresses, roles of interfaces, static mappings, sessions, settings."""

from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Any

from .constants import IN
from .errors import AlreadyThere, BadValue, NatError, NoSuchEntry, NoSuchTable, WrongMode
from .fragments import buffers_held, forget_all, set_limits
from .interfaces import Roles
from .mapping import Mapping
from .mapping_state import add_mapping, delete_mapping, mark
from .options import Options
from .registration import register
from .settings import Algorithm, Reassembly, Timeouts
from .state import NatState

MAX_RANGE = 1 << 16  # addresses added at once


class Nat44:
    """NAT44 of one vswitch. Addresses are ints in host order, tables are given by VRF id.

    Every method checks first and raises a NatError (a ControlError) with nothing changed.
    options: the `nat` section of the startup file.
    """

    def __init__(self, graph: Any, features: Any, interfaces: Any, fib: Any, profile: str = "18.01",
                 options: Options | None = None):  # fmt: skip
        self.options = options or Options()
        self.graph, self.interfaces, self.fib = graph, interfaces, fib
        self.endpoint_dependent = self.options.endpoint_dependent
        self.profile, prefix = self.options.profile(profile)
        self.state = NatState(fib, self.profile.policy, self.options.sizes())
        register(graph, features, self.state, self.profile, prefix)
        self.roles = Roles(features, prefix)
        self.mappings: list[Mapping] = []
        self.marks: Counter[tuple[Any, ...]] = Counter()
        self.interface_addresses: dict[tuple[int, bool], None] = {}
        self.timeouts, self.algorithm = Timeouts(), Algorithm()
        self.set_timeouts(self.timeouts)
        self.reassembly, self.reassembly6 = Reassembly(), Reassembly()
        self.set_reassembly(self.reassembly)
        interfaces.observe(self)
        fib.observe(self)

    # ---- settings

    @property
    def full_featured(self) -> bool:
        """Whether load-balanced, twice-nat and out2in-only mappings are allowed."""
        return self.endpoint_dependent or self.profile.mixed

    def set_forwarding(self, on: bool) -> None:
        """Whether packets from outside without session or mapping pass instead of being dropped."""
        self.state.forwarding = on

    def set_timeouts(self, timeouts: Timeouts) -> None:
        self.state.set_timeouts(timeouts.udp, timeouts.tcp_established, timeouts.tcp_transitory, timeouts.icmp)
        self.timeouts = timeouts

    def set_algorithm(self, algorithm: Algorithm) -> None:
        """Raises BadValue for ports or bits that leave nothing to choose from."""
        if algorithm.name == "port-range" and not 0 < algorithm.first_port < algorithm.last_port:
            raise BadValue("The end-port must be greater than start-port")
        if algorithm.name == "map-e":
            bits = algorithm.psid_offset + algorithm.psid_length
            if bits > 16 or not algorithm.psid_offset or algorithm.psid >> algorithm.psid_length:
                raise BadValue("psid, psid-offset and psid-len do not fit 16 bits")
        self.state.set_algorithm(algorithm.name, algorithm.psid, algorithm.psid_offset, algorithm.psid_length,
                                 algorithm.first_port, algorithm.last_port)  # fmt: skip
        self.algorithm = algorithm

    def set_reassembly(self, reassembly: Reassembly) -> None:
        """Raises BadValue for limits that cannot be."""
        if not 0 < reassembly.max_reassemblies <= 1 << 16 or not 0 < reassembly.max_fragments <= 64:
            raise BadValue("Too low or too high max-reassemblies or max-fragments value")
        set_limits(self.state, reassembly.max_reassemblies, reassembly.max_fragments, reassembly.timeout,
                   reassembly.drop)  # fmt: skip
        self.reassembly = reassembly

    def table(self, vrf: int, make: bool = False) -> int:
        """fib index of a VRF id. Raises NoSuchTable unless it may be made."""
        if vrf not in self.fib.tables:
            if not make:
                raise NoSuchTable("No such VRF id.")
            self.fib.add_table(vrf, "plugin-low")
        return int(self.fib.tables[vrf].fib_index)

    # ---- fragments that wait

    def buffers_held(self) -> int:
        """Buffers of fragments that wait for the first one of their datagram."""
        return buffers_held(self.state, self.graph)

    def release(self) -> None:
        """Free them."""
        forget_all(self.state, self.graph)

    # ---- pool addresses

    def add_addresses(self, first: int, last: int, vrf: int | None = None, twice_nat: bool = False) -> None:
        """Put a range of addresses into the pool; vrf: only for users of that table."""
        if last < first:
            raise BadValue("end address less than start address")
        if last - first >= MAX_RANGE:
            raise BadValue(f"more than {MAX_RANGE} addresses at once")
        if twice_nat and not self.full_featured:
            raise WrongMode("twice NAT available only for endpoint-dependent mode.")
        if any(self.state.has_address(address, twice_nat) for address in range(first, last + 1)):
            raise AlreadyThere("NAT address already in use.")
        fib_index = None if vrf is None or twice_nat else self.fib.lock_table(vrf, "plugin-low")
        for address in range(first, last + 1):
            self.state.add_address(address, fib_index, twice_nat)
            if not twice_nat:
                self._announce(address)

    def delete_addresses(self, first: int, last: int, twice_nat: bool = False, with_mappings: bool = False) -> None:
        """Take a range out of the pool; the sessions that use it are deleted, and its mappings if asked to."""
        if last < first:
            raise BadValue("end address less than start address")
        if last - first >= MAX_RANGE or not all(
            self.state.has_address(address, twice_nat) for address in range(first, last + 1)
        ):
            raise NoSuchEntry("NAT address not exist.")
        users = [] if twice_nat else [
            mapping for mapping in self.mappings
            if mapping.protocol is not None and mapping.resolved and first <= mapping.external <= last
            and not mapping.out2in_only
        ]  # fmt: skip
        if users and not with_mappings:
            raise NatError("NAT address used in static mapping.")
        for mapping in users:
            self.delete_mapping(mapping)
        self._delete_sessions("external_nat" if twice_nat else "out", first, last)
        for address in range(first, last + 1):
            self.state.delete_address(address, twice_nat)
            if not twice_nat:
                self._withdraw(address)

    def _announce(self, address: int) -> None:
        """Packets to an outside address are the vswitch's own, on the first interface that is only outside."""
        for sw_if_index in self.roles.outside():
            if not self.roles.by_index[sw_if_index] & IN:
                self.fib.add_special((address, 32), "plugin-low", sw_if_index)
                return

    def _withdraw(self, address: int) -> None:
        self.fib.delete_special((address, 32), "plugin-low")

    def _announced(self) -> list[int]:
        """All addresses that packets from outside may have as their destination."""
        pool = [address for address, _, _ in self.state.addresses()]
        return pool + [mapping.external for mapping in self.mappings
                       if mapping.protocol is None and not mapping.identity and mapping.resolved]  # fmt: skip

    # ---- interfaces

    def set_interface(self, sw_if_index: int, inside: bool, output_feature: bool = False, add: bool = True) -> None:
        """Give an interface a role, or take it; sessions stay."""
        interface = self.interfaces.get(sw_if_index)
        self.roles.check(interface, output_feature, add)
        before = self.roles.by_index.get(sw_if_index, 0)
        self.roles.set(sw_if_index, inside, output_feature, add)
        self._roles_changed()
        if inside or self.roles.by_index.get(sw_if_index, 0) == before:
            return
        for address in self._announced():
            if add:
                self.fib.add_special((address, 32), "plugin-low", sw_if_index)
            else:
                self._withdraw(address)
                self._announce(address)

    def _roles_changed(self) -> None:
        fibs = [self.interfaces.by_index[index].fib_index for index in self.roles.outside()]
        self.state.set_roles(self.roles.by_index, list(dict.fromkeys(fibs)))

    # ---- addresses of interfaces

    def set_interface_address(self, sw_if_index: int, twice_nat: bool = False, add: bool = True) -> None:
        """Let the addresses an interface has, now and later, be pool addresses."""
        interface = self.interfaces.get(sw_if_index)
        key = (sw_if_index, twice_nat)
        if (key in self.interface_addresses) == add:
            raise (AlreadyThere if add else NoSuchEntry)(f"snat_add_interface_address returned {-81 if add else -6}")
        if twice_nat and not self.full_featured:
            raise WrongMode("twice NAT available only for endpoint-dependent mode.")
        if not add:
            del self.interface_addresses[key]
        else:
            self.interface_addresses[key] = None
        for text, _ in interface.addresses:
            self._pool_follows(int(IPv4Address(text)), twice_nat, add)

    def _pool_follows(self, address: int, twice_nat: bool, add: bool) -> None:
        if self.state.has_address(address, twice_nat) == add:
            return
        if add:
            self.add_addresses(address, address, None, twice_nat)
        else:
            self.delete_addresses(address, address, twice_nat, with_mappings=True)

    def address_added(self, interface: Any, address: str, length: int) -> None:
        """Observer of the routing tables."""
        for sw_if_index, twice_nat in list(self.interface_addresses):
            if sw_if_index == interface.sw_if_index:
                self._pool_follows(int(IPv4Address(address)), twice_nat, True)
        for mapping in self.mappings:
            if mapping.interface == interface.sw_if_index and not mapping.resolved:
                self._resolve(mapping, int(IPv4Address(address)))

    def address_deleted(self, interface: Any, address: str, length: int) -> None:
        """Observer of the routing tables."""
        number = int(IPv4Address(address))
        for mapping in self.mappings:
            if mapping.interface == interface.sw_if_index and mapping.resolved and mapping.external == number:
                self._leave(mapping)
                mapping.resolved = False
        for sw_if_index, twice_nat in list(self.interface_addresses):
            if sw_if_index == interface.sw_if_index:
                self._pool_follows(number, twice_nat, False)

    def interface_deleted(self, interface: Any) -> None:
        """Observer of interfaces."""
        sw_if_index = interface.sw_if_index
        self.roles.forget(sw_if_index)
        self._roles_changed()
        for key in [key for key in self.interface_addresses if key[0] == sw_if_index]:
            del self.interface_addresses[key]
        for mapping in [mapping for mapping in self.mappings if mapping.interface == sw_if_index]:
            if mapping.resolved:
                self._leave(mapping)
            self.mappings.remove(mapping)

    def interface_changed(self, interface: Any) -> None:
        """Observer of interfaces: it may have gone to another table."""
        if interface.sw_if_index in self.roles.by_index:
            self._roles_changed()

    # ---- static mappings

    def add_mapping(self, mapping: Mapping) -> None:
        """Enter a static mapping (its vrf counts, fib indices are found); dynamic sessions in its way are deleted."""
        self._check_kind(mapping)
        if mapping.interface is not None:
            addresses = self.interfaces.get(mapping.interface).addresses
            mapping.resolved = bool(addresses)
            mapping.external = int(IPv4Address(addresses[0][0])) if addresses else 0
            if mapping.identity:
                mapping.local = mapping.external
        self._check_free(mapping)
        self._find_tables(mapping)
        if mapping.resolved:
            self._enter(mapping)
        if mapping.holds_table:
            self.fib.lock_table(mapping.vrf, "plugin-low")
        self.mappings.append(mapping)

    def _check_kind(self, mapping: Mapping) -> None:
        if (mapping.twice_nat or mapping.out2in_only) and not self.full_featured and not mapping.backends:
            raise WrongMode("twice-nat/out2in-only available only for endpoint-dependent mode.")
        if mapping.backends and not self.full_featured:
            raise WrongMode("Available only for endpoint-dependent mode.")
        if mapping.affinity and not self.endpoint_dependent:
            raise WrongMode("Available only for endpoint-dependent mode.")
        if mapping.twice_nat and mapping.protocol is None:
            raise BadValue("twice NAT only for 1:1 NAPT")
        if len(mapping.backends) == 1 or any(not backend.probability for backend in mapping.backends):
            raise BadValue("at least two local must be set")

    def _check_free(self, mapping: Mapping) -> None:
        for other in self.mappings:
            if mapping.resolved and other.resolved and other.external_key == mapping.external_key:
                raise AlreadyThere("Mapping already exist.")
            if not mapping.resolved and (other.interface, other.protocol, other.external_port) == (
                mapping.interface, mapping.protocol, mapping.external_port,
            ):  # fmt: skip
                raise AlreadyThere("Mapping already exist.")
            if self._same_local(mapping, other):
                raise AlreadyThere("Mapping already exist.")
        if mapping.protocol is None or mapping.out2in_only or not mapping.resolved:
            return
        if not self.state.has_address(mapping.external):
            if not mapping.identity:
                raise NoSuchEntry("External address must be allocated.")
        elif self.state.port_is_busy(mapping.external, mapping.protocol, mapping.external_port):
            raise BadValue("External port already in use.")

    @staticmethod
    def _same_local(one: Mapping, other: Mapping) -> bool:
        """Whether both would be found by the same local side."""
        if one.out2in_only or other.out2in_only or one.protocol != other.protocol:
            return False
        if one.backends or other.backends:
            return bool({(a, p, v) for a, p, v in _vrf_sides(one)} & {(a, p, v) for a, p, v in _vrf_sides(other)})
        return (one.local, one.local_port, one.vrf) == (other.local, other.local_port, other.vrf)

    def _find_tables(self, mapping: Mapping) -> None:
        mapping.fib_index = self.table(mapping.vrf, make=True)
        mapping.backends = tuple(
            type(backend)(backend.address, backend.port, backend.probability, backend.vrf,
                          self.table(backend.vrf, make=True))
            for backend in mapping.backends
        )  # fmt: skip

    def _resolve(self, mapping: Mapping, address: int) -> None:
        """The external interface has an address now; a mapping that clashes with another stays unresolved."""
        mapping.external, mapping.resolved = address, True
        if mapping.identity:
            mapping.local = address
        others = [other for other in self.mappings if other is not mapping]
        if any(other.resolved and other.external_key == mapping.external_key for other in others):
            mapping.resolved = False
            return
        self._enter(mapping)

    def _enter(self, mapping: Mapping) -> None:
        if not mapping.out2in_only and not mapping.backends:
            port = None if mapping.protocol is None else mapping.local_port
            self._delete_sessions("in", mapping.local, mapping.local, port, False, mapping.fib_index)
        mapping.index = add_mapping(self.state, mapping)
        if mapping.protocol is not None:
            self.state.set_port(mapping.external, mapping.protocol, mapping.external_port, True)
        elif not mapping.identity:
            self._announce(mapping.external)
        self._mark(mapping, True)

    def _leave(self, mapping: Mapping) -> None:
        delete_mapping(self.state, mapping.index, mapping)
        if mapping.protocol is not None:
            self.state.set_port(mapping.external, mapping.protocol, mapping.external_port, False)
        elif not mapping.identity and not self.state.has_address(mapping.external):
            self._withdraw(mapping.external)
        self._mark(mapping, False)
        port = None if mapping.protocol is None else mapping.external_port
        self._delete_sessions("out", mapping.external, mapping.external, port, True)

    def _mark(self, mapping: Mapping, add: bool) -> None:
        """Lead both sides of an endpoint-dependent mapping from the endpoint-independent tables to the others."""
        if self.endpoint_dependent or not mapping.is_marked or mapping.protocol is None:
            return
        sides = [(False, mapping.external, mapping.external_port, mapping.protocol, 0)]
        sides += [(True, address, port, mapping.protocol, fib) for address, port, fib in mapping.local_sides()]
        for side in dict.fromkeys(sides):
            self.marks[side] += 1 if add else -1
            if self.marks[side] == (1 if add else 0):
                mark(self.state, *side, add)

    def find_mapping(self, mapping: Mapping) -> Mapping:
        """The mapping with that external side (or interface). Raises NoSuchEntry."""
        for known in self.mappings:
            same = (known.protocol, known.external_port, known.interface) == (
                mapping.protocol, mapping.external_port, mapping.interface)  # fmt: skip
            if same and (mapping.interface is not None or known.external == mapping.external):
                return known
        raise NoSuchEntry("Mapping not exist.")

    def delete_mapping(self, mapping: Mapping) -> None:
        """Delete the mapping with the same external side, and its sessions."""
        known = self.find_mapping(mapping)
        if bool(known.backends) != bool(mapping.backends) or known.identity != mapping.identity:
            raise NoSuchEntry("Mapping not exist.")
        if known.resolved:
            self._leave(known)
        self.fib.unlock_table(known.vrf, "plugin-low")
        self.mappings.remove(known)

    # ---- sessions

    def delete_session(self, address: int, port: int, protocol: str, vrf: int = 0, inside: bool = True,
                       external: tuple[int, int] | None = None) -> None:  # fmt: skip
        """Delete the session of an inside or outside address and port. Raises NoSuchEntry."""
        fib_index = self.table(vrf)
        index = self.state.find_session(inside, address, port, protocol, fib_index, external)
        if index is None:
            raise NoSuchEntry("nat44_del_session returned -6")
        self.state.delete_session(index)

    def delete_user(self, address: int, fib_index: int) -> None:
        """Delete all sessions of an inside address. Raises NoSuchEntry."""
        user = self.state.find_user(address, fib_index)
        if user is None:
            raise NoSuchEntry("nat44_ei_del_user returned -6")
        for index in self.state.user_sessions(user):
            self.state.delete_session(index)

    def clear_sessions(self) -> None:
        """Delete all sessions."""
        for index in self.state.sessions():
            self.state.delete_session(index)

    def _delete_sessions(self, side: str, first: int, last: int, port: int | None = None,
                         is_static: bool | None = None, fib_index: int | None = None) -> None:  # fmt: skip
        for index in self.state.select_sessions(side, first, last, port, is_static):
            if fib_index is None or self.state.session(index)[side][2] == fib_index:
                self.state.delete_session(index)


def _vrf_sides(mapping: Mapping) -> Iterable[tuple[int, int, int]]:
    """(address, port, VRF) of each local side."""
    if mapping.backends:
        return ((backend.address, backend.port, backend.vrf) for backend in mapping.backends)
    return ((mapping.local, mapping.local_port, mapping.vrf),)
