// SPDX-License-Identifier: MIT
// The networks of MLPerf Tiny compute what TFLite does, from converted weights. Needs $STRATA_DATA/mlperf_tiny and
// Python.
#include <doctest/doctest.h>

#include <cstdlib>

#include "../support/count.hpp"
#include "../support/process.hpp"
#include "../support/real_data.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata::testing;

TEST_CASE("trained networks have TFLite's outputs") {
  const std::string data = real_data("mlperf_tiny");
  if (data.empty()) return;
  const TemporaryFolder folder;
  for (const std::string name : {"resnet8", "mobilenet_v1_025", "ds_cnn", "autoencoder"}) {
    CAPTURE(name);
    const std::string weights = folder / (name + ".safetensors");
    const std::string convert = "python3 " STRATA_MLPERF_TINY "/convert.py " + data + " " + name + " " + weights;
    REQUIRE(std::system(convert.c_str()) == 0);
    const Finished checked = run_program(
        "mlperf_tiny", {"check", name, weights, data + "/" + name + ".inputs.npy", data + "/" + name + ".outputs.npy"});
    CHECK_MESSAGE(checked.status == 0, checked.output << checked.errors);
    CHECK(count(checked.output, "\n") == 1);
    const std::string header = folder / (name + ".hpp");
    CHECK(run_program("mlperf_tiny", {"export", name, weights, header, "cortex-m7"}).status == 0);
    CHECK(read(header).find("struct " + name + "_weights {") != std::string::npos);
  }
}

TEST_CASE("what is refused") {
  const TemporaryFolder folder;
  write(folder / "none.npy", std::string("hello"));
  CHECK(program_refuses("mlperf_tiny", {"check", "resnet9"}, "there is no network 'resnet9'; give resnet8, "));
  CHECK(program_refuses("mlperf_tiny", {"check", "resnet8"}, "usage: mlperf_tiny check"));
  CHECK(
      program_refuses("mlperf_tiny", {"export", "ds_cnn", folder / "missing", folder / "out.hpp"}, "cannot be opened"));
}
