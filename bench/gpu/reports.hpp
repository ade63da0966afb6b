// SPDX-License-Identifier: MIT
// What a worker of gpu_check tells the process that started it, one line each on its output: a letter, then fields
// separated by tabs. Lines that begin otherwise are not its own (a library's log) and are passed on.
#pragma once

#include <cstdio>
#include <string>

namespace gpu_check {

enum class Verdict { pass, fail, not_run };

/// A line of the result.
struct Line {
  Verdict verdict = Verdict::pass;
  double error = -1;  ///< the largest relative error; below 0: none was measured
  std::string what;   ///< the check, the node, its form and engine
  std::string why{};  ///< of a failure or of what was not run
};

/// In place of tabs and line breaks, which separate fields and reports.
inline std::string one_field(std::string text) {
  for (char& c : text)
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  return text;
}

inline void send(char letter, const std::string& fields) {
  std::printf("\n%c\t%s\n", letter, fields.c_str());  // on a line of its own, whatever was printed before
  std::fflush(stdout);
}

/// Check number `check` begins, or has ended.
inline void send_begin(std::size_t check) { send('B', std::to_string(check)); }
inline void send_end(std::size_t check) { send('E', std::to_string(check)); }
/// What runs from now on: named if the worker does not survive it.
inline void send_doing(const std::string& what) { send('D', one_field(what)); }
/// Plans that the library has built or loaded since the last report.
inline void send_plans(long count) { send('P', std::to_string(count)); }
/// A fact about the machine, said once: "device: NVIDIA H200".
inline void send_fact(const std::string& fact) { send('F', one_field(fact)); }
inline void send_line(const Line& line) {
  char error[32];
  std::snprintf(error, sizeof error, "%.17g", line.error);
  send('L',
       std::to_string(int(line.verdict)) + '\t' + error + '\t' + one_field(line.what) + '\t' + one_field(line.why));
}

}  // namespace gpu_check
