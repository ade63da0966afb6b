// SPDX-License-Identifier: MIT
// The programs of the candidates that CMake built, and their list.
#pragma once

#include <strata/core/digest.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/experiment/compile_error.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::experiment {

/// One candidate's program.
struct CandidateProgram {
  std::string name;  ///< "width=8 depth=2", or "reference"
  std::string path;
  long parameters = 0, macs = 0;
  std::string digest;         ///< of the file: another one computes something else
  std::string compile_error;  ///< empty: it compiled
};

/// All programs of an experiment.
struct Programs {
  std::vector<CandidateProgram> candidates;
  std::optional<CandidateProgram> reference;
  int total = 0;  ///< points of the sweep, with those over budget
  std::string score_name = "accuracy";
};

namespace detail {

/// Takes the text up to the next space off `rest`.
inline std::string_view next_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

/// Takes a number off `rest`; -1: there is none.
inline long next_number(std::string_view& rest) {
  return std::max(-1L, core::number_in<long>(next_word(rest)).value_or(-1));
}

inline std::string text_of(const std::string& path) {
  const core::Bytes bytes = core::read_file(path);
  return {bytes.begin(), bytes.end()};
}

inline CandidateProgram program_at(const std::string& folder, std::string_view file) {
  CandidateProgram out;
  out.path = folder + "/" + std::string(file);
  if (core::file_exists(out.path + ".error")) {
    out.compile_error = compile_error_of(text_of(out.path + ".error"));
    if (out.compile_error.empty()) out.compile_error = "the compiler said nothing";
  } else if (!core::file_exists(out.path)) {
    out.compile_error = "its program was not built";
  } else {
    const core::Bytes bytes = core::read_file(out.path);
    core::Digest digest;
    digest.add(bytes.data(), bytes.size());
    out.digest = digest.text();
  }
  return out;
}

}  // namespace detail

/// Reads the list and the programs in a folder that strata_experiment() of CMake filled. Throws Error if it is damaged.
inline Programs read_programs(const std::string& folder) {
  const std::string path = folder + "/candidates.txt", text = detail::text_of(path);
  Programs out;
  long number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    number++;
    const auto damaged = [&] { return Error(path, ": line ", number, " is damaged; build the experiment again"); };
    const std::string_view kind = detail::next_word(line);
    if (kind == "STRATA-SWEEP") {
      const long total = detail::next_number(line);
      if (total < 0 || line.empty()) throw damaged();
      out.total = int(total), out.score_name = std::string(line);
      continue;
    }
    if (kind != "STRATA-CANDIDATE") throw damaged();
    const std::string_view file = detail::next_word(line);
    const bool plain = !file.empty() && file.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz") == file.npos;
    const long parameters = detail::next_number(line), macs = detail::next_number(line);
    if (!plain || parameters < 0 || macs < 0 || line.empty()) throw damaged();
    CandidateProgram program = detail::program_at(folder, file);
    program.name = std::string(line), program.parameters = parameters, program.macs = macs;
    if (file == "reference") out.reference = std::move(program);
    else out.candidates.push_back(std::move(program));
  }
  if (out.candidates.empty()) throw Error(path, ": names no candidate; the sweep has none within its budgets");
  return out;
}

}  // namespace strata::experiment
