// SPDX-License-Identifier: MIT
// Whole files: read at once, written in one piece (file_writer.hpp).
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <strata/core/available_memory.hpp>
#include <strata/core/descriptor.hpp>
#include <strata/core/error.hpp>
#include <strata/core/file_writer.hpp>

namespace strata {

using Bytes = std::vector<unsigned char>;

inline bool file_exists(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
}

namespace detail {

/// Refuses what is not a regular file: opening a pipe may wait forever, a device may do anything.
[[gnu::cold]] inline void require_regular(const std::string& path, mode_t mode) {
  if (S_ISREG(mode)) return;
  throw Error(path, ": is ",
              S_ISDIR(mode)    ? "a folder"
              : S_ISFIFO(mode) ? "a pipe"
              : S_ISSOCK(mode) ? "a socket"
                               : "a device",
              ", not a file; give the path of a file");
}

/// Makes room for `size` bytes of the file, where the machine has it.
[[gnu::cold]] inline void make_room(Bytes& bytes, std::size_t size, const std::string& path) {
  constexpr std::size_t small = std::size_t(1) << 26;  // not worth a look at what is free
  const double gigabyte = 1e9;
  const long available = size < small ? -1 : available_memory();
  if (available >= 0 && size > std::size_t(available))
    throw Error(path, ": holds ", double(size) / gigabyte, " GB, and ", double(available) / gigabyte,
                " GB of memory are free; give a smaller file or free some memory");
  try {
    bytes.resize(size);
  } catch (const std::exception&) {  // bad_alloc under a limit of the process, length_error
    throw Error(path, ": holds ", double(size) / gigabyte,
                " GB, which this process gets no memory for; give a smaller file");
  }
}

}  // namespace detail

/// All bytes of a regular file.
[[gnu::cold]] inline Bytes read_file(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0) detail::require_regular(path, status.st_mode);
  const detail::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.number < 0) throw Error(path, ": cannot be opened: ", core::reason(errno));
  if (::fstat(file.number, &status) != 0) throw Error(path, ": cannot be read: ", core::reason(errno));
  detail::require_regular(path, status.st_mode);  // another one, maybe, than was looked at before
  Bytes bytes;
  detail::make_room(bytes, status.st_size > 0 ? std::size_t(status.st_size) : 0, path);
  std::size_t filled = 0;
  for (;;) {
    unsigned char next;  // where the bytes are full, one more tells whether the file grew, or has no size, as in /proc
    const bool full = filled == bytes.size();
    const ssize_t got = ::read(file.number, full ? &next : bytes.data() + filled, full ? 1 : bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(path, ": cannot be read: ", core::reason(errno));
    if (got == 0) break;
    if (full) {
      detail::make_room(bytes, filled + filled / 2 + 4096, path);
      bytes[filled] = next;
    }
    filled += std::size_t(got);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace strata
