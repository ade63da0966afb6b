// SPDX-License-Identifier: MIT
// The folder for a program's results.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>

#include <strata/core/files/folder_lock.hpp>

namespace shared {

/// Creates the folder and its parents, locks it for the lifetime of this object, and removes temporary files of killed
/// writers. Throws strata::Error if the folder cannot be written or another program holds the lock.
class OutFolder {
 public:
  explicit OutFolder(const std::string& path) : lock_(created(path)) {
    strata::core::detail::remove_leftovers(path, "");
  }

 private:
  static const std::string& created(const std::string& path) {
    if (path.empty()) throw strata::Error("--out: the folder has no name; give one");
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed)
      throw strata::Error("--out: the folder ", path, " cannot be created: ", strata::core::reason(failed.value()),
                          "; give another");
    return path;
  }

  strata::core::FolderLock lock_;
};

}  // namespace shared
