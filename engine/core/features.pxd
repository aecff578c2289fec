"""Feature arcs: per interface a list of nodes between an arc's start and its end.

The list of an interface is a string of next indices in one heap (worker_t.feature_config). A buffer
carries its place in the string, so a feature node learns its next by one load.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from .buffer cimport buffer_t
from .graph cimport Graph, worker_t

ctypedef struct feature_arc_t:
    uint32_t n_interfaces
    uint32_t* config_index      # by sw_if_index: where its string starts; NO_INDEX without features
    uint8_t arc_index


cdef inline bint arc_has_features(feature_arc_t* arc, uint32_t sw_if_index) noexcept nogil:
    return sw_if_index < arc.n_interfaces and arc.config_index[sw_if_index] != 0xffffffffU


cdef inline uint16_t arc_start(worker_t* w, feature_arc_t* arc, uint32_t sw_if_index, buffer_t* b,
                               uint16_t default_next) noexcept nogil:
    """Put the buffer on the interface's features: the first one's next index, or default_next without any."""
    cdef uint32_t at
    if sw_if_index >= arc.n_interfaces:
        return default_next
    at = arc.config_index[sw_if_index]
    if at == 0xffffffffU:
        return default_next
    b.current_config_index = at + 1
    b.feature_arc_index = arc.arc_index
    return <uint16_t> w.feature_config[at]


cdef inline uint16_t feature_next(worker_t* w, buffer_t* b) noexcept nogil:
    """Next index of the feature that follows the present one on the buffer's arc."""
    cdef uint32_t at = b.current_config_index
    b.current_config_index = at + 1
    return <uint16_t> w.feature_config[at]


cdef class FeatureArc:
    cdef feature_arc_t arc
    cdef readonly str name
    cdef readonly tuple start_nodes
    cdef readonly str end_node
    cdef readonly list order            # all features of the arc, sorted
    cdef list features                  # (name, runs_before, runs_after) as registered
    cdef dict enabled                   # sw_if_index -> set of enabled feature names
    cdef dict strings                   # sw_if_index -> (place, length)


cdef class Features:
    cdef Graph graph
    cdef readonly dict arcs
    cdef dict free_strings              # length -> list of places
    cdef uint32_t heap_size
    cdef uint32_t heap_used
    cdef FeatureArc arc(self, str name)
    cdef rebuild(self, FeatureArc arc, uint32_t sw_if_index)
    cdef list next_indices(self, FeatureArc arc, list names)
    cdef uint32_t add_equal_next(self, tuple start_nodes, str name) except? 0xffffffffU
    cdef reserve(self, FeatureArc arc, uint32_t sw_if_index)
    cdef uint32_t allocate(self, uint32_t length) except? 0xffffffffU
