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
#include <strata/core/error.hpp>
#include <strata/core/files/descriptor.hpp>
#include <strata/core/files/file_writer.hpp>

namespace strata::core {

using Bytes = std::vector<unsigned char>;

/// Whether there is something at `path`, after following links, that is not a folder.
inline bool file_exists(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
}

namespace detail {

/// Throws Error if the file is not a regular one: opening a pipe may block forever, and a device may do anything.
[[gnu::cold]] inline void require_regular(const std::string& path, mode_t mode) {
  if (S_ISREG(mode)) return;
  throw Error(path, ": is ",
              S_ISDIR(mode)    ? "a folder"
              : S_ISFIFO(mode) ? "a pipe"
              : S_ISSOCK(mode) ? "a socket"
                               : "a device",
              ", not a file; give the path of a file");
}

/// Resizes `bytes` to `size`. Throws Error if the machine has too little memory.
[[gnu::cold]] inline void make_room(Bytes& bytes, std::size_t size, const std::string& path) {
  constexpr std::size_t small = std::size_t(1) << 26;  // too small to check what is free
  const double gigabyte = 1e9;
  const long available = size < small ? -1 : available_memory();
  if (available >= 0 && size > std::size_t(available))
    throw Error(path, ": holds ", double(size) / gigabyte, " GB, but only ", double(available) / gigabyte,
                " GB of memory are free; give a smaller file or free some memory");
  try {
    bytes.resize(size);
  } catch (const std::exception&) {  // bad_alloc under a process limit, or length_error
    throw Error(path, ": holds ", double(size) / gigabyte,
                " GB, which is more memory than this process can get; give a smaller file");
  }
}

}  // namespace detail

/// Returns all bytes of a regular file. Throws Error if it cannot be read or does not fit into memory.
[[gnu::cold]] inline Bytes read_file(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0) detail::require_regular(path, status.st_mode);
  const detail::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.number < 0) throw Error(path, ": cannot be opened: ", core::reason(errno));
  if (::fstat(file.number, &status) != 0) throw Error(path, ": cannot be read: ", core::reason(errno));
  detail::require_regular(path, status.st_mode);  // the path may name another file by now
  Bytes bytes;
  detail::make_room(bytes, status.st_size > 0 ? std::size_t(status.st_size) : 0, path);
  std::size_t filled = 0;
  for (;;) {
    unsigned char next;  // when full, read one more byte: the file may have grown or report size 0 (/proc)
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

}  // namespace strata::core
