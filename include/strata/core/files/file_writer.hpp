// SPDX-License-Identifier: MIT
// Atomic file writes: the path holds either the old content or all of the new, no matter who else writes it, what
// fails, or when the process ends. The data goes to a temporary file next to the path, which is synced and then
// renamed.
#pragma once

#include <limits.h>

#include <cstdio>
#include <cstring>
#include <string>

#include <strata/core/error.hpp>
#include <strata/core/files/descriptor.hpp>
#include <strata/core/files/leftovers.hpp>

namespace strata::core {

namespace detail {

/// The path that the links of `path` lead to; there need not be a file.
[[gnu::cold]] inline std::string followed(std::string path) {
  for (int links = 0; links < 40; links++) {
    char target[PATH_MAX];
    const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
    if (size < 0 || size == ssize_t(sizeof target)) return path;
    const std::string to(target, std::size_t(size));
    path = to.starts_with('/') ? to : folder_of(path) + "/" + to;
  }
  throw Error(path, ": is a circular link; give the path of a file");
}

/// Syncs a folder's entries; true also for a folder that this process may not read.
inline bool sync_folder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder.number < 0 ? errno == EACCES : synced(folder.number);
}

}  // namespace detail

/// Writes `path` atomically: nothing is visible before commit(), and nothing is left without it. The new file inherits
/// the owner, group and mode of the file that it replaces; links are followed. The constructor, write() and
/// commit() throw Error on failure.
class FileWriter {
 public:
  [[gnu::cold]] explicit FileWriter(const std::string& path) : path_(path), target_(target_of(path)), file_(open()) {}
  FileWriter(const FileWriter&) = delete;
  ~FileWriter() {
    if (!committed_) ::unlink(temporary_.c_str());
  }

  void write(const void* data, std::size_t size) {
    if (!detail::written(file_.number, data, size)) fail("cannot be written");
  }

  /// Syncs the file and moves it into place.
  [[gnu::cold]] void commit() {
    if (!detail::synced(file_.number)) fail("cannot be synced to the disk");
    if (replaces_) inherit();
    const detail::Descriptor lock(::fcntl(file_.number, F_DUPFD_CLOEXEC, 0));  // held until the file is in place
    if (lock.number < 0 || (file_.close() != 0 && errno != EINTR)) fail("cannot be closed");
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be moved into place");
    committed_ = true;
    if (!detail::sync_folder(detail::folder_of(target_)))
      throw Error(path_, ": was written, but its folder cannot be synced to the disk: ", core::reason(errno),
                  "; after a power failure, the previous content may be back");
  }

 private:
  std::string target_of(const std::string& path) {
    replaces_ = ::stat(path.c_str(), &replaced_) == 0;
    if (replaces_ && !S_ISREG(replaced_.st_mode))
      throw Error(path, ": is not a regular file, so it is not overwritten; give the path of a file");
    return detail::followed(path);
  }
  [[gnu::cold]] int open() {
    detail::remove_leftovers_of(target_);
    for (int attempt = 0; attempt < 100; attempt++) {
      temporary_ = detail::temporary_beside(target_);
      const int fd =
          ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, replaces_ ? 0600 : 0666);
      if (fd >= 0 && detail::claim(fd, temporary_)) return fd;
      if (fd >= 0) ::close(fd);
      else if (errno != EEXIST) break;
    }
    fail("cannot be created");
  }
  /// Takes over the owner, group and mode of the replaced file, as far as the system allows. If the group cannot be
  /// set, group permissions are dropped, so that no one gains access.
  void inherit() {
    mode_t mode = replaced_.st_mode & 0777;
    struct stat own;
    if (::fstat(file_.number, &own) != 0) return;
    const bool moved = own.st_uid != replaced_.st_uid || own.st_gid != replaced_.st_gid;
    if (moved && ::fchown(file_.number, replaced_.st_uid, replaced_.st_gid) != 0 && own.st_gid != replaced_.st_gid &&
        ::fchown(file_.number, uid_t(-1), replaced_.st_gid) != 0)
      mode &= ~mode_t(070);
    (void)::fchmod(file_.number, mode);
  }
  [[noreturn]] void fail(const char* what) const {
    throw Error(path_, ": ", what, ": ", core::reason(errno), "; what was there before is unchanged");
  }

  struct stat replaced_ {};
  bool replaces_ = false, committed_ = false;
  std::string path_, target_, temporary_;
  detail::Descriptor file_;
};

/// Writes a string, a vector of bytes, ... to a file atomically. Throws Error if that fails.
template <class Contents>
void write_file(const std::string& path, const Contents& contents) {
  static_assert(sizeof(*contents.data()) == 1, "strata: write_file writes bytes; convert the numbers first");
  FileWriter out(path);
  out.write(contents.data(), contents.size());
  out.commit();
}

}  // namespace strata::core
