// SPDX-License-Identifier: MIT
// The main function of a program: command line, errors as sentences, exit status.
#pragma once

#include <fcntl.h>

#include <exception>
#include <new>
#include <optional>
#include <sstream>
#include <string>

#include <CLI/CLI.hpp>

#include <strata/core/error.hpp>

#include "interruption.hpp"
#include "say.hpp"

namespace shared {

/// Opens /dev/null for closed standard streams, so that no file of ours gets their numbers and receives their output.
inline void occupy_standard_files() {
  for (int file = ::open("/dev/null", O_RDONLY); file >= 0; file = ::open("/dev/null", O_RDONLY))
    if (file > 2) {
      ::close(file);
      return;
    }
}

/// Flushes standard output and returns `status`, or a failure instead of 0 if output could not be written.
inline int end_program(const char* program, int status) {
  flush_output();
  if (status != 0 || (output_error == 0 && !std::ferror(stdout))) return status;
  if (stop_signal == SIGPIPE) return interrupted_status();  // the reader closed the pipe
  complain(program, output_error
                        ? std::string("standard output cannot be written: ") + strata::core::reason(output_error)
                        : "standard output cannot be written");
  return 1;
}

/// Parses the command line. Returns the exit status if the program ends there (help, an invalid option).
inline std::optional<int> parse(CLI::App& app, int argc, char** argv) {
  occupy_standard_files();
  try {
    app.parse(argc, argv);
    return {};
  } catch (const CLI::ParseError& error) {
    std::ostringstream help, wrong;
    const int status = app.exit(error, help, wrong);
    write_out(stdout, help.str());
    std::istringstream lines(wrong.str());
    for (std::string line; std::getline(lines, line);) write_out(stderr, strata::core::printable(line) + "\n");
    return end_program(app.get_name().c_str(), status);
  }
}

/// Runs `work` and returns its exit status, or 1 after printing an exception as a sentence. After a request to stop, a
/// failure gets interrupted_status().
template <class Work>
int run_program(const char* program, const Work& work) {
  int status = 1;
  try {
    status = work();
  } catch (const std::bad_alloc&) {
    complain(program, "there is not enough memory for this; process fewer images at once, or free some memory");
  } catch (const std::exception& error) {
    complain(program, error.what());
  }
  return end_program(program, status != 0 && stop_requested ? interrupted_status() : status);
}

}  // namespace shared
