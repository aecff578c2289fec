"""The state of NAT44 as a Python object: memory, pool addresses, sessions. Addresses and ports are host order ints.

What may be changed, and what follows from it, config.py decides; nothing here checks more than its own safety.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memmove, memset

from ...net.fib.fib cimport Fib
from ...tables.bihash cimport bihash_free, bihash_init, bihash_stats, bihash_stats_t, bihash_t
from ...tables.pool cimport POOL_NONE, pool_count, pool_free, pool_init, pool_is_used, pool_next
from ...wire.headers cimport swap16, swap32
from .nat44 cimport (
    ALLOCATE_DEFAULT,
    ALLOCATE_MAP_E,
    ALLOCATE_PORT_RANGE,
    NAT_ICMP,
    NAT_NONE,
    NAT_TCP,
    NAT_UDP,
    SESSION_ED,
    SESSION_FORWARD_BYPASS,
    SESSION_LOAD_BALANCED,
    SESSION_STATIC,
    SESSION_TWICE_NAT,
    SESSION_UNKNOWN_PROTOCOL,
    addresses_t,
    affinity_t,
    cold_at,
    datagram_t,
    ed_key,
    ed_key_t,
    ei_key,
    mapping_at,
    mapping_t,
    nat_address_t,
    nat_main_t,
    session_at,
    session_cold_t,
    session_t,
    user_at,
    user_t,
)
from .ports cimport PORTS_BYTES, port_is_busy, port_set_busy, port_set_free
from .sessions cimport ed_find, ei_find, session_delete, user_find

cdef enum:
    MAX_MAPPINGS = 1 << 20
    MAX_SESSIONS = 1 << 28
    MAX_AFFINITIES = 1 << 20
    MAX_DATAGRAMS = 1 << 16
    PREALLOCATED = 4096         # entries a table has room for from the start

PROTOCOLS = {"udp": NAT_UDP, "tcp": NAT_TCP, "icmp": NAT_ICMP}
PROTOCOL_NAMES = {number: name for name, number in PROTOCOLS.items()}
ALGORITHMS = {"default": ALLOCATE_DEFAULT, "map-e": ALLOCATE_MAP_E, "port-range": ALLOCATE_PORT_RANGE}
NONE = NAT_NONE


cdef class NatState:
    """Sessions, users, mappings and pool addresses of one vswitch, as the packet path uses them.

    options: translation_buckets, translation_memory, user_buckets, user_memory, static_buckets, static_memory
    (bytes), max_per_user. Raises MemoryError.
    """

    def __cinit__(self, Fib fib, uint32_t policy, dict options, *_args):
        cdef nat_main_t* nm = &self.main
        cdef uint64_t buckets = options["translation_buckets"]
        self.fib = fib
        nm.fib = &fib.main
        nm.policy = policy
        nm.max_sessions = min(10 * buckets, <uint64_t> MAX_SESSIONS)
        nm.max_per_user = options["max_per_user"]
        self.init_table(&nm.in2out, 1, buckets, options["translation_memory"])
        self.init_table(&nm.out2in, 1, buckets, options["translation_memory"])
        self.init_table(&nm.in2out_ed, 2, buckets, options["translation_memory"])
        self.init_table(&nm.out2in_ed, 2, buckets, options["translation_memory"])
        self.init_table(&nm.user_table, 1, options["user_buckets"], options["user_memory"])
        self.init_table(&nm.datagram_table, 2, options["static_buckets"], options["static_memory"])
        self.init_table(&nm.affinity_table, 2, options["static_buckets"], options["static_memory"])
        self.init_table(&nm.by_local, 1, options["static_buckets"], options["static_memory"])
        self.init_table(&nm.by_external, 1, options["static_buckets"], options["static_memory"])
        if (pool_init(&nm.sessions, sizeof(session_t), nm.max_sessions, True) != 0
                or pool_init(&nm.cold, sizeof(session_cold_t), nm.max_sessions, False) != 0
                or pool_init(&nm.users, sizeof(user_t), nm.max_sessions, False) != 0
                or pool_init(&nm.affinities, sizeof(affinity_t), MAX_AFFINITIES, False) != 0
                or pool_init(&nm.datagrams, sizeof(datagram_t), MAX_DATAGRAMS, True) != 0
                or pool_init(&nm.mappings, sizeof(mapping_t), MAX_MAPPINGS, False) != 0):
            raise MemoryError("no memory for NAT sessions")

    cdef init_table(self, bihash_t* table, int nw, uint64_t n_expected, uint64_t memory):
        if bihash_init(table, nw, min(n_expected, <uint64_t> PREALLOCATED), memory) != 0:
            raise MemoryError("no memory for NAT tables")

    def __dealloc__(self):
        cdef nat_main_t* nm = &self.main
        cdef uint32_t i
        for i in range(nm.users.length):
            if pool_is_used(&nm.users, i):
                free(user_at(nm, i).aged)
        for i in range(nm.mappings.length):
            if pool_is_used(&nm.mappings, i):
                free(mapping_at(nm, i).locals)
        self.free_pool(&nm.addresses)
        self.free_pool(&nm.twice_nat_addresses)
        bihash_free(&nm.in2out, 1)
        bihash_free(&nm.out2in, 1)
        bihash_free(&nm.in2out_ed, 2)
        bihash_free(&nm.out2in_ed, 2)
        bihash_free(&nm.user_table, 1)
        bihash_free(&nm.affinity_table, 2)
        bihash_free(&nm.datagram_table, 2)
        bihash_free(&nm.by_local, 1)
        bihash_free(&nm.by_external, 1)
        pool_free(&nm.sessions)
        pool_free(&nm.cold)
        pool_free(&nm.users)
        pool_free(&nm.mappings)
        pool_free(&nm.affinities)
        pool_free(&nm.datagrams)
        free(nm.outside_fibs)
        free(nm.roles)

    cdef void free_pool(self, addresses_t* pool):
        cdef uint32_t i
        for i in range(pool.n):
            free(pool.elements[i].ports)
        free(pool.elements)

    # ---- settings

    @property
    def forwarding(self) -> bool:
        """Whether packets from outside without session or mapping pass."""
        return self.main.forwarding

    @forwarding.setter
    def forwarding(self, bint on):
        self.main.forwarding = on

    @property
    def mss(self) -> int:
        """What the MSS option of SYNs is lowered to; 0 for no clamping."""
        return self.main.mss

    @mss.setter
    def mss(self, uint16_t mss):
        self.main.mss = mss

    @property
    def limits(self) -> tuple:
        """(most sessions, most sessions of one user)."""
        return self.main.max_sessions, self.main.max_per_user

    def set_timeouts(self, uint32_t udp, uint32_t tcp_established, uint32_t tcp_transitory, uint32_t icmp):
        """Seconds."""
        for i, seconds in enumerate((udp, tcp_established, icmp, tcp_transitory)):
            self.main.timeouts_ns[i] = <uint64_t> seconds * 1000000000

    def set_algorithm(self, str name, uint16_t psid=0, uint16_t psid_offset=0, uint16_t psid_length=0,
                      uint16_t first_port=0, uint16_t last_port=0):
        self.main.algorithm = ALGORITHMS[name]
        self.main.psid, self.main.psid_offset, self.main.psid_length = psid, psid_offset, psid_length
        self.main.first_port, self.main.last_port = first_port, last_port

    def set_roles(self, roles: dict, outside_fibs: list):
        """roles: sw_if_index -> ROLE_* bits; outside_fibs: tables of the outside interfaces, in order."""
        cdef uint32_t n = max(roles, default=-1) + 1, i
        cdef uint8_t* grown = <uint8_t*> realloc(self.main.roles, n + 1)
        cdef uint32_t* fibs
        if grown == NULL:
            raise MemoryError("no memory for NAT interfaces")
        self.main.roles = grown
        fibs = <uint32_t*> realloc(self.main.outside_fibs, (len(outside_fibs) + 1) * sizeof(uint32_t))
        if fibs == NULL:
            raise MemoryError("no memory for NAT interfaces")
        self.main.outside_fibs = fibs
        memset(grown, 0, n + 1)
        for sw_if_index, role in roles.items():
            grown[<uint32_t> sw_if_index] = role
        for i, fib_index in enumerate(outside_fibs):
            fibs[i] = fib_index
        self.main.n_roles, self.main.n_outside_fibs = n, len(outside_fibs)

    # ---- pool addresses

    cdef addresses_t* pool(self, bint twice_nat) noexcept:
        return &self.main.twice_nat_addresses if twice_nat else &self.main.addresses

    cdef uint32_t find_address(self, bint twice_nat, uint32_t address) noexcept:
        cdef addresses_t* pool = self.pool(twice_nat)
        cdef uint32_t i
        for i in range(pool.n):
            if pool.elements[i].address == swap32(address):
                return i
        return NAT_NONE

    def has_address(self, uint32_t address, bint twice_nat=False) -> bool:
        return self.find_address(twice_nat, address) != NAT_NONE

    def add_address(self, uint32_t address, fib_index, bint twice_nat):
        """fib_index: the only table whose users get it, None for all."""
        cdef addresses_t* pool = self.pool(twice_nat)
        cdef nat_address_t* grown = <nat_address_t*> realloc(pool.elements, (pool.n + 1) * sizeof(nat_address_t))
        cdef uint64_t* ports
        if grown == NULL:
            raise MemoryError("no memory for another NAT address")
        pool.elements = grown
        ports = <uint64_t*> calloc(1, PORTS_BYTES)
        if ports == NULL:
            raise MemoryError("no memory for the ports of another NAT address")
        memset(&grown[pool.n], 0, sizeof(nat_address_t))
        grown[pool.n].address, grown[pool.n].ports = swap32(address), ports
        grown[pool.n].fib_index = NAT_NONE if fib_index is None else fib_index
        pool.n += 1

    def delete_address(self, uint32_t address, bint twice_nat):
        """Take an address out of the pool; its sessions must be gone."""
        cdef addresses_t* pool = self.pool(twice_nat)
        cdef uint32_t i = self.find_address(twice_nat, address)
        if i == NAT_NONE:
            raise KeyError(address)
        free(pool.elements[i].ports)
        pool.n -= 1
        memmove(&pool.elements[i], &pool.elements[i + 1], (pool.n - i) * sizeof(nat_address_t))

    def addresses(self, bint twice_nat=False) -> list:
        """(address, fib index or None, {protocol: busy ports}) in the order of their configuration."""
        cdef addresses_t* pool = self.pool(twice_nat)
        cdef nat_address_t* a
        cdef uint32_t i
        found = []
        for i in range(pool.n):
            a = &pool.elements[i]
            busy = {name: a.busy[<uint32_t> number] for name, number in PROTOCOLS.items()}
            found.append((swap32(a.address), None if a.fib_index == NAT_NONE else a.fib_index, busy))
        return found

    def port_is_busy(self, uint32_t address, str protocol, uint16_t port) -> bool:
        cdef uint32_t i = self.find_address(False, address)
        return i != NAT_NONE and port_is_busy(&self.main.addresses.elements[i], PROTOCOLS[protocol], port)

    def set_port(self, uint32_t address, str protocol, uint16_t port, bint busy):
        """Reserve a port of a pool address for a static mapping, or give it back."""
        cdef uint32_t i = self.find_address(False, address)
        if i == NAT_NONE:
            return
        if busy and not port_is_busy(&self.main.addresses.elements[i], PROTOCOLS[protocol], port):
            port_set_busy(&self.main.addresses.elements[i], PROTOCOLS[protocol], port)
        elif not busy:
            port_set_free(&self.main.addresses.elements[i], PROTOCOLS[protocol], port)

    # ---- sessions

    def n_sessions(self) -> int:
        return pool_count(&self.main.sessions)

    def n_users(self) -> int:
        return pool_count(&self.main.users)

    def users(self):
        """Users with sessions, one after the other: dicts of index, address, fib_index, dynamic, static."""
        user = self.next_user(0)
        while user is not None:
            yield user
            user = self.next_user(user["index"] + 1)

    def next_user(self, uint32_t first):
        """The first user from an index on that has sessions, None without one."""
        cdef uint32_t i = pool_next(&self.main.users, first)
        cdef user_t* u
        while i != POOL_NONE:
            u = user_at(&self.main, i)
            if u.n_dynamic + u.n_static:
                return {"index": i, "address": swap32(u.address), "fib_index": u.fib_index,
                        "dynamic": u.n_dynamic, "static": u.n_static}
            i = pool_next(&self.main.users, i + 1)
        return None

    def user_sessions(self, uint32_t user) -> list:
        """Indices of a user's sessions, least recently used first."""
        cdef uint32_t i
        if not pool_is_used(&self.main.users, user):
            return []
        i = user_at(&self.main, user).head
        found = []
        while i != NAT_NONE:
            found.append((session_at(&self.main, i).stamp, i))
            i = cold_at(&self.main, i).next
        return [index for _, index in sorted(found)]

    def find_user(self, uint32_t address, uint32_t fib_index):
        """Index of the user, None without one."""
        cdef uint32_t index = user_find(&self.main, swap32(address), fib_index)
        return None if index == NAT_NONE else index

    def session(self, uint32_t index) -> dict:
        """A session's fields; addresses and ports in host order."""
        cdef session_t* s
        cdef session_cold_t* cold
        if not pool_is_used(&self.main.sessions, index):
            raise KeyError(index)
        s, cold = session_at(&self.main, index), cold_at(&self.main, index)
        return {
            "index": index,
            "in": (swap32(s.in_addr), self.host_port(s, s.in_port), s.in_fib),
            "out": (swap32(s.out_addr), self.host_port(s, s.out_port), s.out_fib),
            "protocol": s.protocol, "external": (swap32(cold.ext_addr), swap16(cold.ext_port)),
            "external_nat": (swap32(cold.ext_nat_addr), swap16(cold.ext_nat_port)),
            "last_heard_ns": s.last_heard_ns, "packets": s.total_packets, "bytes": s.total_bytes,
            "static": bool(s.flags & SESSION_STATIC), "unknown_protocol": bool(s.flags & SESSION_UNKNOWN_PROTOCOL),
            "load_balanced": bool(s.flags & SESSION_LOAD_BALANCED), "twice_nat": bool(s.flags & SESSION_TWICE_NAT),
            "endpoint_dependent": bool(s.flags & SESSION_ED), "bypass": bool(s.flags & SESSION_FORWARD_BYPASS),
            "tcp_state": s.tcp_state,
        }

    cdef host_port(self, session_t* s, uint16_t port):
        return port if s.flags & SESSION_UNKNOWN_PROTOCOL else swap16(port)

    def find_session(self, bint inside, uint32_t address, uint16_t port, str protocol, uint32_t fib_index,
                     external=None):
        """Index of the session of an inside or outside address and port, None without one.

        external: (address, port) of the other end, for endpoint-dependent ones.
        """
        cdef ed_key_t key
        cdef uint64_t found
        cdef uint8_t number = PROTOCOLS[protocol]
        if external is None:
            found = ei_find(&self.main.in2out if inside else &self.main.out2in,
                            ei_key(swap32(address), swap16(port), number, fib_index))
        else:
            ed_key(&key, swap32(address), swap32(external[0]), {NAT_TCP: 6, NAT_UDP: 17, NAT_ICMP: 1}[number],
                   fib_index, swap16(port), swap16(external[1]))
            found = ed_find(&self.main.in2out_ed if inside else &self.main.out2in_ed, &key)
        return found if pool_is_used(&self.main.sessions, <uint32_t> found) else None

    def delete_session(self, uint32_t index):
        if not pool_is_used(&self.main.sessions, index):
            raise KeyError(index)
        session_delete(&self.main, index)

    def sessions(self) -> list:
        """Indices of all sessions."""
        cdef uint32_t i = pool_next(&self.main.sessions, 0)
        found = []
        while i != POOL_NONE:
            found.append(i)
            i = pool_next(&self.main.sessions, i + 1)
        return found

    def select_sessions(self, str side, uint32_t first, uint32_t last, port=None, is_static=None) -> list:
        """Indices of sessions with an address in first..last (and a port) on a side: "in", "out", "external_nat".

        is_static: only static, or only dynamic ones. Bypass sessions have no sides.
        """
        cdef uint32_t i = pool_next(&self.main.sessions, 0), address
        cdef uint16_t found_port
        cdef session_t* s
        cdef int which = ("in", "out", "external_nat").index(side)
        cdef int wanted_port = -1 if port is None else port
        cdef int wanted_static = -1 if is_static is None else is_static
        found = []
        while i != POOL_NONE:
            s = session_at(&self.main, i)
            address, found_port = s.in_addr, s.in_port
            if which == 1:
                address, found_port = s.out_addr, s.out_port
            elif which == 2:
                address, found_port = cold_at(&self.main, i).ext_nat_addr, cold_at(&self.main, i).ext_nat_port
            if (not s.flags & SESSION_FORWARD_BYPASS and first <= swap32(address) <= last
                    and (which != 2 or s.flags & SESSION_TWICE_NAT)
                    and (wanted_port < 0 or swap16(found_port) == wanted_port)
                    and (wanted_static < 0 or wanted_static == (s.flags & SESSION_STATIC != 0))):
                found.append(i)
            i = pool_next(&self.main.sessions, i + 1)
        return found

    # ---- tables, for listings

    def table_stats(self) -> dict:
        """By table name: count, n_buckets, memory and so on, see Bihash.stats."""
        cdef bihash_stats_t stats
        found = {}
        for name, nw in (("static_mapping_by_local", 1), ("static_mapping_by_external", 1), ("in2out", 1),
                         ("out2in", 1), ("in2out_ed", 2), ("out2in_ed", 2), ("users", 1)):
            bihash_stats(self.table(name), &stats, nw)
            found[name] = stats
        return found

    cdef bihash_t* table(self, str name):
        cdef nat_main_t* nm = &self.main
        if name == "in2out":
            return &nm.in2out
        if name == "out2in":
            return &nm.out2in
        if name == "in2out_ed":
            return &nm.in2out_ed
        if name == "out2in_ed":
            return &nm.out2in_ed
        if name == "users":
            return &nm.user_table
        return &nm.by_local if name == "static_mapping_by_local" else &nm.by_external
