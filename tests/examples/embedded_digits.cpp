// SPDX-License-Identifier: MIT
// A digits network, trained for one epoch, recognizes the drawing of examples/embed on QEMU's microcontrollers, and
// measure.sh says what that takes. Needs $STRATA_DATA/mnist, gcc for ARM and QEMU.
#include <doctest/doctest.h>

#include <cstdlib>
#include <sstream>

#include "../support/process.hpp"
#include "../support/real_data.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata::testing;

TEST_CASE("a trained network on microcontrollers") {
  const std::string data = real_data("mnist");
  if (data.empty()) return;
  if (std::system("command -v arm-none-eabi-g++ qemu-system-arm >/dev/null") != 0) {
    MESSAGE("arm-none-eabi-g++ and qemu-system-arm are not both installed: skipped");
    return;
  }
  const TemporaryFolder folder;
  const std::string out = folder / "run", header = folder / "digits.hpp", table = folder / "table";
  const Finished trained = run_program(
      "digits", {"--data", data, "--epochs", "1", "--batch", "256", "--threads", "1", "--quiet", "--out", out});
  REQUIRE_MESSAGE(trained.status == 0, trained.errors);
  REQUIRE(
      run_program("digits", {"export", "--model", out + "/model.safetensors", "--target", "cortex-m7", "--out", header})
          .status == 0);
  const std::string measure = "bash " STRATA_EMBED "/microcontroller/measure.sh " + header + " >" + table;
  REQUIRE(std::system(measure.c_str()) == 0);
  std::istringstream lines(read(table));
  std::string line;
  std::getline(lines, line);
  int cores = 0;
  for (; std::getline(lines, line); cores++) {
    CAPTURE(line);
    std::istringstream words(line);
    std::string core;
    long digit = -1, weights = 0, other = 0, ram = 0, stack = 0, frame = 0, instructions = 0;
    words >> core >> digit >> weights >> other >> ram >> stack >> frame >> instructions;
    CHECK(digit == 7);
    CHECK(weights > 21'000 * 4);  // the batch norms are folded
    CHECK(other < 24 * 1024);
    CHECK(ram < 24 * 1024);
    CHECK(stack > frame);
    CHECK(instructions < 2L * 523'712);
  }
  CHECK(cores == 3);
}
