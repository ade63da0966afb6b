// SPDX-License-Identifier: MIT
// Writes a folder of files atomically: it appears under its name only when complete, and leaves nothing otherwise.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>

#include <strata/core/files/file_writer.hpp>
#include <strata/core/files/folder_lock.hpp>

namespace strata::core {

/// Writes a folder that must be empty or absent; publish() moves it into place. Only one writer per folder at a time.
/// Everything but the destructor throws Error on failure.
class FolderWriter {
 public:
  explicit FolderWriter(const std::string& folder)
      : folder_(require_vacant(folder)), lock_(folder_, folder_ + ".lock"), temporary_(create()), held_(open()) {}
  FolderWriter(const FolderWriter&) = delete;
  ~FolderWriter() {
    if (!published_) remove(temporary_);
  }

  void add_folder(const std::string& name) const {
    std::error_code error;
    std::filesystem::create_directory(temporary_ + "/" + name, error);
    if (error) fail("cannot be written", error.value());
  }
  template <class Contents>
  void add_file(const std::string& name, const Contents& contents) const {
    try {
      write_file(temporary_ + "/" + name, contents);
    } catch (const Error& error) {
      throw Error(folder_, ": cannot be written, and nothing of it is kept: ", error.what());
    }
  }
  void publish() {
    if (::rename(temporary_.c_str(), folder_.c_str()) != 0) fail("cannot be moved into place", errno);
    published_ = true;
    if (!detail::sync_folder(detail::folder_of(folder_)))
      throw Error(folder_, ": was written, but its parent folder cannot be synced to the disk: ", core::reason(errno),
                  "; after a power failure, it may be gone");
  }

 private:
  static void remove(const std::string& path) {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  /// Follows links, strips trailing slashes and creates the parents. Throws Error unless the folder is empty or absent.
  static std::string require_vacant(std::string folder) {
    const auto trim = [](std::string path) {
      while (path.size() > 1 && path.back() == '/') path.pop_back();
      return path;
    };
    folder = detail::followed(trim(folder));
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(folder, error);
    const bool there = std::filesystem::exists(status);
    if (there && !std::filesystem::is_directory(status))
      throw Error(folder, ": is a file; give the path of a folder that is empty or does not exist yet");
    if (there && !std::filesystem::is_empty(folder, error))
      throw Error(folder, ": is not empty; give an empty or a new folder");
    std::filesystem::create_directories(detail::folder_of(folder), error);
    if (error) throw Error(folder, ": cannot be created: ", core::reason(error.value()), "; nothing of it is kept");
    return folder;
  }
  /// Creates the temporary folder next to the target, with the target's mode if it exists.
  std::string create() const {
    detail::remove_leftovers(detail::folder_of(folder_), folder_.substr(folder_.rfind('/') + 1), S_IFDIR, remove);
    struct stat status;
    const bool there = ::stat(folder_.c_str(), &status) == 0;
    std::string temporary = detail::temporary_beside(folder_);
    if (::mkdir(temporary.c_str(), 0777) != 0) fail("cannot be created", errno);
    if (there) (void)::chmod(temporary.c_str(), status.st_mode & 0777);
    return temporary;
  }
  int open() const {
    const int fd = ::open(temporary_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) detail::try_lock(fd);  // cannot be contended: lock_ is held
    return fd;
  }
  [[noreturn]] void fail(const char* what, int error) const {
    throw Error(folder_, ": ", what, ": ", core::reason(error), "; nothing of it is kept");
  }

  std::string folder_;
  FolderLock lock_;
  std::string temporary_;
  detail::Descriptor held_;
  bool published_ = false;
};

}  // namespace strata::core
