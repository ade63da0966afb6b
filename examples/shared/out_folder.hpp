// SPDX-License-Identifier: MIT
// The folder that a program writes its results into.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>

#include <strata/core/folder_lock.hpp>

namespace shared {

/// Made with its parents, tried, locked for as long as this lives, and rid of what killed writers left.
class OutFolder {
 public:
  explicit OutFolder(const std::string& path) : lock_(made(path)) { strata::detail::remove_leftovers(path, ""); }

 private:
  static const std::string& made(const std::string& path) {
    if (path.empty()) throw strata::Error("--out: the folder has no name; give one");
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed)
      throw strata::Error("--out: the folder ", path, " cannot be made: ", strata::core::reason(failed.value()),
                          "; give another");
    return path;
  }

  strata::FolderLock lock_;
};

}  // namespace shared
