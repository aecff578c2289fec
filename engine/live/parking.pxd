"""Where a worker stands still while control code changes what it reads. One for each worker thread."""

from libc.stdint cimport uint32_t

cdef extern from "<pthread.h>" nogil:
    ctypedef struct pthread_mutex_t:
        pass
    ctypedef struct pthread_cond_t:
        pass
    int pthread_mutex_init(pthread_mutex_t* mutex, void* attributes)
    int pthread_cond_init(pthread_cond_t* condition, void* attributes)
    int pthread_mutex_lock(pthread_mutex_t* mutex)
    int pthread_mutex_unlock(pthread_mutex_t* mutex)
    int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex)
    int pthread_cond_broadcast(pthread_cond_t* condition)

cdef extern from *:
    """
    #include <stdint.h>
    static inline uint32_t vppsh_load_flag(const uint32_t *p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }
    static inline void vppsh_store_flag(uint32_t *p, uint32_t v) { __atomic_store_n(p, v, __ATOMIC_RELAXED); }
    """
    uint32_t load_flag "vppsh_load_flag"(const uint32_t* flag) noexcept nogil
    void store_flag "vppsh_store_flag"(uint32_t* flag, uint32_t value) noexcept nogil

ctypedef struct parking_t:
    pthread_mutex_t mutex       # held for moments only, never while packets move
    pthread_cond_t changed
    uint32_t wanted             # control code wants the worker to stand still
    uint32_t standing           # it does: parked, asleep, or no thread runs


cdef inline void parking_init(parking_t* p) noexcept nogil:
    pthread_mutex_init(&p.mutex, NULL)
    pthread_cond_init(&p.changed, NULL)
    p.wanted, p.standing = 0, 1


cdef inline bint is_wanted(parking_t* p) noexcept nogil:
    """Asked by the worker once a round; costs a load."""
    return load_flag(&p.wanted) != 0


cdef inline void parking_enter(parking_t* p) noexcept nogil:
    """The worker stands still from here: before it sleeps, when it is wanted, at its end."""
    pthread_mutex_lock(&p.mutex)
    p.standing = 1
    pthread_cond_broadcast(&p.changed)
    pthread_mutex_unlock(&p.mutex)


cdef inline bint parking_leave(parking_t* p) noexcept nogil:
    """Go on as soon as nobody wants the worker to stand; whether it had to wait for that."""
    cdef bint waited = False
    pthread_mutex_lock(&p.mutex)
    while p.wanted:
        waited = True
        pthread_cond_wait(&p.changed, &p.mutex)
    p.standing = 0
    pthread_mutex_unlock(&p.mutex)
    return waited


cdef inline void parking_ask(parking_t* p) noexcept nogil:
    """Control code: ask the worker to stand still at the end of its round."""
    pthread_mutex_lock(&p.mutex)
    store_flag(&p.wanted, 1)
    pthread_mutex_unlock(&p.mutex)


cdef inline void parking_await(parking_t* p) noexcept nogil:
    """Control code: wait until it stands."""
    pthread_mutex_lock(&p.mutex)
    while not p.standing:
        pthread_cond_wait(&p.changed, &p.mutex)
    pthread_mutex_unlock(&p.mutex)


cdef inline void parking_release(parking_t* p) noexcept nogil:
    """Control code: let it go on."""
    pthread_mutex_lock(&p.mutex)
    store_flag(&p.wanted, 0)
    pthread_cond_broadcast(&p.changed)
    pthread_mutex_unlock(&p.mutex)
