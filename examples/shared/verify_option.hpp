// SPDX-License-Identifier: MIT
// --verify of the commands that load a model.
#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "option_checks.hpp"

namespace shared {

inline void add_verify_option(CLI::App& app, std::optional<float>& tolerance) {
  app.add_option("--verify", tolerance,
                 "first replay the check in the model's file: no output may differ by more than X times the largest, "
                 "1e-4 on a CPU (default: no check)")
      ->check(between(0., 1e3))
      ->type_name("X");
}

}  // namespace shared
