/* A directory with room for so many bytes only: loaded before a program (LD_PRELOAD), it lets writes fail with
 * "No space left on device" when the files below the directory would grow beyond the limit.
 *
 * DDM_SMALL_DISK names a file with two lines, bytes and directory; it is read at each write that grows a file,
 * so the limit can be changed. What was there when the program began counts nothing. As on a real disk, a write
 * that fits in part is done in part, and what is removed or made shorter gives its room back. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long long used;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* The limit, and the directory. Returns 0 if there is none. */
static int setting(long long *limit, char *directory)
{
    const char *file = getenv("DDM_SMALL_DISK");
    char text[PATH_MAX + 32];
    int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) return 0;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    if (got <= 0) return 0;
    text[got] = 0;
    return sscanf(text, "%lld\n%4095[^\n]", limit, directory) == 2;
}

static int below(const char *path, const char *directory)
{
    size_t length = strlen(directory);
    return !strncmp(path, directory, length) && (path[length] == '/' || !path[length]);
}

static int is_ours(int fd, const char *directory, struct stat *now)
{
    char link[64], path[PATH_MAX];
    if (fstat(fd, now) || !S_ISREG(now->st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t got = readlink(link, path, sizeof path - 1);
    if (got <= 0) return 0;
    path[got] = 0;
    return below(path, directory);
}

/* How many of the bytes to be written at an offset have room; they are taken. -1: none. */
static ssize_t room(int fd, size_t count, off_t at)
{
    long long limit;
    char directory[PATH_MAX];
    struct stat now;
    int before = errno;
    ssize_t can = count;
    if (count && setting(&limit, directory) && is_ours(fd, directory, &now)) {
        if (at < 0) at = fcntl(fd, F_GETFL) & O_APPEND ? now.st_size : lseek(fd, 0, SEEK_CUR);
        pthread_mutex_lock(&lock);
        long long grows = at + (long long)count - now.st_size, left = limit - used;
        if (grows > 0) {
            if (left < 0) left = 0;
            if (grows > left) {
                can -= grows - left;
                grows = left;
            }
            used += can > 0 ? grows : 0;
        }
        pthread_mutex_unlock(&lock);
    }
    errno = before;
    if (can > 0 || !count) return can;
    errno = ENOSPC;
    return -1;
}

static void give_back(long long size)
{
    pthread_mutex_lock(&lock);
    used -= size < used ? size : used;
    pthread_mutex_unlock(&lock);
}

ssize_t write(int fd, const void *data, size_t count)
{
    ssize_t can = room(fd, count, -1);
    return can < 0 ? -1 : REAL(write)(fd, data, can);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at)
{
    ssize_t can = room(fd, count, at);
    return can < 0 ? -1 : REAL(pwrite)(fd, data, can, at);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at)
{
    return pwrite(fd, data, count, at);
}

static ssize_t several(int fd, const struct iovec *parts, int count, off_t at)
{
    ssize_t all = 0;
    for (int n = 0; n < count; n++) {
        ssize_t done = at < 0 ? write(fd, parts[n].iov_base, parts[n].iov_len)
                              : pwrite(fd, parts[n].iov_base, parts[n].iov_len, at + all);
        if (done < 0) return all ? all : -1;
        all += done;
        if ((size_t)done < parts[n].iov_len) break;
    }
    return all;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    struct stat now;
    if (fstat(fd, &now) || !S_ISREG(now.st_mode)) return REAL(writev)(fd, parts, count);
    return several(fd, parts, count, -1);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return several(fd, parts, count, at); }

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return several(fd, parts, count, at); }

/* The kernel copies within files that have room for all of it, or not at all. */
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t count, unsigned flags)
{
    ssize_t can = room(out, count, to ? *to : -1);
    return can < 0 ? -1 : REAL(copy_file_range)(in, from, out, to, can, flags);
}

int ftruncate(int fd, off_t size)
{
    long long limit;
    char directory[PATH_MAX];
    struct stat now;
    if (setting(&limit, directory) && is_ours(fd, directory, &now) && size < now.st_size)
        give_back(now.st_size - size);
    return REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

static void removed(int at, const char *path)
{
    long long limit;
    char directory[PATH_MAX], whole[PATH_MAX];
    struct stat now;
    if (!setting(&limit, directory) || fstatat(at, path, &now, AT_SYMLINK_NOFOLLOW) || now.st_nlink != 1) return;
    if (S_ISREG(now.st_mode) && realpath(path, whole) && below(whole, directory)) give_back(now.st_size);
}

int unlink(const char *path)
{
    removed(AT_FDCWD, path);
    return REAL(unlink)(path);
}

int unlinkat(int at, const char *path, int flags)
{
    if (at == AT_FDCWD && !flags) removed(at, path);
    return REAL(unlinkat)(at, path, flags);
}

int close(int fd)
{
    long long limit;
    char directory[PATH_MAX];
    struct stat now;
    if (!fstat(fd, &now) && S_ISREG(now.st_mode) && !now.st_nlink && setting(&limit, directory)
        && is_ours(fd, directory, &now))
        give_back(now.st_size); /* a file without a name goes with its last descriptor */
    return REAL(close)(fd);
}
