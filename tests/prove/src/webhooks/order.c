// Loaded into the receiver by LD_PRELOAD. Notes in a file, in their order: requests that were read from a socket (R), the
// begin and the end of each synchronisation of the inbox's write-ahead log (B and S) or of its database (b and s), and
// acknowledgements, before they are sent (A). SIGKILL leaves the kernel's cache alone, so it does not tell whether an
// acknowledged event would survive a power loss; this order does.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int notes = -1;

__attribute__((constructor)) static void open_notes(void) {
    const char *path = getenv("WEBHOOK_ORDER_NOTES");
    if (path != NULL) notes = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

// The kernel appends one line after another: their order in the file is the order of the calls.
static void note(char what, int fd) {
    char line[32];
    int length = snprintf(line, sizeof line, "%c %d\n", what, fd);
    if (notes >= 0 && syscall(SYS_write, notes, line, (size_t)length) != length) abort();
}

static int starts(const void *data, size_t length, const char *with) {
    size_t wanted = strlen(with);
    return length >= wanted && memcmp(data, with, wanted) == 0;
}

static ssize_t received(int fd, const void *data, ssize_t length) {
    if (length > 0 && starts(data, (size_t)length, "POST ")) note('R', fd);
    return length;
}

static void sending(int fd, const void *data, size_t length) {
    if (starts(data, length, "HTTP/1.1 200")) note('A', fd);
}

static void sending_first(int fd, const struct iovec *parts, size_t count) {
    for (size_t part = 0; part < count; part++) {
        if (parts[part].iov_len == 0) continue;
        sending(fd, parts[part].iov_base, parts[part].iov_len);
        return;
    }
}

// 'B' for the write-ahead log, 'b' for the database, 0 for any other file.
static char synchronised(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    const char *name = strrchr(path, '/');
    if (name == NULL) return 0;
    return strcmp(name, "/inbox.db-wal") == 0 ? 'B' : strcmp(name, "/inbox.db") == 0 ? 'b' : 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int synchronise(int fd, int (*real)(int)) {
    char what = synchronised(fd);
    if (what) note(what, fd);
    int failed = real(fd);
    // What fails has no end.
    if (what && !failed) note(what == 'B' ? 'S' : 's', fd);
    return failed;
}

int fsync(int fd) { return synchronise(fd, REAL(fsync)); }

int fdatasync(int fd) { return synchronise(fd, REAL(fdatasync)); }

ssize_t read(int fd, void *data, size_t length) {
    return received(fd, data, REAL(read)(fd, data, length));
}

ssize_t recv(int fd, void *data, size_t length, int flags) {
    return received(fd, data, REAL(recv)(fd, data, length, flags));
}

ssize_t recvfrom(int fd, void *data, size_t length, int flags, __SOCKADDR_ARG from, socklen_t *from_length) {
    return received(fd, data, REAL(recvfrom)(fd, data, length, flags, from, from_length));
}

ssize_t write(int fd, const void *data, size_t length) {
    sending(fd, data, length);
    return REAL(write)(fd, data, length);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (count > 0) sending_first(fd, parts, (size_t)count);
    return REAL(writev)(fd, parts, count);
}

ssize_t send(int fd, const void *data, size_t length, int flags) {
    sending(fd, data, length);
    return REAL(send)(fd, data, length, flags);
}

ssize_t sendto(int fd, const void *data, size_t length, int flags, __CONST_SOCKADDR_ARG to, socklen_t to_length) {
    sending(fd, data, length);
    return REAL(sendto)(fd, data, length, flags, to, to_length);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    sending_first(fd, message->msg_iov, message->msg_iovlen);
    return REAL(sendmsg)(fd, message, flags);
}
