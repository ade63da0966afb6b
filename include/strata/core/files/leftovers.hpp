// SPDX-License-Identifier: MIT
// Temporary files and folders next to the path that they will replace: `path.tmp-` and 16 random hexadecimal digits,
// locked while their writer lives. An unlocked one was left by a killed writer, and the next writer removes it.
#pragma once

#include <dirent.h>
#include <sys/random.h>
#include <time.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include <strata/core/error.hpp>
#include <strata/core/files/descriptor.hpp>

namespace strata::core::detail {

inline constexpr std::string_view temporary_mark = ".tmp-";
inline constexpr std::size_t temporary_digits = 16, longest_name = 255;

/// A random name next to `path`, distinct from those of other writers in any thread, container or machine.
[[gnu::cold]] inline std::string temporary_beside(const std::string& path) {
  std::uint64_t draw = 0;
  if (::getentropy(&draw, sizeof draw) != 0) {  // O_EXCL still keeps writers apart
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    draw = (std::uint64_t(now.tv_sec) << 32 ^ std::uint64_t(now.tv_nsec) << 8 ^ std::uint64_t(::getpid())) *
           0x9E3779B97F4A7C15u;
  }
  const std::size_t slash = path.rfind('/'), name = slash == std::string::npos ? 0 : slash + 1;
  const std::size_t room = longest_name - temporary_mark.size() - temporary_digits;
  return path.substr(0, name) + path.substr(name, room) + std::string(temporary_mark) + hexadecimal(draw);
}

/// Whether `name` is one that temporary_beside() draws for `base`; an empty base matches any.
inline bool is_temporary_of(std::string_view name, std::string_view base) {
  const std::size_t ending = temporary_mark.size() + temporary_digits;
  if (name.size() <= ending) return false;
  const std::string_view stem = name.substr(0, name.size() - ending),
                         digits = name.substr(name.size() - temporary_digits);
  return name.substr(stem.size(), temporary_mark.size()) == temporary_mark &&
         digits.find_first_not_of("0123456789abcdef") == digits.npos &&
         (base.empty() || stem == base.substr(0, longest_name - ending));
}

/// Locks the file or folder just created at `path`. False: another writer took it for a leftover in the meantime.
inline bool claim(int fd, const std::string& path) { return try_lock(fd) != Lock::elsewhere && is_at(fd, path); }

/// Calls remove(path) if `path` is of type `kind` (S_IFMT bits) and unlocked.
inline void remove_if_unlocked(const std::string& path, mode_t kind, void (*remove)(const std::string&)) {
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0 || (status.st_mode & S_IFMT) != kind) return;
  const int how = kind == S_IFDIR ? O_RDONLY | O_DIRECTORY : O_RDWR;
  const Descriptor left(::open(path.c_str(), how | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (left.number >= 0 && try_lock(left.number) == Lock::held && is_at(left.number, path)) remove(path);
}

inline void remove_file(const std::string& path) { ::unlink(path.c_str()); }

/// Removes the leftovers of `base`, or of any name if it is empty. Returns the number of entries in the folder.
[[gnu::cold]] inline long remove_leftovers(const std::string& folder, const std::string& base, mode_t kind = S_IFREG,
                                           void (*remove)(const std::string&) = remove_file) {
  struct Listing {
    DIR* open;
    ~Listing() {
      if (open) ::closedir(open);
    }
  } const listing{::opendir(folder.c_str())};
  long entries = 0;
  if (listing.open)
    for (; const dirent* entry = ::readdir(listing.open); entries++)
      if (is_temporary_of(entry->d_name, base)) remove_if_unlocked(folder + "/" + entry->d_name, kind, remove);
  return entries;
}

/// The same for a path about to be written. After a scan of n entries, the next n / 64 calls skip theirs, so that
/// writing many files into one folder stays linear.
inline void remove_leftovers_of(const std::string& path) {
  static std::atomic<long> scans_to_skip{0};
  if (scans_to_skip.fetch_sub(1, std::memory_order_relaxed) > 0) return;
  const long entries = remove_leftovers(folder_of(path), path.substr(path.rfind('/') + 1));
  scans_to_skip.store(entries / 64, std::memory_order_relaxed);
}

}  // namespace strata::core::detail
