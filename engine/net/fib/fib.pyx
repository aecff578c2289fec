"""Forwarding objects: making, changing and freeing them, one by one. What they should hold, config.py decides."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy, memset

from ...core.graph cimport Graph
from ...tables.mtrie cimport mtrie_add, mtrie_delete, mtrie_free, mtrie_init, mtrie_t
from ...tables.pool cimport POOL_NONE, pool_free, pool_get, pool_init, pool_is_used, pool_put
from ...wire.headers cimport ip4_header_t, swap32
from ..interface.interface cimport Interfaces
from .flow_hash cimport ip4_flow_hash

cdef enum:
    MAX_OBJECTS = 1 << 24
    MAX_BUCKETS = 1 << 13
    MAX_DEPTH = 8               # load-balances behind one another that are followed when an interface is asked for

DROP, PUNT, RECEIVE, ADJACENCY, LOAD_BALANCE, LOOKUP = (
    DPO_DROP, DPO_PUNT, DPO_RECEIVE, DPO_ADJACENCY, DPO_LOAD_BALANCE, DPO_LOOKUP)
GLEAN, INCOMPLETE, COMPLETE = ADJACENCY_GLEAN, ADJACENCY_INCOMPLETE, ADJACENCY_COMPLETE
FLOW_HASH_NAMES = {
    "src": FLOW_HASH_SRC, "dst": FLOW_HASH_DST, "sport": FLOW_HASH_SPORT, "dport": FLOW_HASH_DPORT,
    "proto": FLOW_HASH_PROTO, "reverse": FLOW_HASH_REVERSE,
}
DEFAULT_FLOW_HASH = FLOW_HASH_DEFAULT


# ---- questions other features ask about a route ------------------------------------------------

cdef uint32_t dpo_interface(fib_main_t* fm, dpo_t* dpo, uint32_t depth) noexcept nogil:
    if dpo.type == DPO_ADJACENCY:
        return adjacency_at(fm, dpo.index).sw_if_index
    if dpo.type == DPO_LOAD_BALANCE and depth < MAX_DEPTH:
        return dpo_interface(fm, &load_balance_at(fm, dpo.index).buckets[0], depth + 1)
    return NO_INTERFACE


cdef uint32_t load_balance_interface(fib_main_t* fm, uint32_t index) noexcept nogil:
    """Interface by which the first path of a route leaves; NO_INTERFACE for local, dropped and punted ones."""
    return dpo_interface(fm, &load_balance_at(fm, index).buckets[0], 0)


cdef bint bucket_uses(fib_main_t* fm, load_balance_t* lb, uint32_t sw_if_index, uint32_t depth) noexcept nogil:
    cdef uint32_t i
    cdef dpo_t* dpo
    for i in range(lb.n_buckets):
        dpo = &lb.buckets[i]
        if dpo.type == DPO_ADJACENCY:
            if sw_if_index == NO_INTERFACE or adjacency_at(fm, dpo.index).sw_if_index == sw_if_index:
                return True
        elif dpo.type == DPO_LOAD_BALANCE and depth < MAX_DEPTH:
            if bucket_uses(fm, load_balance_at(fm, dpo.index), sw_if_index, depth + 1):
                return True
    return False


cdef bint load_balance_uses(fib_main_t* fm, uint32_t index, uint32_t sw_if_index) noexcept nogil:
    """Whether some path of a route leaves by the interface; by any interface, for NO_INTERFACE."""
    return bucket_uses(fm, load_balance_at(fm, index), sw_if_index, 0)


cdef class Fib:
    """The forwarding objects of one vswitch. Addresses are integers in host order; numbers are VPP's.

    Every method raises MemoryError when a pool is full, and IndexError for an object that is not in use.
    """

    def __cinit__(self, Graph graph, Interfaces interfaces, *_args, **_named):
        self.graph, self.interfaces = graph, interfaces
        self.main.interfaces = &interfaces.main
        if (pool_init(&self.main.adjacencies, sizeof(adjacency_t), MAX_OBJECTS, True) != 0
                or pool_init(&self.main.load_balances, sizeof(load_balance_t), MAX_OBJECTS, True) != 0
                or pool_init(&self.main.receives, sizeof(receive_t), MAX_OBJECTS, False) != 0):
            raise MemoryError("no memory for forwarding objects")
        self.set_load_balance(self.new_load_balance(), ((DPO_DROP, 0, 0),), FLOW_HASH_DEFAULT)

    def __dealloc__(self):
        cdef uint32_t i
        cdef load_balance_t* lb
        for i in range(self.main.load_balances.length):
            lb = load_balance_at(&self.main, i)
            if lb.buckets != &lb.first:
                free(lb.buckets)
        pool_free(&self.main.adjacencies)
        pool_free(&self.main.load_balances)
        pool_free(&self.main.receives)
        for i in range(self.main.n_tables):
            if self.main.tables[i] != NULL:
                mtrie_free(self.main.tables[i])
                free(self.main.tables[i])
        free(self.main.tables)

    # ---- adjacencies

    cdef adjacency_t* used_adjacency(self, uint32_t index) except NULL:
        if not pool_is_used(&self.main.adjacencies, index):
            raise IndexError(f"adjacency {index} invalid")
        return adjacency_at(&self.main, index)

    def output_node(self, uint32_t sw_if_index) -> str:
        """Name of an interface's NAME-output."""
        return self.graph.nodes[self.interfaces.c_interface(sw_if_index).output_node].name

    def new_adjacency(self, uint8_t kind, uint32_t sw_if_index, uint32_t next_hop) -> int:
        """A new adjacency without rewrite; its number."""
        cdef uint32_t index = pool_get(&self.main.adjacencies)
        cdef adjacency_t* adjacency
        if index == POOL_NONE:
            raise MemoryError("no room for another adjacency")
        adjacency = adjacency_at(&self.main, index)
        memset(adjacency, 0, sizeof(adjacency_t))
        adjacency.kind, adjacency.sw_if_index, adjacency.next_hop = kind, sw_if_index, swap32(next_hop)
        adjacency.mtu = 0xffff
        return index

    def set_adjacency(self, uint32_t index, uint8_t kind, bytes rewrite, uint16_t mtu, uint16_t output_slot):
        """Change an adjacency in place. rewrite: what goes in front of the IP header, up to 24 bytes.

        mtu: longest IP packet in bytes, 0 for no check. output_slot: next index of the interface's output node in
        the node that uses the adjacency: ip4-rewrite, ip4-glean or ip4-arp.
        """
        cdef adjacency_t* adjacency = self.used_adjacency(index)
        cdef uint32_t n = len(rewrite)
        if n > REWRITE_ROOM:
            raise ValueError(f"a rewrite has at most {REWRITE_ROOM} bytes, not {n}")
        adjacency.kind, adjacency.output_slot, adjacency.mtu = kind, output_slot, mtu if mtu else 0xffff
        memset(adjacency.rewrite, 0, REWRITE_ROOM)
        memcpy(&adjacency.rewrite[REWRITE_ROOM - n], <const char*> rewrite, n)
        adjacency.rewrite_length = <uint8_t> n

    def set_source(self, uint32_t index, uint32_t source):
        """Change the address that asks for MAC addresses on the adjacency's interface; 0 for none."""
        self.used_adjacency(index).source = swap32(source)

    def free_adjacency(self, uint32_t index):
        self.used_adjacency(index)
        pool_put(&self.main.adjacencies, index)

    # ---- receive objects

    def new_receive(self, uint32_t sw_if_index, uint32_t address) -> int:
        cdef uint32_t index = pool_get(&self.main.receives)
        if index == POOL_NONE:
            raise MemoryError("no room for another receive object")
        receive_at(&self.main, index).sw_if_index = sw_if_index
        receive_at(&self.main, index).address = swap32(address)
        return index

    def free_receive(self, uint32_t index):
        if not pool_put(&self.main.receives, index):
            raise IndexError(f"receive object {index} invalid")

    def receive_of(self, uint32_t index) -> tuple:
        """(sw_if_index, address) of a receive object."""
        if not pool_is_used(&self.main.receives, index):
            raise IndexError(f"receive object {index} invalid")
        return receive_at(&self.main, index).sw_if_index, swap32(receive_at(&self.main, index).address)

    # ---- load-balances

    cdef load_balance_t* used_load_balance(self, uint32_t index) except NULL:
        if not pool_is_used(&self.main.load_balances, index):
            raise IndexError(f"load-balance {index} invalid")
        return load_balance_at(&self.main, index)

    def new_load_balance(self) -> int:
        """A new load-balance that drops; its number."""
        cdef uint32_t index = pool_get(&self.main.load_balances)
        cdef load_balance_t* lb
        if index == POOL_NONE:
            raise MemoryError("no room for another load-balance")
        lb = load_balance_at(&self.main, index)
        memset(lb, 0, sizeof(load_balance_t))
        lb.buckets = &lb.first
        lb.n_buckets = 1
        return index

    def set_load_balance(self, uint32_t index, buckets, uint32_t flow_hash_config):
        """Give a load-balance its buckets, a power of two of (type, next index in ip4-lookup, object's number)."""
        cdef load_balance_t* lb = self.used_load_balance(index)
        cdef uint32_t n = len(buckets), i
        cdef dpo_t* many = NULL
        if n == 0 or n & (n - 1) or n > MAX_BUCKETS:
            raise ValueError(f"a load-balance cannot have {n} buckets")
        if n > 1:
            many = <dpo_t*> malloc(n * sizeof(dpo_t))
            if many == NULL:
                raise MemoryError(f"no memory for {n} buckets")
        for i in range(n):
            kind, slot, number = buckets[i]
            write_dpo(&many[i] if many != NULL else &lb.first, kind, slot, number)
        if lb.buckets != &lb.first:
            free(lb.buckets)
        if many != NULL:
            lb.first = many[0]
        lb.buckets = many if many != NULL else &lb.first
        lb.n_buckets = <uint16_t> n
        lb.n_buckets_minus_1 = <uint16_t> (n - 1)
        lb.flow_hash_config = flow_hash_config

    def free_load_balance(self, uint32_t index):
        cdef load_balance_t* lb = self.used_load_balance(index)
        if lb.buckets != &lb.first:
            free(lb.buckets)
        lb.buckets = &lb.first
        lb.n_buckets, lb.n_buckets_minus_1 = 1, 0
        write_dpo(&lb.first, DPO_DROP, 0, 0)
        pool_put(&self.main.load_balances, index)

    def load_balance_counters(self, uint32_t index) -> tuple:
        """(packets, bytes) it forwarded itself, (packets, bytes) on behalf of others."""
        cdef load_balance_t* lb = self.used_load_balance(index)
        return (lb.to.packets, lb.to.bytes), (lb.via.packets, lb.via.bytes)

    def buckets_of(self, uint32_t index) -> list:
        """Buckets of a load-balance, as set_load_balance takes them."""
        cdef load_balance_t* lb = self.used_load_balance(index)
        cdef uint32_t i
        return [(lb.buckets[i].type, lb.buckets[i].next_index, lb.buckets[i].index) for i in range(lb.n_buckets)]

    def set_urpf(self, uint32_t index, uint32_t urpf):
        """Note the number of the list of interfaces behind a load-balance; only listings show it."""
        self.used_load_balance(index).urpf_index = urpf

    def urpf_of(self, uint32_t index) -> int:
        return self.used_load_balance(index).urpf_index

    def clear_load_balance_counters(self, uint32_t index):
        cdef load_balance_t* lb = self.used_load_balance(index)
        memset(&lb.to, 0, 2 * sizeof(lb.to))

    # ---- tables

    cdef mtrie_t* used_table(self, uint32_t fib_index) except NULL:
        if fib_index >= self.main.n_tables or self.main.tables[fib_index] == NULL:
            raise IndexError(f"table {fib_index} invalid")
        return self.main.tables[fib_index]

    cdef uint32_t free_table_slot(self) except? 0xffffffffU:
        """The lowest free fib index, with room for it."""
        cdef uint32_t index
        cdef mtrie_t** grown
        for index in range(self.main.n_tables):
            if self.main.tables[index] == NULL:
                return index
        grown = <mtrie_t**> realloc(self.main.tables, (self.main.n_tables + 1) * sizeof(void*))
        if grown == NULL:
            raise MemoryError("no memory for another table")
        grown[self.main.n_tables] = NULL
        self.main.tables = grown
        self.main.n_tables += 1
        return self.main.n_tables - 1

    def new_mtrie(self) -> int:
        """A new table without prefixes: everything is dropped. Returns its fib index."""
        cdef uint32_t index = self.free_table_slot()
        cdef mtrie_t* mtrie = <mtrie_t*> calloc(1, sizeof(mtrie_t))
        if mtrie == NULL or mtrie_init(mtrie, DROP_LOAD_BALANCE) != 0:
            free(mtrie)
            raise MemoryError("no memory for another table")
        self.main.tables[index] = mtrie
        return index

    def free_mtrie(self, uint32_t fib_index):
        """Forget a table; packets looked up in it are dropped."""
        cdef mtrie_t* mtrie = self.used_table(fib_index)
        self.main.tables[fib_index] = NULL
        mtrie_free(mtrie)
        free(mtrie)

    def set_prefix(self, uint32_t fib_index, uint32_t address, uint8_t length, uint32_t load_balance):
        """Lead a prefix of a table to a load-balance."""
        cdef mtrie_t* mtrie = self.used_table(fib_index)
        self.used_load_balance(load_balance)
        if mtrie_add(mtrie, address, length, load_balance) != 0:
            raise MemoryError("no memory for another prefix")

    def unset_prefix(self, uint32_t fib_index, uint32_t address, uint8_t length, uint32_t cover, uint8_t cover_length):
        """Take a prefix out of a table; its addresses go to the load-balance of the prefix that covers it."""
        mtrie_delete(self.used_table(fib_index), address, length, cover, cover_length)

    def lookup(self, uint32_t fib_index, uint32_t address) -> int:
        """Number of the load-balance the packet path finds for an address."""
        return fib_lookup(&self.main, fib_index, swap32(address))

    def interface_of(self, uint32_t load_balance):
        """sw_if_index by which a route leaves, None for local, dropped and punted ones."""
        self.used_load_balance(load_balance)
        cdef uint32_t found = load_balance_interface(&self.main, load_balance)
        return None if found == NO_INTERFACE else found


cdef inline void write_dpo(dpo_t* dpo, uint8_t kind, uint16_t slot, uint32_t index) noexcept nogil:
    dpo.type, dpo.reserved, dpo.next_index, dpo.index = kind, 0, slot, index


def flow_hash_of(bytes header not None, uint32_t config=FLOW_HASH_DEFAULT) -> int:
    """Flow hash of an IPv4 packet: its header of 20 bytes and the ports behind it, 24 bytes at least."""
    if len(header) < 24:
        raise ValueError(f"a flow hash needs 24 bytes, got {len(header)}")
    return ip4_flow_hash(<ip4_header_t*> <char*> header, config)
