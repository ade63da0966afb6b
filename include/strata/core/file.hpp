// SPDX-License-Identifier: MIT
// Whole files: read at once; written so that the path holds either what was there before or all that is new. The writer
// goes to a temporary file beside the path, syncs it and renames it.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include <strata/core/error.hpp>

namespace strata {

using Bytes = std::vector<unsigned char>;

inline bool file_exists(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
}

namespace detail {

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

}  // namespace detail

/// All bytes of a regular file.
inline Bytes read_file(const std::string& path) {
  detail::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number < 0) throw Error(path, ": cannot be opened: ", std::strerror(errno));
  struct stat status;
  if (::fstat(file.number, &status) != 0) throw Error(path, ": cannot be read: ", std::strerror(errno));
  if (S_ISDIR(status.st_mode)) throw Error(path, ": is a folder, not a file");
  Bytes bytes(status.st_size > 0 ? std::size_t(status.st_size) : 0);
  std::size_t filled = 0;
  for (;;) {
    if (filled == bytes.size()) {  // grown since fstat, or of unknown size as in /proc; one byte more tells
      unsigned char next;
      const ssize_t got = ::read(file.number, &next, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw Error(path, ": cannot be read: ", std::strerror(errno));
      if (got == 0) return bytes;
      bytes.push_back(next);
      filled++;
      continue;
    }
    const ssize_t got = ::read(file.number, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(path, ": cannot be read: ", std::strerror(errno));
    if (got == 0) {
      bytes.resize(filled);
      return bytes;
    }
    filled += std::size_t(got);
  }
}

/// Writes `path` in one piece: nothing is seen of it before commit(), and nothing is left of it without.
class FileWriter {
 public:
  explicit FileWriter(const std::string& path)
      : path_(path), temporary_(path + ".tmp-" + std::to_string(::getpid())), file_(open()) {}
  FileWriter(const FileWriter&) = delete;
  ~FileWriter() {
    if (!committed_) ::unlink(temporary_.c_str());
  }

  void write(const void* data, std::size_t size) {
    const char* at = static_cast<const char*>(data);
    while (size > 0) {
      const ssize_t put = ::write(file_.number, at, size < chunk ? size : chunk);
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) fail("cannot be written");
      at += put;
      size -= std::size_t(put);
    }
  }

  /// Syncs and puts the file in place of what was there.
  void commit() {
    if (::fsync(file_.number) != 0 && errno != EINVAL) fail("cannot be synced to the disk");
    if (file_.close() != 0) fail("cannot be closed");
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot be put in place");
    committed_ = true;
    detail::Descriptor folder(::open(detail::folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number >= 0) ::fsync(folder.number);  // the rename itself; not every file system can
  }

 private:
  static constexpr std::size_t chunk = std::size_t(1) << 30;

  int open() const {
    struct stat status;
    if (::stat(path_.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
      throw Error(path_, ": is no regular file, so it is not written over; give the path of a file");
    const int fd = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) fail("cannot be created");
    return fd;
  }
  [[noreturn]] void fail(const char* what) const {
    throw Error(path_, ": ", what, ": ", std::strerror(errno), "; what was there before is unchanged");
  }

  std::string path_, temporary_;
  detail::Descriptor file_;
  bool committed_ = false;
};

/// The bytes of a string, a vector of bytes, ... as a file, in one piece.
template <class Contents>
void write_file(const std::string& path, const Contents& contents) {
  static_assert(sizeof(*contents.data()) == 1, "write_file writes bytes");
  FileWriter out(path);
  out.write(contents.data(), contents.size());
  out.commit();
}

}  // namespace strata
