// SPDX-License-Identifier: MIT
// A worker of gpu_check: this program, started by fork and exec before anything of CUDA runs in this process, so that
// it may crash, or hang in a driver, without harm to the others. Its reports (reports.hpp) are read as they come.
#pragma once

#include <string>
#include <vector>

namespace gpu_check {

class Worker {
 public:
  /// Throws Error if no process can be started. `words`: its command line.
  explicit Worker(std::vector<std::string> words);
  Worker(const Worker&) = delete;
  /// Ends it at once. One that a driver does not let go is left behind after two seconds.
  ~Worker();

  enum class Said { line, nothing, ended };
  /// The next line of its output. nothing: it was silent for `milliseconds`.
  Said read(std::string& line, int milliseconds);

  /// How it ended, after Said::ended: "exit status 3", "signal 11 (Segmentation fault)".
  std::string end();
  bool succeeded() const { return status_ == 0; }

 private:
  bool reap(int milliseconds);

  int child_ = -1, output_ = -1, status_ = -1;
  std::string pending_;
};

}  // namespace gpu_check
