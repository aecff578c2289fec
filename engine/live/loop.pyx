"""The loop of one worker: receive, dispatch, run timers, send; asleep when there is nothing to do.

A round asks the kernel once which queues have something (epoll), lets each of them hand its packets to the graph,
dispatches them together, and lets the devices send what was gathered. After the last packet it goes on asking for
SPIN_NS, then sleeps until a packet, the next timer, or a word from control code.
"""

import os

from libc.errno cimport EINTR, errno
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memmove, memset

from ..core.clock cimport read_tsc
from ..core.graph cimport Graph, account, dispatch_pending, node_t, run_processes, worker_t
from .parking cimport (
    is_wanted,
    load_flag,
    parking_ask,
    parking_await,
    parking_enter,
    parking_init,
    parking_leave,
    parking_release,
    store_flag,
)

cdef extern from "<sys/epoll.h>" nogil:
    cdef union epoll_data_t "epoll_data_t":
        void* ptr
    cdef struct epoll_event:
        uint32_t events
        epoll_data_t data
    int EPOLLIN
    int EPOLL_CLOEXEC
    int EPOLL_CTL_ADD
    int EPOLL_CTL_DEL
    int epoll_create1(int flags)
    int epoll_ctl(int epoll_fd, int operation, int fd, epoll_event* event)
    int epoll_wait(int epoll_fd, epoll_event* events, int n_events, int timeout_ms)

cdef extern from "<unistd.h>" nogil:
    ssize_t read(int fd, void* to, size_t n)
    ssize_t write(int fd, const void* data, size_t n)

cdef extern from *:
    """
    #include <time.h>
    #include <stdint.h>
    static inline uint64_t vppsh_monotonic_ns(void) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
    }
    """
    uint64_t monotonic_ns "vppsh_monotonic_ns"() noexcept nogil

cdef enum:
    MAX_READY = 64              # queues served in one round
    ASK_EVERY = 8               # rounds between two questions to the kernel while queues are full
    MAX_SLEEP_MS = 1000


# ---- the loop -------------------------------------------------------------------------------

cdef void live_follow(live_t* live) noexcept nogil:
    """The engine's clock moves as far as real time did; a replay may have moved it further meanwhile."""
    cdef uint64_t now = monotonic_ns()
    live.worker.now_ns += now - live.monotonic_ns
    live.monotonic_ns = now


cdef int time_to_wait(live_t* live) noexcept nogil:
    """Milliseconds to sleep: none just after traffic, else until the next timer."""
    cdef worker_t* w = live.worker
    cdef uint64_t left
    if live.monotonic_ns - live.last_packet_ns < live.spin_ns:
        return 0
    if w.next_deadline_ns <= w.now_ns:
        return 0
    left = (w.next_deadline_ns - w.now_ns) // 1000000 + 1
    return <int> left if left < MAX_SLEEP_MS else MAX_SLEEP_MS


cdef bint stand_if_wanted(live_t* live) noexcept nogil:
    """The barrier; whether control code ran, after which nothing asked before holds."""
    if not is_wanted(&live.parking):
        return False
    parking_enter(&live.parking)
    parking_leave(&live.parking)
    live.n_parkings += 1
    return True


cdef uint32_t ask_kernel(live_t* live, rx_queue_t** ready) noexcept nogil:
    """The queues that have something, after a sleep if there was nothing; none when control code ran meanwhile."""
    cdef epoll_event events[MAX_READY]
    cdef int timeout = time_to_wait(live), i, n
    cdef uint32_t n_ready = 0
    cdef uint64_t count
    if timeout:
        live.n_sleeps += 1
        parking_enter(&live.parking)
    n = epoll_wait(live.epoll_fd, events, MAX_READY, timeout)
    if timeout and parking_leave(&live.parking):
        live.n_parkings += 1
        return 0
    for i in range(n):
        if events[i].data.ptr == NULL:
            read(live.event_fd, &count, sizeof(count))
        else:
            ready[n_ready] = <rx_queue_t*> events[i].data.ptr
            n_ready += 1
    return n_ready


cdef uint32_t receive(worker_t* w, rx_queue_t* queue) noexcept nogil:
    """One turn of an input node for one queue."""
    cdef node_t* node = &w.nodes[queue.node_index]
    cdef uint64_t before = read_tsc()
    cdef uint32_t n
    queue.more = False
    n = queue.poll(w, node, queue)
    queue.n_polls += 1
    queue.n_packets += n
    account(node, n, read_tsc() - before)
    return n


cdef uint32_t receive_all(live_t* live, rx_queue_t** ready, uint32_t* n_ready) noexcept nogil:
    """A turn for each ready queue; those that have more stay in the list. Returns packets received."""
    cdef uint32_t i, n = 0, kept = 0
    for i in range(n_ready[0]):
        n += receive(live.worker, ready[i])
        if ready[i].broken:
            epoll_ctl(live.epoll_fd, EPOLL_CTL_DEL, ready[i].fd, NULL)
        elif ready[i].more:
            ready[kept] = ready[i]
            kept += 1
    n_ready[0] = kept
    return n


cdef void finish_round(live_t* live) noexcept nogil:
    """Everything that was received goes its way, and out."""
    cdef uint32_t i
    dispatch_pending(live.worker)
    run_processes(live.worker)
    for i in range(live.n_flushes):
        live.flushes[i].flush(live.worker, live.flushes[i].main)


