/*
 * Reports, in the order of time, what a process does to a SQLite store and what it answers over TCP; lets
 * syncs fail on demand. Preloaded into the server: LD_PRELOAD=shim.so.
 *
 * SHIM_DATABASE  name of the database's file, without its directory
 * SHIM_REPORT    file to append the report to
 * SHIM_FAULT     while a file of that name exists, every sync of the database's files fails with EIO
 *
 * Lines of the report, the fields parted by blanks:
 *   W file offset length commit [mark ...]   bytes were written to a file; commit is 1 for the header of a
 *                                            log frame that ends a transaction; marks found in the bytes
 *   B thread file                            a sync begins
 *   E thread file errno                      a sync has ended
 *   A port status                            an answer is about to go to the peer with that port
 * `file` is db or wal. A write is reported when it is done and an answer before it goes, so that what the
 * report says of the order is never better than the truth.
 *
 * System calls are made directly: there is no other function of the same name to look up first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MARK "mark-"
#define MARK_DIGITS 8
#define ANSWER "HTTP/1.1 "
#define FRAME_HEADER 24
#define LOG_HEADER 32
#define LINE 16384

static int report = -1;
static const char *database;
static const char *fault;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("SHIM_REPORT");
    database = getenv("SHIM_DATABASE");
    fault = getenv("SHIM_FAULT");
    if (path != NULL)
        report = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* One system call on a file opened to append: lines of several threads neither mix nor change places. */
static void tell(const char *line, int length)
{
    if (length > 0 && syscall(SYS_write, report, line, (size_t)length) != length)
        abort();
}

/* Give db or wal for a file of the database, NULL for any other. */
static const char *file_of(int fd)
{
    char link[64], path[4096];
    struct stat status;
    if (report < 0 || database == NULL || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return NULL;
    path[length] = '\0';
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t known = strlen(database);
    if (strncmp(name, database, known) != 0)
        return NULL;
    if (name[known] == '\0')
        return "db";
    return strcmp(name + known, "-wal") == 0 ? "wal" : NULL;
}

static bool ends_transaction(const char *file, const uint8_t *bytes, size_t length, off_t offset)
{
    /* Bytes 4 to 7 of a frame's header: the size of the database after the transaction, else 0. */
    return strcmp(file, "wal") == 0 && length == FRAME_HEADER && offset >= LOG_HEADER
        && (bytes[4] | bytes[5] | bytes[6] | bytes[7]) != 0;
}

/* A mark can be cut where the bytes of a row go on in another page: then what follows is no mark. */
static int is_mark(const char *at)
{
    for (int digit = 0; digit < MARK_DIGITS; digit++)
        if (at[digit] < '0' || at[digit] > '9')
            return 0;
    return 1;
}

static void tell_write(int fd, const void *bytes, size_t length, off_t offset)
{
    int before = errno;
    const char *file = file_of(fd);
    if (file != NULL) {
        char line[LINE];
        int used = snprintf(line, sizeof line, "W %s %lld %zu %d", file, (long long)offset, length,
                            ends_transaction(file, bytes, length, offset));
        const char *at = bytes, *end = at + length;
        while ((at = memmem(at, (size_t)(end - at), MARK, strlen(MARK))) != NULL) {
            at += strlen(MARK);
            if (end - at < MARK_DIGITS || used > LINE - 2 * MARK_DIGITS)
                break;
            if (is_mark(at))
                used += snprintf(line + used, sizeof line - (size_t)used, " %.*s", MARK_DIGITS, at);
        }
        line[used++] = '\n';
        tell(line, used);
    }
    errno = before;
}

static void tell_answer(int fd, const void *bytes, size_t length)
{
    int before = errno;
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    const char *at = bytes;
    if (report >= 0 && length >= strlen(ANSWER) + 3 && memcmp(at, ANSWER, strlen(ANSWER)) == 0
        && getpeername(fd, (struct sockaddr *)&peer, &size) == 0
        && (peer.ss_family == AF_INET || peer.ss_family == AF_INET6)) {
        /* The port stands at the same place in both kinds of address. */
        unsigned port = ntohs(((struct sockaddr_in *)&peer)->sin_port);
        char line[64];
        tell(line, snprintf(line, sizeof line, "A %u %.3s\n", port, at + strlen(ANSWER)));
    }
    errno = before;
}

static void tell_answers(int fd, const struct iovec *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tell_answer(fd, parts[i].iov_base, parts[i].iov_len);
}

static void tell_writes(int fd, const struct iovec *parts, size_t count, off_t offset)
{
    for (size_t i = 0; i < count; offset += (off_t)parts[i].iov_len, i++)
        tell_write(fd, parts[i].iov_base, parts[i].iov_len, offset);
}

static off_t position(int fd)
{
    int before = errno;
    off_t offset = lseek(fd, 0, SEEK_CUR);
    errno = before;
    return offset;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    tell_answer(fd, bytes, length);
    ssize_t written = syscall(SYS_write, fd, bytes, length);
    if (written > 0)
        tell_write(fd, bytes, (size_t)written, position(fd) - written);
    return written;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    tell_answers(fd, parts, (size_t)count);
    ssize_t written = syscall(SYS_writev, fd, parts, count);
    if (written > 0)
        tell_writes(fd, parts, (size_t)count, position(fd) - written);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    ssize_t written = syscall(SYS_pwrite64, fd, bytes, length, offset);
    if (written > 0)
        tell_write(fd, bytes, (size_t)written, offset);
    return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
    return pwrite(fd, bytes, length, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    ssize_t written = syscall(SYS_pwritev, fd, parts, count, offset, 0);
    if (written > 0)
        tell_writes(fd, parts, (size_t)count, offset);
    return written;
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset)
{
    return pwritev(fd, parts, count, offset);
}

ssize_t sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size)
{
    tell_answer(fd, bytes, length);
    return syscall(SYS_sendto, fd, bytes, length, flags, to, size);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
    return sendto(fd, bytes, length, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    tell_answers(fd, message->msg_iov, message->msg_iovlen);
    return syscall(SYS_sendmsg, fd, message, flags);
}

static int reported_sync(long call, int fd)
{
    const char *file = file_of(fd);
    if (file == NULL)
        return (int)syscall(call, fd);
    char line[64];
    long thread = syscall(SYS_gettid);
    tell(line, snprintf(line, sizeof line, "B %ld %s\n", thread, file));
    int result = -1;
    if (fault != NULL && syscall(SYS_faccessat, AT_FDCWD, fault, F_OK) == 0)
        errno = EIO;
    else
        result = (int)syscall(call, fd);
    int failure = result == 0 ? 0 : errno;
    tell(line, snprintf(line, sizeof line, "E %ld %s %d\n", thread, file, failure));
    errno = failure;
    return result;
}

int fsync(int fd)
{
    return reported_sync(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return reported_sync(SYS_fdatasync, fd);
}
