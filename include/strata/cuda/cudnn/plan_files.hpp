// SPDX-License-Identifier: MIT
// Plans on disk, one file each, so that the next run need not search and compile again. A file's name is a hash of its
// key; the file contains the key, the lengths of its parts and a checksum. A file that is not exactly as written is
// ignored.
//
//   strata cuDNN plan 2\n
//   <bytes of key> <bytes of engine> <bytes of notes> <bytes of plan> <checksum of the four, hexadecimal>\n
//   key, engine, notes, plan
#pragma once

#include <strata/core/files/file.hpp>
#include <strata/core/text/printable.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace strata::cuda::cudnn {

struct StoredPlan {
  std::string engine;
  std::string notes{};             ///< for readers: the driver, and how long the plan took; of no plan, cuDNN's reason
  std::vector<std::uint8_t> plan;  ///< as the front end writes it; empty: cuDNN has none for this graph
};

class PlanFiles {
 public:
  /// Creates the folder if it is missing. "", or a folder that cannot be created: keeps nothing and finds nothing.
  explicit PlanFiles(std::string folder) : folder_(std::move(folder)) {
    if (folder_.empty()) return;
    std::error_code failed, ignored;
    std::filesystem::create_directories(folder_, failed);
    if (std::filesystem::is_directory(folder_, ignored)) return;
    warn(core::sentence(folder_, ": cannot be created, ", core::reason(failed.value())));
    folder_.clear();
  }

  bool keeps() const { return !folder_.empty(); }

  std::string path(const std::string& key) const {
    return folder_ + "/" + core::hexadecimal(hash(key)) + ".cudnn-plan";
  }

  std::optional<StoredPlan> find(const std::string& key) const {
    if (folder_.empty() || !core::file_exists(path(key))) return {};
    try {
      const core::Bytes bytes = core::read_file(path(key));
      return parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, key);
    } catch (const Error&) {  // deleted meanwhile, or not readable: treated as absent
      return {};
    }
  }

  /// Stores a plan. After a failure, which only costs the next run some seconds, it warns.
  void keep(const std::string& key, const StoredPlan& stored) const {
    if (folder_.empty()) return;
    try {
      core::write_file(path(key), file_of(key, stored));
    } catch (const Error& error) {
      warn(error.what());
    }
  }

  /// Deletes a plan that cuDNN could not load.
  void drop(const std::string& key) const {
    if (!folder_.empty()) std::remove(path(key).c_str());
  }

  /// The bytes of a plan's file.
  static std::string file_of(const std::string& key, const StoredPlan& stored) {
    std::string body = key + stored.engine + stored.notes;
    body.append(stored.plan.begin(), stored.plan.end());
    return core::sentence(first_line, key.size(), ' ', stored.engine.size(), ' ', stored.notes.size(), ' ',
                          stored.plan.size(), ' ', core::hexadecimal(hash(body)), '\n') +
           body;
  }

  /// The plan in the bytes of a file; none if the file is damaged or belongs to another key.
  static std::optional<StoredPlan> parse(std::string_view file, const std::string& key) {
    const std::string_view first = first_line;
    if (file.substr(0, first.size()) != first) return {};
    file.remove_prefix(first.size());
    const std::size_t end = file.find('\n');
    if (end == file.npos || end > 100) return {};
    const std::string numbers(file.substr(0, end));
    file.remove_prefix(end + 1);
    unsigned long sizes[4] = {}, sum = 0;
    if (std::sscanf(numbers.c_str(), "%lu %lu %lu %lu %lx", &sizes[0], &sizes[1], &sizes[2], &sizes[3], &sum) != 5)
      return {};
    if (hash(file) != sum) return {};
    std::string_view parts[4];
    for (int i = 0; i < 4; i++) {
      if (sizes[i] > file.size()) return {};
      parts[i] = file.substr(0, sizes[i]);
      file.remove_prefix(sizes[i]);
    }
    if (!file.empty() || parts[0] != key) return {};
    return StoredPlan{std::string(parts[1]), std::string(parts[2]), {parts[3].begin(), parts[3].end()}};
  }

  /// FNV-1a, for file names and checksums.
  static std::uint64_t hash(std::string_view bytes) {
    std::uint64_t h = 14695981039346656037u;
    for (const char c : bytes) h = (h ^ std::uint8_t(c)) * 1099511628211u;
    return h;
  }

 private:
  /// Says on stderr, once in a process, that plans are not kept.
  static void warn(const std::string& why) {
    static std::atomic<bool> warned = false;
    if (!warned.exchange(true))
      std::fprintf(stderr,
                   "strata: cuDNN's plans are not kept, and each run must find them again: %s; set "
                   "STRATA_CUDA_PLANS to a folder that can be written\n",
                   core::printable(why).c_str());
  }

  static constexpr const char* first_line = "strata cuDNN plan 2\n";

  std::string folder_;
};

}  // namespace strata::cuda::cudnn