cdef void live_run(live_t* live) noexcept nogil:
    """Drive the worker until live.stop; a last round then gives out what is under way."""
    cdef rx_queue_t* ready[MAX_READY]
    cdef uint32_t n_ready = 0, asked = 0
    parking_leave(&live.parking)
    live_follow(live)
    while not load_flag(&live.stop):
        if stand_if_wanted(live):
            n_ready = 0
        if n_ready == 0 or asked >= ASK_EVERY:
            n_ready = ask_kernel(live, ready)
            asked = 0
        asked += 1
        live_follow(live)
        if receive_all(live, ready, &n_ready):
            live.last_packet_ns = live.monotonic_ns
        finish_round(live)
        live.n_rounds += 1
    parking_enter(&live.parking)


cdef void live_wake(live_t* live) noexcept nogil:
    """Let a sleeping worker look around: timers or queues may have changed."""
    cdef uint64_t one = 1
    write(live.event_fd, &one, sizeof(one))


# ---- control --------------------------------------------------------------------------------

cdef class LiveWorker:
    """The live side of one worker: its queues, its loop, its place at the barrier.

    graph: whose first worker it drives; bind() gives it another one's. A thread calls run(), which returns after
    stop(). Everything else is called from control code, with the worker held or not running.
    """

    def __cinit__(self, Graph graph):
        memset(&self.live, 0, sizeof(live_t))
        self.live.epoll_fd = self.live.event_fd = -1
        parking_init(&self.live.parking)
        self.live.spin_ns = SPIN_NS
        self.live.monotonic_ns = monotonic_ns()
        self.graph = graph
        self.bind(graph.worker)

    def __dealloc__(self):
        self.close()
        free(self.live.queues)
        free(self.live.flushes)

    cdef bind(self, worker_t* worker):
        self.live.worker = worker

    def open(self):
        """Make what the loop sleeps on. Raises OSError when there are no file descriptors left."""
        cdef epoll_event event
        if self.live.epoll_fd >= 0:
            return
        self.live.event_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.live.epoll_fd = epoll_create1(EPOLL_CLOEXEC)
        if self.live.epoll_fd < 0:
            self.close()
            raise OSError(errno, os.strerror(errno))
        event.events, event.data.ptr = EPOLLIN, NULL
        epoll_ctl(self.live.epoll_fd, EPOLL_CTL_ADD, self.live.event_fd, &event)

    def close(self):
        """Give the file descriptors back; run() must have returned."""
        for fd in (self.live.epoll_fd, self.live.event_fd):
            if fd >= 0:
                os.close(fd)
        self.live.epoll_fd = self.live.event_fd = -1

    cdef add_queue(self, rx_queue_t* queue):
        """Serve a queue from the next round on. The struct must stay where it is until remove_queue()."""
        cdef epoll_event event
        cdef rx_queue_t** grown = <rx_queue_t**> realloc(
            self.live.queues, (self.live.n_queues + 1) * sizeof(rx_queue_t*))
        if grown == NULL:
            raise MemoryError("no memory for another queue")
        self.live.queues = grown
        self.open()
        event.events, event.data.ptr = EPOLLIN, queue
        if epoll_ctl(self.live.epoll_fd, EPOLL_CTL_ADD, queue.fd, &event) != 0:
            raise OSError(errno, os.strerror(errno))
        grown[self.live.n_queues] = queue
        self.live.n_queues += 1

    cdef remove_queue(self, rx_queue_t* queue):
        """Serve it no more; its file descriptor is still open."""
        cdef uint32_t i
        for i in range(self.live.n_queues):
            if self.live.queues[i] == queue:
                epoll_ctl(self.live.epoll_fd, EPOLL_CTL_DEL, queue.fd, NULL)
                self.live.n_queues -= 1
                memmove(&self.live.queues[i], &self.live.queues[i + 1],
                        (self.live.n_queues - i) * sizeof(rx_queue_t*))
                return

    cdef add_flush(self, tx_flush_t flush):
        """Call flush at the end of every round."""
        cdef tx_flush_t* grown = <tx_flush_t*> realloc(
            self.live.flushes, (self.live.n_flushes + 1) * sizeof(tx_flush_t))
        if grown == NULL:
            raise MemoryError("no memory for another device")
        self.live.flushes = grown
        grown[self.live.n_flushes] = flush
        self.live.n_flushes += 1

    cdef remove_flush(self, void* main):
        """Call the flush of that device no more."""
        cdef uint32_t i
        for i in range(self.live.n_flushes):
            if self.live.flushes[i].main == main:
                self.live.n_flushes -= 1
                self.live.flushes[i] = self.live.flushes[self.live.n_flushes]
                return

    # ---- the thread, and the barrier

    def run(self):
        """Drive the worker until stop(). Needs no GIL."""
        self.open()
        with nogil:
            live_run(&self.live)

    def stop(self):
        """Let run() return after the round it is in."""
        store_flag(&self.live.stop, 1)
        live_wake(&self.live)

    def restart(self):
        """Let run() be called once more."""
        store_flag(&self.live.stop, 0)

    def ask(self):
        """Ask the worker to stand still; wait() returns when it does."""
        parking_ask(&self.live.parking)

    def wait(self):
        """Wait until the worker stands; its clock then says what time it is."""
        with nogil:
            parking_await(&self.live.parking)
            live_follow(&self.live)

    def release(self):
        """Let the worker go on, with the timers as they are now."""
        with nogil:
            parking_release(&self.live.parking)
            live_wake(&self.live)

    def stats(self) -> dict:
        """Rounds, sleeps and stops at the barrier so far; packets and polls by queue."""
        cdef uint32_t i
        queues = []
        for i in range(self.live.n_queues):
            queues.append({
                "sw_if_index": self.live.queues[i].sw_if_index, "queue": self.live.queues[i].queue_id,
                "packets": self.live.queues[i].n_packets, "polls": self.live.queues[i].n_polls,
            })
        return {
            "thread": self.live.worker.thread_index, "rounds": self.live.n_rounds, "sleeps": self.live.n_sleeps,
            "parkings": self.live.n_parkings, "queues": queues,
        }
