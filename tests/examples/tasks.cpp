// SPDX-License-Identifier: MIT
// The programs of examples/tasks as their readers run them: each learns its task.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "../support/process.hpp"

using namespace strata::testing;

namespace {

std::string output_of(const char* program) {
  const Finished e = run_program(program, {});
  REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
  CHECK(e.errors == "");
  return e.output;
}

/// The number after the first `part`; -1: the output does not have it.
double number_after(const std::string& output, const std::string& part) {
  const std::size_t at = output.find(part);
  if (at == std::string::npos) MESSAGE("'", part, "' is not in:\n", output);
  return at == std::string::npos ? -1 : std::strtod(output.c_str() + at + part.size(), nullptr);
}

}  // namespace

TEST_CASE("regression finds frequency and amplitude, though half of the amplitudes are not known") {
  const std::string output = output_of("task_regression");
  CHECK(number_after(output, "kept the model after iteration ") >= 94);
  CHECK(number_after(output, "validation: loss ") < 0.2);
  CHECK(number_after(output, "R2 ") > 0.95);
  CHECK(number_after(output, " are taken for ") ==
        doctest::Approx(std::strtod(output.c_str() + output.rfind('\n', output.find(" cycles")) + 1, nullptr))
            .epsilon(0.1));
}

TEST_CASE("multi_label finds several shapes in a drawing") {
  const std::string output = output_of("task_multi_label");
  CHECK(number_after(output, "test accuracy ") > 0.85);  // 0.67 without looking
  CHECK(number_after(output, "found ") > 130);
}

TEST_CASE("autoencoder draws its input again") {
  const std::string output = output_of("task_autoencoder");
  CHECK(number_after(output, "R2 ") > 0.9);
  const std::size_t drawing = output.find('\n') + 1, second = output.find("becomes\n") + 8;
  int same = 0;
  for (std::size_t i = 0; i < 16 * 17 && second + i < output.size(); i++)
    same += output[drawing + i] == output[second + i];
  CHECK(same > 16 * 17 * 9 / 10);
}
