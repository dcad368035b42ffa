/*
 * Adds a millisecond to each sync of a file, as a slower disk would. Preloaded into the server that syncs.
 *
 * The time is added before the system call, and the thread sleeps: a disk keeps no processor busy.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int slowly(long number, int fd)
{
    const struct timespec millisecond = {0, 1000000};
    nanosleep(&millisecond, NULL);
    return (int)syscall(number, fd);
}

int fsync(int fd)
{
    return slowly(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return slowly(SYS_fdatasync, fd);
}
