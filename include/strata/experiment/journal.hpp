// SPDX-License-Identifier: MIT
// The journal of an experiment: a line of JSON per finished training, synced to the disk before the next one counts, so
// that an interrupted experiment loses only what was running. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <strata/core/files/file.hpp>
#include <strata/core/text/neutral_locale.hpp>
#include <strata/experiment/result_json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace strata::experiment {

namespace detail {

inline constexpr const char* journal_schema = "strata.experiment/1";
inline constexpr std::size_t longest_line = 64 * 1024;

inline std::string journal_head() { return std::string("{\"schema\":\"") + journal_schema + "\"}\n"; }

inline Result parse_line(const core::Bytes& line, const std::string& name, long number) {
  try {
    return result_from_json(report::detail::parse_bounded(line));
  } catch (const nlohmann::json::exception&) {
    throw Error(name, ": line ", number,
                " is damaged (it is not a result in JSON); remove the line, or begin anew with another folder");
  } catch (const Unfit& unfit) {
    throw Error(name, ": line ", number, " is damaged (", unfit.what,
                "); remove the line, or begin anew with another folder");
  }
}

/// The results in a journal's untrusted bytes, and the length of its whole lines: what follows was being written when
/// the program ended. Throws Error if a whole line is damaged.
inline std::pair<std::vector<Result>, std::size_t> parse_journal(const core::Bytes& bytes, const std::string& name) {
  const core::NeutralLocale neutral;
  std::vector<Result> out;
  std::size_t begin = 0;
  for (long number = 1; begin < bytes.size(); number++) {
    const auto newline = std::find(bytes.begin() + std::ptrdiff_t(begin), bytes.end(), '\n');
    const std::size_t end = std::size_t(newline - bytes.begin());
    if (end - begin > longest_line)
      throw Error(name, ": line ", number, " has more than ", longest_line, " bytes; begin anew with another folder");
    if (newline == bytes.end()) break;
    const core::Bytes line(bytes.begin() + std::ptrdiff_t(begin), newline);
    if (number == 1) {
      if (std::string(line.begin(), line.end()) + "\n" != journal_head())
        throw Error(name, ": is not the journal of an experiment (its schema is not ", journal_schema,
                    "); give another folder");
    } else {
      out.push_back(parse_line(line, name, number));
    }
    begin = end + 1;
  }
  return {std::move(out), begin};
}

}  // namespace detail

/// The results so far, and the file that holds them.
class Journal {
 public:
  /// Opens or creates the file, and removes a line that was being written when the program ended. Throws Error if it
  /// cannot be read or written, or is damaged.
  explicit Journal(const std::string& path) : path_(path), file_(open(path)) {
    const core::Bytes bytes = core::read_file(path);
    auto [results, whole] = detail::parse_journal(bytes, path);
    results_ = std::move(results);
    if (whole < bytes.size() && ::ftruncate(file_.number, off_t(whole)) != 0) fail("cannot be shortened");
    if (whole == 0) write(detail::journal_head());
    if (!core::detail::sync_folder(core::detail::folder_of(path))) fail("cannot be synced to the disk");
  }

  const std::vector<Result>& results() const { return results_; }
  /// The result that answers the same question; null: there is none yet.
  const Result* find(const Result& question) const {
    for (const Result& r : results_)
      if (same_question(r, question)) return &r;
    return nullptr;
  }
  /// Appends a result; when this returns, it is on the disk. Throws Error if it cannot be written.
  void add(const Result& result) {
    write(to_json(result).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n");
    results_.push_back(result);
  }

 private:
  static int open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    if (fd < 0) throw Error(path, ": cannot be written: ", core::reason(errno), "; give another folder");
    return fd;
  }
  void write(const std::string& text) {
    if (!core::detail::written(file_.number, text.data(), text.size())) fail("cannot be written");
    if (!core::detail::synced(file_.number)) fail("cannot be synced to the disk");
  }
  [[noreturn]] void fail(const char* what) const { throw Error(path_, ": ", what, ": ", core::reason(errno)); }

  std::string path_;
  core::detail::Descriptor file_;
  std::vector<Result> results_;
};

}  // namespace strata::experiment
