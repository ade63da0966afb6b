// SPDX-License-Identifier: MIT
// A growing file of events in a folder that TensorBoard watches. Each record is written at once, so that a running
// training can be watched; a reader that meets a record half written waits for the rest.
#pragma once

#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/files/descriptor.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/report/event_record.hpp>

namespace strata::report {

namespace detail {

inline double wall_seconds() {
  timeval now{};
  ::gettimeofday(&now, nullptr);
  return double(now.tv_sec) + 1e-6 * double(now.tv_usec);
}

/// The machine's name as part of a file's name.
inline std::string machine_in_file_name() {
  char name[65] = "";
  ::gethostname(name, sizeof name - 1);
  std::string out;
  for (const char c : std::string_view(name)) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    out += plain ? c : '_';
  }
  return out.empty() ? "machine" : out;
}

/// Creates the folder and those above it. Throws Error if that fails.
[[gnu::cold]] inline void create_folders(const std::string& path) {
  if (path.empty()) throw Error("the folder for TensorBoard has no name; give one");
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed)
    throw Error(path, ": the folder cannot be created: ", core::reason(failed.value()),
                "; give another folder for TensorBoard");
}

}  // namespace detail

/// A file of events. Several may grow in the same folder. One to which nothing is added is removed in the end.
class EventFile {
 public:
  /// Creates the folder, if necessary, and in it a new file, whatever other files are there. Throws Error if that
  /// fails.
  [[gnu::cold]] explicit EventFile(const std::string& folder) : file_(created(folder)) {
    write({.wall_time = detail::wall_seconds(), .version = "brain.Event:2"});
    if (!failure_.empty()) {
      ::unlink(path_.c_str());
      throw Error(failure_);
    }
    header_ = size_;
  }
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;
  ~EventFile() {
    if (size_ == header_) ::unlink(path_.c_str());
  }

  /// Of the file.
  const std::string& path() const { return path_; }

  /// Appends scalars; tags are UTF-8. After a failed write, the file ends with the last whole record and grows no more.
  void add(long step, std::vector<Scalar> scalars) {
    write({.wall_time = detail::wall_seconds(), .step = step, .scalars = std::move(scalars)});
  }
  /// Begins or continues a training whose next step is `step`. What earlier files of the folder have from there on is
  /// void: an interrupted training may have recorded more than its checkpoint has. Readers heed all starts but the
  /// first.
  void start(long step) { write({.wall_time = detail::wall_seconds(), .step = step, .starts = true}); }

  /// What the first failed write said; empty: none failed.
  const std::string& failure() const { return failure_; }

 private:
  /// The name has "tfevents" in it, which TensorBoard looks for, and sorts by time.
  int created(const std::string& folder) {
    detail::create_folders(folder);
    const std::string start = core::sentence(folder, "/events.out.tfevents.",
                                             core::padded(core::decimal(long(detail::wall_seconds())), 10, '0'), '.',
                                             detail::machine_in_file_name(), '.', long(::getpid()), '.');
    for (int attempt = 0; attempt < 1000; attempt++) {
      path_ = start + core::decimal(attempt);
      const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
      if (fd >= 0) return fd;
      if (errno != EEXIST) break;
    }
    throw Error(path_, ": cannot be created: ", core::reason(errno), "; give another folder for TensorBoard");
  }

  void write(const EventRecord& record) {
    if (!failure_.empty()) return;
    const std::string bytes = record_bytes(record);
    if (core::detail::written(file_.number, bytes.data(), bytes.size())) {
      size_ += off_t(bytes.size());
      return;
    }
    failure_ = core::sentence(path_, ": cannot be written: ", core::reason(errno), "; it ends with the record before");
    (void)!::ftruncate(file_.number, size_);
  }

  std::string path_, failure_;
  core::detail::Descriptor file_;
  off_t size_ = 0;    ///< of the whole records
  off_t header_ = 0;  ///< of the first one, which has the version
};

}  // namespace strata::report
