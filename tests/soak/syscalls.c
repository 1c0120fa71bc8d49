/* A library for LD_PRELOAD that meets one call to the system with a fault: Python's, DuckDB's and
 * delta-rs's alike, since all of them call libc.
 *
 * soak_arm names the call: its operation, a part of its path, its number in order, and what
 * happens: a signal to this process, or an error number returned. Paths outside of the root are
 * left alone. Without a fault the calls are only logged, one a line, to a file descriptor.
 * soak_shift sets the wall clock of this process forward or back.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum when { BEFORE, HALF, AFTER };

static int is_armed, is_sticky, wanted_when, error_number, signal_number, log_to = -1;
static char root[4096], wanted_op[16], wanted_part[256];
static long wanted_number, clock_shift;
static atomic_long seen;

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

void soak_arm(const char *below, const char *op, const char *part, long number, int when,
              int error, int signal, int sticky) {
    snprintf(root, sizeof root, "%s", below);
    snprintf(wanted_op, sizeof wanted_op, "%s", op);
    snprintf(wanted_part, sizeof wanted_part, "%s", part);
    wanted_number = number, wanted_when = when, error_number = error, signal_number = signal;
    is_sticky = sticky;
    seen = 0;
    is_armed = 1;
}

void soak_log(const char *below, int fd) {
    snprintf(root, sizeof root, "%s", below);
    wanted_op[0] = 0, log_to = fd, is_armed = 1;
}

void soak_disarm(void) { is_armed = 0; }
void soak_shift(long seconds) { clock_shift = seconds; }

static int is_met(const char *op, const char *path) {
    if (!is_armed || strncmp(path, root, strlen(root)) != 0) return 0;
    if (log_to >= 0) dprintf(log_to, "%s %s\n", op, path);
    if (strcmp(op, wanted_op) != 0 || !strstr(path, wanted_part)) return 0;
    long number = atomic_fetch_add(&seen, 1) + 1;
    return number == wanted_number || (is_sticky && number > wanted_number);
}

static int meets_at(const char *op, int dir, const char *name) {
    if (!is_armed) return 0;
    if (name[0] == '/' || dir == AT_FDCWD) return is_met(op, name);
    char link[64], path[8192];
    snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
    ssize_t length = readlink(link, path, 4096);
    if (length < 0) return 0;
    snprintf(path + length, sizeof path - length, "/%s", name);
    return is_met(op, path);
}

static int meets_file(const char *op, int fd) {
    if (!is_armed || fd == log_to) return 0;
    char link[64], path[4097];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_met(op, path);
}

static int act(void) {
    if (signal_number) {
        kill(getpid(), signal_number);
        while (signal_number == SIGKILL) pause();
        return 0;
    }
    errno = error_number;
    return error_number;
}

#define GUARDED(type, met, call)                                                  \
    int is_it = met;                                                              \
    DO(type, call)
#define DO(type, call)                                                            \
    if (is_it && wanted_when == BEFORE && act()) return -1;                       \
    type result = call;                                                           \
    if (is_it && wanted_when == AFTER) { int kept = errno; act(); errno = kept; } \
    return result;

#define WRITES (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)
#define OPEN(name)                                                                          \
    int name(const char *path, int flags, ...) {                                            \
        REAL(name);                                                                         \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        GUARDED(int, flags & WRITES ? meets_at("open", AT_FDCWD, path) : 0, real(path, flags, mode)); \
    }
#define OPENAT(name)                                                                        \
    int name(int dir, const char *path, int flags, ...) {                                   \
        REAL(name);                                                                         \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        GUARDED(int, flags & WRITES ? meets_at("open", dir, path) : 0, real(dir, path, flags, mode)); \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

#define HALF_FIRST(half) if (is_it && wanted_when == HALF) { (void)!half; if (act()) return -1; }
ssize_t write(int fd, const void *bytes, size_t count) {
    REAL(write);
    int is_it = meets_file("write", fd);
    HALF_FIRST(real(fd, bytes, count / 2))
    DO(ssize_t, real(fd, bytes, count))
}
#define PWRITE(name, offset_type)                                                 \
    ssize_t name(int fd, const void *bytes, size_t count, offset_type offset) {   \
        REAL(name);                                                               \
        int is_it = meets_file("write", fd);                                      \
        HALF_FIRST(real(fd, bytes, count / 2, offset))                            \
        DO(ssize_t, real(fd, bytes, count, offset))                               \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

int rename(const char *from, const char *to) { REAL(rename); GUARDED(int, meets_at("rename", AT_FDCWD, to), real(from, to)); }
int renameat(int a, const char *from, int b, const char *to) { REAL(renameat); GUARDED(int, meets_at("rename", b, to), real(a, from, b, to)); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { REAL(renameat2); GUARDED(int, meets_at("rename", b, to), real(a, from, b, to, flags)); }
int link(const char *from, const char *to) { REAL(link); GUARDED(int, meets_at("link", AT_FDCWD, to), real(from, to)); }
int linkat(int a, const char *from, int b, const char *to, int flags) { REAL(linkat); GUARDED(int, meets_at("link", b, to), real(a, from, b, to, flags)); }
int unlink(const char *path) { REAL(unlink); GUARDED(int, meets_at("unlink", AT_FDCWD, path), real(path)); }
int unlinkat(int dir, const char *path, int flags) { REAL(unlinkat); GUARDED(int, meets_at("unlink", dir, path), real(dir, path, flags)); }
int rmdir(const char *path) { REAL(rmdir); GUARDED(int, meets_at("rmdir", AT_FDCWD, path), real(path)); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); GUARDED(int, meets_at("mkdir", AT_FDCWD, path), real(path, mode)); }
int mkdirat(int dir, const char *path, mode_t mode) { REAL(mkdirat); GUARDED(int, meets_at("mkdir", dir, path), real(dir, path, mode)); }
int fsync(int fd) { REAL(fsync); GUARDED(int, meets_file("fsync", fd), real(fd)); }
int fdatasync(int fd) { REAL(fdatasync); GUARDED(int, meets_file("fsync", fd), real(fd)); }

int clock_gettime(clockid_t id, struct timespec *at) {
    REAL(clock_gettime);
    int result = real(id, at);
    if (!result && clock_shift && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) at->tv_sec += clock_shift;
    return result;
}
time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
