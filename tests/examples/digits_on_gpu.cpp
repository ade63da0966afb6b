// SPDX-License-Identifier: MIT
// The program `digits` with --device cuda: its own objects on the device that stands in for a GPU, and on a GPU where
// there is one.
#include <doctest/doctest.h>

#include <algorithm>

#include <strata/data/png.hpp>
#include <strata/report/run_record.hpp>

#include "../support/gpu_programs.hpp"
#include "../support/mnist_files.hpp"

namespace examples_digits_on_gpu {

using namespace strata;
using namespace strata::data;
using namespace strata::graph;
using namespace strata::report;
using namespace strata::testing;

namespace {

using Words = std::vector<std::string>;

Words programs() {
  Words out{on_stand_in("digits")};
  if (has_gpu_driver() && offers_cuda("digits", {})) out.push_back("digits");
  return out;
}

/// A folder in MNIST's format with 160 + 40 images.
const std::string& data_folder() {
  static TemporaryFolder folder;
  static const bool written = (write_mnist(folder.path(), 160, 40), true);
  (void)written;
  return folder.path();
}

Finished run(const std::string& program, Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return run_program(program.c_str(), words);
}

}  // namespace

TEST_CASE("a training in each precision names its processor on the screen, in its record and in its report") {
  TemporaryFolder folder;
  for (const std::string& program : programs())
    for (const auto& [given, recorded] : {std::pair<std::string, std::string>{"", "tf32"},
                                          {"tf32", "tf32"},
                                          {"fp32", "float32"},
                                          {"fp16", "float16"},
                                          {"bf16", "bfloat16"}}) {
      const std::string out = folder / ("run" + given);
      Words words{"--device", "cuda", "--data", data_folder(), "--epochs", "6", "--batch", "20", "--out", out};
      if (!given.empty()) words.insert(words.end(), {"--precision", given});
      const Finished e = run_program(program.c_str(), words);
      REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
      const RunRecord r = read_run_record(out + "/run.json");
      CHECK(r.status == "complete");
      CHECK(r.device.kind == "cuda");
      CHECK(r.device.precision == recorded);
      CHECK(r.device.memory_bytes > 1L << 30);
      CHECK(!r.device.name.empty());
      if (program != "digits") CHECK(r.device == DeviceRecord{"cuda", "stand-in device 0", recorded, 4L << 30});
      CHECK(r.threads == 1);
      CHECK(r.arena_bytes > 0);
      CHECK(r.history.back().loss < r.history.front().loss);
      CHECK(r.accuracy.test > 0.3);
      CHECK(e.output.find("on " + r.device.name + " in " + recorded) != std::string::npos);
      CHECK(e.output.find("thread") == std::string::npos);
      CHECK(e.output.find("MB on the host") != std::string::npos);
      const std::string page = read(out + "/report.html");
      CHECK(page.find("<th>computed by</th><td>" + r.device.name + ", ") != std::string::npos);
      CHECK(page.find("in lanes") == std::string::npos);  // a CPU kernel
    }
}

TEST_CASE("a model of one device recognizes digits on the other") {
  TemporaryFolder folder;
  const Dataset test = digit_set(5, 2);
  for (const std::string& program : programs()) {
    Words words{"predict", "--model", folder / "run/model.safetensors"};
    for (int i = 0; i < 5; i++) {
      words.push_back(folder / ("digit" + std::to_string(i) + ".png"));
      write(words.back(), encode_png(test.bytes(i), {28, 28, 1}));
    }
    for (const char* device : {"cuda", "cpu"}) {
      REQUIRE(run(program,
                  {"--data", data_folder(), "--epochs", "4", "--batch", "20", "--out", folder / "run", "--quiet"},
                  {"--device", device})
                  .status == 0);
      const Finished cpu = run(program, words, {"--device", "cpu"});
      const Finished exact = run(program, words, {"--device", "cuda", "--precision", "fp32"});
      REQUIRE_MESSAGE(cpu.status == 0, cpu.errors);
      CHECK(std::count(cpu.output.begin(), cpu.output.end(), '\n') == 5);
      CHECK(cpu.output == exact.output);
    }
    REQUIRE(run(program,
                {"--data", data_folder(), "--epochs", "1", "--batch", "20", "--filters", "4,8,16", "--out",
                 folder / "run", "--quiet"},
                {})
                .status == 0);
    const Finished other = run(program, words, {"--device", "cuda"});
    CHECK(other.status == 1);
    CHECK(other.errors.find("that this program does not have on cuda") != std::string::npos);
    CHECK(other.errors.find("or use --device cpu") != std::string::npos);
  }
}

TEST_CASE("a table's rows are computed by the device, and it says so") {
  TemporaryFolder folder;
  for (const std::string& program : programs()) {
    const Finished e =
        run(program,
            {"table", "--data", data_folder(), "--epochs", "1", "--batches", "20,40", "--out", folder / "t", "--quiet"},
            {"--device", "cuda", "--precision", "bf16"});
    REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
    const RunRecord r = read_run_record(folder / "t/batch-40/run.json");
    CHECK(r.device.precision == "bfloat16");
    CHECK(e.output.find("Digits<8,16,32> on " + r.device.name + " in bfloat16") != std::string::npos);
    CHECK(e.output.find("host MB") != std::string::npos);
  }
}

}  // namespace examples_digits_on_gpu
