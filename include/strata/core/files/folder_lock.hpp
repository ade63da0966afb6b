// SPDX-License-Identifier: MIT
// Lets one program at a time write into a folder; another one learns who holds the lock.
#pragma once

#include <limits.h>
#include <time.h>

#include <string>

#include <strata/core/error.hpp>
#include <strata/core/files/descriptor.hpp>
#include <strata/core/files/leftovers.hpp>
#include <strata/core/text/printable.hpp>

namespace strata::core {

/// A locked file, by default FOLDER/.strata.lock, that names its holder: process, host and start time. It is removed
/// with the lock; a killed program leaves the file, but unlocked. On a file system without locks, this excludes no one.
class FolderLock {
 public:
  /// Throws Error if another program holds the lock or the file cannot be written.
  explicit FolderLock(const std::string& folder) : FolderLock(folder, folder + "/.strata.lock") {}
  FolderLock(const std::string& folder, const std::string& path) : path_(path), file_(open(folder)) {}
  FolderLock(const FolderLock&) = delete;
  ~FolderLock() {
    if (detail::is_at(file_.number, path_)) ::unlink(path_.c_str());
  }

 private:
  int open(const std::string& folder) const {
    for (int attempt = 0; attempt < 100; attempt++) {
      const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
      if (fd < 0)
        throw Error(folder, ": cannot be written: ", path_, ": ", core::reason(errno), "; give another folder");
      detail::Descriptor file(fd);
      struct stat status;
      if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        throw Error(folder, ": cannot be written: ", path_, " is not a regular file; remove it");
      if (detail::try_lock(fd) == detail::Lock::elsewhere)
        throw Error(folder, ": another program is writing there (", holder(fd),
                    "); wait for it to end, or give another folder");
      if (!detail::is_at(fd, path_)) continue;  // the previous holder removed it between our open and our lock
      sign(fd, folder);
      file.number = -1;
      return fd;
    }
    throw Error(folder, ": cannot be written: ", path_, " keeps being replaced; give another folder");
  }
  void sign(int fd, const std::string& folder) const {
    char host[HOST_NAME_MAX + 1] = "unknown", start[40] = "unknown";
    ::gethostname(host, sizeof host - 1);
    const time_t now = ::time(nullptr);
    tm utc;
    if (::gmtime_r(&now, &utc)) ::strftime(start, sizeof start, "%Y-%m-%d %H:%M:%S UTC", &utc);
    const std::string text = sentence("process ", int(::getpid()), " on ", host, " since ", start, "\n");
    if (::ftruncate(fd, 0) == 0 && ::pwrite(fd, text.data(), text.size(), 0) == ssize_t(text.size())) return;
    const int error = errno;
    ::unlink(path_.c_str());
    throw Error(folder, ": cannot be written: ", path_, ": ", core::reason(error), "; give another folder");
  }
  /// What the lock's holder wrote: untrusted bytes, made printable.
  static std::string holder(int fd) {
    char text[300];
    const ssize_t size = ::pread(fd, text, sizeof text, 0);
    const std::string_view line(text, size > 0 ? std::size_t(size) : 0);
    const std::string who = core::printable(line.substr(0, line.find('\n')));
    return who.empty() ? "it does not say who" : who;
  }

  std::string path_;
  detail::Descriptor file_;
};

}  // namespace strata::core
