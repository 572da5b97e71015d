/*
 * Preloaded into a writer: notes in the file SHIM_LOG what a loss of power would leave. Lines: "S length path" after an
 * fsync of a file, "D path" after that of a folder, "R kept from to" for a rename ("kept" is where the replaced file is
 * kept, or "-"), "U kept path" for an unlink, "F" for a call that was made to fail. With SHIM_FAIL=fsync:N or write:N the Nth call and the nine after it fail,
 * with EIO and ENOSPC.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int kept_count;
static int calls;

static int log_fd(void) {
  static int fd = -1;
  if (fd < 0) fd = open(getenv("SHIM_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  return fd;
}

static const char *root(void) { return getenv("SHIM_ROOT"); }

static int concerns(const char *path) { return strncmp(path, root(), strlen(root())) == 0; }

static ssize_t (*real_write)(int, const void *, size_t);

static void note(const char *line) {
  if (real_write == NULL) real_write = dlsym(RTLD_NEXT, "write");
  if (real_write(log_fd(), line, strlen(line)) < 0) abort();
}

static int path_of(int fd, char *path, size_t size) {
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(name, path, size - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return concerns(path);
}

static int fails(const char *call, int error) {
  const char *fail = getenv("SHIM_FAIL");
  size_t length = strlen(call);
  if (fail == NULL || strncmp(fail, call, length) != 0 || fail[length] != ':') return 0;
  int at = atoi(fail + length + 1);
  int n = __sync_add_and_fetch(&calls, 1);
  if (n < at || n >= at + 10) return 0;
  note("F\n");
  errno = error;
  return 1;
}

static int synced(int fd, int (*real)(int)) {
  char path[4096], line[4200];
  if (!path_of(fd, path, sizeof path)) return real(fd);
  if (fails("fsync", EIO)) return -1;
  struct stat before;
  if (fstat(fd, &before) != 0 || real(fd) != 0) return -1;
  if (S_ISDIR(before.st_mode)) snprintf(line, sizeof line, "D %s\n", path);
  else snprintf(line, sizeof line, "S %lld %s\n", (long long)before.st_size, path);
  note(line);
  return 0;
}

int fsync(int fd) { return synced(fd, dlsym(RTLD_NEXT, "fsync")); }
int fdatasync(int fd) { return synced(fd, dlsym(RTLD_NEXT, "fdatasync")); }

ssize_t write(int fd, const void *bytes, size_t length) {
  char path[4096];
  if (real_write == NULL) real_write = dlsym(RTLD_NEXT, "write");
  if (getenv("SHIM_FAIL") != NULL && path_of(fd, path, sizeof path) && fails("write", ENOSPC)) return -1;
  return real_write(fd, bytes, length);
}

/* What LevelDB writes by. Optimizing compilers have a macro of that name. */
#undef fwrite_unlocked
size_t fwrite_unlocked(const void *bytes, size_t size, size_t count, FILE *file) {
  static size_t (*real)(const void *, size_t, size_t, FILE *);
  char path[4096];
  if (real == NULL) real = dlsym(RTLD_NEXT, "fwrite_unlocked");
  if (getenv("SHIM_FAIL") != NULL && path_of(fileno(file), path, sizeof path) && fails("write", ENOSPC)) return 0;
  return real(bytes, size, count, file);
}

/* A second name for a file that is about to be replaced or deleted. */
static void keep(const char *path, char *kept, size_t size) {
  snprintf(kept, size, "%s/.kept-%d-%d", root(), (int)getpid(), kept_count++);
  if (link(path, kept) != 0) strcpy(kept, "-");
}

int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  if (!concerns(from)) return real(from, to);
  char kept[4096], line[12600];
  pthread_mutex_lock(&lock);
  keep(to, kept, sizeof kept);
  int result = real(from, to);
  if (result == 0) {
    snprintf(line, sizeof line, "R %s %s %s\n", kept, from, to);
    note(line);
  }
  pthread_mutex_unlock(&lock);
  return result;
}

int unlink(const char *path) {
  int (*real)(const char *) = dlsym(RTLD_NEXT, "unlink");
  if (!concerns(path)) return real(path);
  char kept[4096], line[8400];
  pthread_mutex_lock(&lock);
  keep(path, kept, sizeof kept);
  int result = real(path);
  if (result == 0) {
    snprintf(line, sizeof line, "U %s %s\n", kept, path);
    note(line);
  }
  pthread_mutex_unlock(&lock);
  return result;
}
