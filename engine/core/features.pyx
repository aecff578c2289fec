"""Feature arcs: order from constraints, strings per interface, next indices in the order VPP makes them."""

from libc.stdint cimport uint32_t
from libc.stdlib cimport free, realloc
from libc.string cimport memset

from .graph cimport Graph

cdef enum:
    NONE = 0xffffffffU


cdef class FeatureArc:
    """One arc, e.g. ip4-unicast from ip4-input to ip4-lookup."""

    def __dealloc__(self):
        free(self.arc.config_index)

    def names(self, uint32_t sw_if_index) -> list:
        """Enabled features of an interface in the order in which they run."""
        enabled = self.enabled.get(sw_if_index, ())
        return [name for name in self.order if name in enabled]

    def is_configured(self, uint32_t sw_if_index) -> bool:
        """Whether the interface ever had a feature on this arc."""
        return sw_if_index in self.enabled

    def is_enabled(self, str feature, uint32_t sw_if_index) -> bool:
        return feature in self.enabled.get(sw_if_index, ())


def sort_features(features: list) -> list:
    """Order features by their constraints; among the free ones by registration.

    features: (name, runs_before, runs_after). Raises ValueError for constraints in a circle.
    """
    names = [name for name, _, _ in features]
    behind = {name: set() for name in names}        # name -> those that must run ahead of it
    for name, before, after in features:
        behind[name].update(other for other in after if other in behind)
        for other in before:
            if other in behind:
                behind[other].add(name)
    order = []
    while len(order) < len(names):
        ready = next((n for n in names if n not in order and behind[n].issubset(order)), None)
        if ready is None:
            raise ValueError(f"features in a circle: {sorted(set(names) - set(order))}")
        order.append(ready)
    return order


cdef class Features:
    """The arcs of one vswitch and the heap that holds their strings."""

    def __cinit__(self, Graph graph):
        self.graph = graph
        self.arcs = {}
        self.free_strings = {}

    def add_arc(self, str name, tuple start_nodes, str end_node) -> FeatureArc:
        """A new arc. All start nodes keep the same next index for a feature."""
        cdef FeatureArc arc = FeatureArc()
        arc.name, arc.start_nodes, arc.end_node = name, start_nodes, end_node
        arc.order, arc.features, arc.enabled, arc.strings = [], [], {}, {}
        arc.arc.arc_index = len(self.arcs)
        self.arcs[name] = arc
        return arc

    def add_feature(self, str arc_name, str node, runs_before=(), runs_after=()):
        """A feature node may run on the arc; which comes first follows from what each says of the others."""
        cdef FeatureArc arc = self.arcs[arc_name]
        arc.features.append((node, runs_before, runs_after))
        arc.order = sort_features(arc.features)

    cdef FeatureArc arc(self, str name):
        return self.arcs[name]

    def enable(self, str arc_name, str node, uint32_t sw_if_index, bint on=True):
        """Turn a feature of an interface on or off; the interface's whole list is made again, as VPP does."""
        cdef FeatureArc arc = self.arcs[arc_name]
        if node not in arc.order:
            raise KeyError(f"{node} is no feature of {arc_name}")
        enabled = arc.enabled.setdefault(sw_if_index, set())
        if (node in enabled) == on:
            return
        (enabled.add if on else enabled.discard)(node)
        self.rebuild(arc, sw_if_index)

    def remove_interface(self, uint32_t sw_if_index):
        """Forget an interface's features on all arcs."""
        for arc in self.arcs.values():
            if (<FeatureArc> arc).enabled.pop(sw_if_index, None):
                self.rebuild(arc, sw_if_index)

    cdef rebuild(self, FeatureArc arc, uint32_t sw_if_index):
        cdef uint32_t place, i
        names = arc.names(sw_if_index)
        self.reserve(arc, sw_if_index)
        nexts = self.next_indices(arc, names) if names else []
        old = arc.strings.pop(sw_if_index, None)
        if old is not None:
            self.free_strings.setdefault(old[1], []).append(old[0])
        if not nexts:
            arc.arc.config_index[sw_if_index] = NONE
            return
        place = self.allocate(len(nexts))
        for i in range(<uint32_t> len(nexts)):
            self.graph.worker.feature_config[place + i] = nexts[i]
        arc.strings[sw_if_index] = (place, len(nexts))
        arc.arc.config_index[sw_if_index] = place

    cdef list next_indices(self, FeatureArc arc, list names):
        """start -> f1, f1 -> f2 ... fn -> end: each arrow is an `add next` in the node on its left.

        An arc that nothing starts is there for what is configured on it alone.
        """
        nexts = [self.add_equal_next(arc.start_nodes, names[0]) if arc.start_nodes else 0]
        for name, following in zip(names, names[1:] + [arc.end_node]):
            nexts.append(self.graph.add_next(name, following))
        return nexts

    cdef uint32_t add_equal_next(self, tuple start_nodes, str name) except? 0xffffffffU:
        slots = {self.graph.add_next(start, name) for start in start_nodes}
        if len(slots) > 1:
            raise ValueError(f"start nodes {start_nodes} disagree on the next index of {name}")
        return slots.pop()

    cdef reserve(self, FeatureArc arc, uint32_t sw_if_index):
        cdef uint32_t n = arc.arc.n_interfaces, wanted = sw_if_index + 1
        cdef uint32_t* grown
        if wanted <= n:
            return
        wanted = max(wanted, 2 * n, 16)
        grown = <uint32_t*> realloc(arc.arc.config_index, wanted * sizeof(uint32_t))
        if grown == NULL:
            raise MemoryError(f"no memory for the features of interface {sw_if_index}")
        memset(&grown[n], 0xff, (wanted - n) * sizeof(uint32_t))
        arc.arc.config_index = grown
        arc.arc.n_interfaces = wanted

    cdef uint32_t allocate(self, uint32_t length) except? 0xffffffffU:
        cdef uint32_t* grown
        cdef uint32_t wanted, i
        free_places = self.free_strings.get(length)
        if free_places:
            return free_places.pop()
        if self.heap_used + length > self.heap_size:
            wanted = max(2 * self.heap_size, 1024)
            grown = <uint32_t*> realloc(self.graph.worker.feature_config, wanted * sizeof(uint32_t))
            if grown == NULL:
                raise MemoryError("no memory for feature strings")
            self.heap_size = wanted
            for i in range(self.graph.n_threads):
                self.graph.workers[i].feature_config = grown
        self.heap_used += length
        return self.heap_used - length
