// SPDX-License-Identifier: MIT
// A library that is loaded before the system's (LD_PRELOAD) and makes one call fail, as a full or broken disk would.
// The environment says which; failing_calls.hpp sets it.
//   STRATA_FAIL_BELOW    only calls on paths with this prefix, and on files opened there to be written or synced
//   STRATA_FAIL_CALL     open, write, fsync, close, rename, unlink or mkdir
//   STRATA_FAIL_AT       which of these calls fails, counted from 1; 0: none
//   STRATA_FAIL_ERROR    its errno
//   STRATA_FAIL_ONWARDS  if set, all later ones fail too
//   STRATA_FAIL_COUNTS   a file for the number of calls of each kind, in the order above
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>

namespace {

enum Call { open_call, write_call, fsync_call, close_call, rename_call, unlink_call, mkdir_call, calls };
constexpr const char* names[calls] = {"open", "write", "fsync", "close", "rename", "unlink", "mkdir"};

std::atomic<int> counts[calls];
std::atomic<bool> watched[4096];

const char* variable(const char* name) {
  const char* const value = getenv(name);
  return value ? value : "";
}

bool is_below(const char* path) {
  const char* const folder = variable("STRATA_FAIL_BELOW");
  return *folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

/// Counts a call, and returns whether it fails; then errno is set.
bool fails(Call call) {
  const int number = ++counts[call], at = atoi(variable("STRATA_FAIL_AT"));
  if (at == 0 || strcmp(variable("STRATA_FAIL_CALL"), names[call]) != 0) return false;
  if (number != at && !(number > at && *variable("STRATA_FAIL_ONWARDS"))) return false;
  errno = atoi(variable("STRATA_FAIL_ERROR"));
  return true;
}

bool is_watched(int file) { return file >= 0 && file < 4096 && watched[file]; }
void watch(int file, bool on) {
  if (file >= 0 && file < 4096) watched[file] = on;
}

template <class F>
F* real_function(const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

int open_watched(const char* path, int flags, mode_t mode) {
  static auto* const real = real_function<int(const char*, int, ...)>("open");
  const bool counted = is_below(path) && ((flags & O_ACCMODE) != O_RDONLY || (flags & O_DIRECTORY) != 0);
  if (counted && fails(open_call)) return -1;
  const int file = real(path, flags, mode);
  watch(file, counted);
  return file;
}

struct Report {
  ~Report() {
    const char* const path = variable("STRATA_FAIL_COUNTS");
    FILE* const out = *path ? fopen(path, "w") : nullptr;
    if (!out) return;
    for (const std::atomic<int>& count : counts) fprintf(out, "%d\n", count.load());
    fclose(out);
  }
} report;

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_watched(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_watched(path, flags, mode);
}
ssize_t write(int file, const void* data, size_t size) {
  static auto* const real = real_function<ssize_t(int, const void*, size_t)>("write");
  return is_watched(file) && fails(write_call) ? -1 : real(file, data, size);
}
int fsync(int file) {
  static auto* const real = real_function<int(int)>("fsync");
  return is_watched(file) && fails(fsync_call) ? -1 : real(file);
}
int close(int file) {
  static auto* const real = real_function<int(int)>("close");
  const bool failing = is_watched(file) && fails(close_call);
  const int error = errno;
  watch(file, false);
  const int status = real(file);  // a close that fails still closes
  if (failing) errno = error;
  return failing ? -1 : status;
}
int rename(const char* from, const char* to) noexcept {
  static auto* const real = real_function<int(const char*, const char*)>("rename");
  return is_below(to) && fails(rename_call) ? -1 : real(from, to);
}
int unlink(const char* path) noexcept {
  static auto* const real = real_function<int(const char*)>("unlink");
  return is_below(path) && fails(unlink_call) ? -1 : real(path);
}
int mkdir(const char* path, mode_t mode) noexcept {
  static auto* const real = real_function<int(const char*, mode_t)>("mkdir");
  return is_below(path) && fails(mkdir_call) ? -1 : real(path, mode);
}

}  // extern "C"
