/* A library to preload: calls of one kind fail from the n-th on, here or in a child that is started.

   FAILING_CALLS=KIND:AFTER:ERRNO:ONCE arms it in a process that starts with it; failing_calls_arm() in one that runs. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static char kind[32];
static long left = -1; /* calls until one fails; -1: none ever does */
static int number, once;
static char for_child[128]; /* FAILING_CALLS=… of the child that is to be spoiled */
static long children = -1;

void failing_calls_arm(const char *name, long after, int error, int just_once) {
  snprintf(kind, sizeof kind, "%s", name);
  number = error, once = just_once, left = after;
}

void failing_calls_arm_child(const char *setting, long which) {
  snprintf(for_child, sizeof for_child, "FAILING_CALLS=%s", setting);
  children = which;
}

static int fails(const char *name) {
  if (left < 0 || strcmp(kind, name)) return 0;
  if (left > 0) return left--, 0;
  if (once) left = -1;
  errno = number;
  return 1;
}

__attribute__((constructor)) static void begin(void) {
  const char *setting = getenv("FAILING_CALLS");
  if (!setting || sscanf(setting, "%31[a-z]:%ld:%d:%d", kind, &left, &number, &once) != 4) return;
  unsetenv("LD_PRELOAD");
  if (!strcmp(kind, "hang")) for (;;) pause();
  if (!strcmp(kind, "die") && !left) raise(number);
}

#define CALL(type, name, group, parameters, arguments, bad) \
  type name parameters { \
    static type (*real) parameters; \
    if (!real) real = (type(*) parameters)dlsym(RTLD_NEXT, #name); \
    if (fails(group)) return bad; \
    return real arguments; \
  }

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    static int (*real)(const char *, int, ...); \
    if (!real) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (fails("open")) return -1; \
    return real(path, flags, mode); \
  }
#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    static int (*real)(int, const char *, int, ...); \
    if (!real) real = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, #name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (fails("open")) return -1; \
    return real(folder, path, flags, mode); \
  }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
CALL(ssize_t, read, "read", (int a, void *b, size_t c), (a, b, c), -1)
CALL(ssize_t, pread64, "read", (int a, void *b, size_t c, off64_t d), (a, b, c, d), -1)
CALL(int, fstat, "stat", (int a, struct stat *b), (a, b), -1)
CALL(int, fstat64, "stat", (int a, struct stat64 *b), (a, b), -1)
CALL(int, stat, "stat", (const char *a, struct stat *b), (a, b), -1)
CALL(int, stat64, "stat", (const char *a, struct stat64 *b), (a, b), -1)
CALL(int, lstat, "stat", (const char *a, struct stat *b), (a, b), -1)
CALL(int, lstat64, "stat", (const char *a, struct stat64 *b), (a, b), -1)
CALL(int, fstatat, "stat", (int f, const char *a, struct stat *b, int c), (f, a, b, c), -1)
CALL(int, fstatat64, "stat", (int f, const char *a, struct stat64 *b, int c), (f, a, b, c), -1)
CALL(DIR *, opendir, "list", (const char *a), (a), NULL)
CALL(struct dirent64 *, readdir64, "list", (DIR *a), (a), NULL)
CALL(struct dirent *, readdir, "list", (DIR *a), (a), NULL)
CALL(ssize_t, readlink, "link", (const char *a, char *b, size_t c), (a, b, c), -1)
CALL(int, fsync, "sync", (int a), (a), -1)
CALL(int, fdatasync, "sync", (int a), (a), -1)
CALL(int, rename, "rename", (const char *a, const char *b), (a, b), -1)
CALL(int, unlink, "unlink", (const char *a), (a), -1)
CALL(int, mkdir, "mkdir", (const char *a, mode_t b), (a, b), -1)
CALL(int, pipe, "pipe", (int a[2]), (a), -1)
CALL(int, pipe2, "pipe", (int a[2], int b), (a, b), -1)
CALL(pid_t, fork, "fork", (void), (), -1)
CALL(void *, mmap64, "map", (void *a, size_t b, int c, int d, int e, off64_t f), (a, b, c, d, e, f), MAP_FAILED)

ssize_t write(int where, const void *data, size_t length) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  if (fails("write")) return -1;
  if (fails("die")) raise(number);
  if (length && fails("noise")) { /* one bit of what is written is another */
    char *changed = malloc(length);
    memcpy(changed, data, length);
    changed[number % length] ^= 1;
    ssize_t done = real(where, changed, length);
    free(changed);
    return done;
  }
  return real(where, data, length);
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]) {
  static int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                     char *const[], char *const[]);
  if (!real) real = dlsym(RTLD_NEXT, "posix_spawn");
  if (fails("spawn")) return number;
  if (children < 0 || children--) return real(pid, path, actions, attributes, argv, envp);
  Dl_info self;
  int count = 0;
  while (envp[count]) count++;
  char *with[count + 3], preload[4200];
  memcpy(with, envp, count * sizeof *envp);
  dladdr((void *)failing_calls_arm, &self);
  snprintf(preload, sizeof preload, "LD_PRELOAD=%s", self.dli_fname);
  with[count] = preload, with[count + 1] = for_child, with[count + 2] = NULL;
  return real(pid, path, actions, attributes, argv, with);
}
