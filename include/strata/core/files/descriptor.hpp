// SPDX-License-Identifier: MIT
// An open file, closed at the end of its scope, and the lock on its descriptor.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>

namespace strata::core::detail {

struct Descriptor {
  int number = -1;
  explicit Descriptor(int fd) : number(fd) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  int close() {
    const int fd = number;
    number = -1;
    return fd >= 0 ? ::close(fd) : 0;
  }
};

inline std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

enum class Lock { held, elsewhere, impossible };  ///< impossible: the file system has no locks

/// Tries to lock an open file or folder, without waiting. The lock is released when the last descriptor of that open()
/// is closed or the process ends, for whatever reason.
inline Lock try_lock(int fd) {
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    return errno == EWOULDBLOCK ? Lock::elsewhere : Lock::impossible;
  }
  return Lock::held;
}

/// Whether `path` still names the open file; links are not followed.
inline bool is_at(int fd, const std::string& path) {
  struct stat open, named;
  return ::fstat(fd, &open) == 0 && ::lstat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
         open.st_ino == named.st_ino;
}

/// Writes all bytes, in parts where the system takes them so; false, with errno, if that fails.
inline bool written(int fd, const void* data, std::size_t size) {
  constexpr std::size_t most = std::size_t(1) << 30;  // at once
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t put = ::write(fd, at, size < most ? size : most);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    at += put;
    size -= std::size_t(put);
  }
  return true;
}

/// fsync; true also if the file system does not support it.
inline bool synced(int fd) {
  while (::fsync(fd) != 0) {
    if (errno == EINTR) continue;
    return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
  }
  return true;
}

}  // namespace strata::core::detail
