/* Moves the wall clock of a process, and of those it starts, by the seconds in a file.
 *
 * cc -shared -fPIC -o clock_shift.so clock_shift.c -ldl
 * LD_PRELOAD=clock_shift.so CLOCK_SHIFT=FILE python ...
 *
 * FILE holds one 64-bit integer and is mapped, so that a change holds at once everywhere. Only the
 * wall clock moves: pauses go by the monotonic one, and the kernel dates files as ever. Where a wait
 * until an instant of the wall clock is asked of the kernel, the instant is moved back.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift;

__attribute__((constructor)) static void map_shift(void) {
    const char *name = getenv("CLOCK_SHIFT");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) shift = mapped;
    close(file);
}

int clock_gettime(clockid_t id, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(id, at);
    if (!failed && shift && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) at->tv_sec += *shift;
    return failed;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

/* Instants of the monotonic clock, which counts from the start of the machine, stay as they are. */
static struct timespec for_kernel(const struct timespec *until) {
    struct timespec moved = *until;
    if (shift && moved.tv_sec > 1000000000) moved.tv_sec -= *shift;
    return moved;
}

int sem_timedwait(sem_t *restrict waited, const struct timespec *restrict until) {
    static int (*real)(sem_t *, const struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec moved = for_kernel(until);
    return real(waited, &moved);
}

int pthread_cond_timedwait(pthread_cond_t *restrict waited, pthread_mutex_t *restrict held,
                           const struct timespec *restrict until) {
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!real) real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2"); /* x86-64 has two */
    if (!real) real = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    struct timespec moved = for_kernel(until);
    return real(waited, held, &moved);
}
