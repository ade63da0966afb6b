// SPDX-License-Identifier: MIT
// The program `street_scenes` with --device cuda: its own objects on the device that stands in for a GPU, and on a GPU
// where there is one.
#include <doctest/doctest.h>

#include <strata/data/image_file.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/report/run_record.hpp>

#include "../support/gpu_programs.hpp"
#include "../support/street_scenes.hpp"

namespace examples_street_scenes_on_gpu {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::io;
using namespace strata::report;
using namespace strata::testing;

namespace {

Words programs() {
  Words out{on_stand_in("street_scenes")};
  if (has_gpu_driver() && offers_cuda("street_scenes", {"train"})) out.push_back("street_scenes");
  return out;
}

Finished run(const std::string& program, Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return run_program(program.c_str(), words);
}

Words on_cuda(const char* precision) { return {"--device", "cuda", "--precision", precision}; }

/// The share of pixels with the same label in two label maps.
double agreement(const std::string& a, const std::string& b) {
  const Picture first = read_label_picture(a, StoredAs::index), second = read_label_picture(b, StoredAs::index);
  REQUIRE(first.bytes.size() == second.bytes.size());
  long same = 0;
  for (std::size_t i = 0; i < first.bytes.size(); i++) same += first.bytes[i] == second.bytes[i];
  return double(same) / double(first.bytes.size());
}

}  // namespace

TEST_CASE("a training says what it needs of host and GPU, and its record and report name its processor") {
  TemporaryFolder folder;
  for (const std::string& program : programs()) {
    const std::string out = folder / "run";
    const Finished e =
        run(program, street_training(drawn_scenes(), out, {"--epochs", "1", "--batch", "4", "--micro-batch", "2"}),
            on_cuda("bf16"));
    REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
    const RunRecord r = read_run_record(out + "/run.json");
    CHECK(r.status == "complete");
    CHECK(r.iterations == 2);
    CHECK(r.device.kind == "cuda");
    CHECK(r.device.precision == "bfloat16");
    if (program != "street_scenes") CHECK(r.device == DeviceRecord{"cuda", "stand-in device 0", "bfloat16", 4L << 30});
    for (const std::string& part :
         {"MACs per image, on " + r.device.name + " in bfloat16\n", std::string("memory  "), std::string("device  "),
          std::string("MB batches being copied, plus cuDNN's workspaces\n"),
          std::string("MB program, CUDA and cuDNN (estimate)\n"), std::string("time    about "),
          std::string(" planned on the host\n"), std::string("evaluating the model on the 2 images of the test set")})
      CHECK_MESSAGE(e.output.find(part) != std::string::npos, part, e.output);
    const std::string page = read(out + "/report.html");
    for (const std::string& part : {"<th>computed by</th><td>" + r.device.name + ", ",
                                    std::string("<th>GPU: parameters, gradients, momentum</th>"),
                                    std::string("planned on the GPU, excluding cuDNN's allocations")})
      CHECK_MESSAGE(page.find(part) != std::string::npos, part);
  }
}

TEST_CASE("a model of the CPU is judged and used on a GPU as on the CPU") {
  TemporaryFolder folder;
  const std::string image = drawn_scenes() + "/test/scene_000010.png";
  REQUIRE(std::filesystem::exists(image));
  for (const std::string& program : programs()) {
    for (const char* where : {"cpu", "cuda"}) {
      const Words device = std::string(where) == "cpu" ? Words{} : on_cuda("fp32");
      const Finished judged = run(program,
                                  {"evaluate", "--model", street_model(), "--data", drawn_scenes(), "--out",
                                   folder / where, "--verify", "1e-3"},
                                  device);
      REQUIRE_MESSAGE(judged.status == 0, judged.errors);
      const Finished seen =
          run(program, {"predict", "--model", street_model(), image, "--out", folder / where}, device);
      REQUIRE_MESSAGE(seen.status == 0, seen.errors);
    }
    const RunRecord cpu = read_run_record(folder / "cpu/evaluation.json"),
                    cuda = read_run_record(folder / "cuda/evaluation.json");
    CHECK(cuda.device.kind == "cuda");
    CHECK(cuda.device.precision == "float32");
    CHECK(cuda.hash == cpu.hash);
    CHECK(cuda.metrics.global_accuracy == doctest::Approx(cpu.metrics.global_accuracy).epsilon(1e-3));
    CHECK(cuda.metrics.mean_iou == doctest::Approx(cpu.metrics.mean_iou).epsilon(1e-3));
    CHECK(agreement(folder / "cpu/scene_000010_labels.png", folder / "cuda/scene_000010_labels.png") > 0.999);
  }
}

TEST_CASE(
    "a deeper network on a GPU: weights in part, their statistics kept, the best model saved in 16 bits and judged") {
  TemporaryFolder folder;
  for (const std::string& program : programs()) {
    const std::string out = folder / "run", model = out + "/model.safetensors";
    const Finished e = run(program,
                           street_training(drawn_scenes(), out,
                                           {"--epochs", "2", "--depths", "2,2,2,3", "--weights", street_model(),
                                            "--weights-partly", "--trunk-rate", "0.1", "--trunk-statistics", "kept",
                                            "--keep", "best", "--save-precision", "fp16"}),
                           on_cuda("fp32"));
    REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
    const RunRecord r = read_run_record(out + "/run.json");
    CHECK(r.network == "DeepLabv3Plus<96x128, 11, torchvision, 2,2,2,3>");
    CHECK(r.kept_iteration > 0);
    CHECK(r.weights.taken.size() == 100);
    REQUIRE(r.weights.missing.size() == 10);
    for (const std::string& name : r.weights.missing) CHECK(name.starts_with("layer4.2."));
    const auto numbers = [](const std::string& of, const char* name) {
      const Safetensors file = read_safetensors(of);
      const StoredTensor* const tensor = file.find(name);
      REQUIRE_MESSAGE(tensor, name);
      return Bytes(file.bytes.begin() + long(tensor->begin), file.bytes.begin() + long(tensor->end));
    };
    for (const char* kept : {"backbone.bn1.running_mean", "backbone.layer4.1.bn2.running_var"})
      CHECK_MESSAGE(numbers(model, kept) == numbers(street_model(), kept), kept);
    const Finished judged = run(
        program, {"evaluate", "--model", model, "--data", drawn_scenes(), "--out", folder / "judged"}, on_cuda("fp32"));
    REQUIRE_MESSAGE(judged.status == 0, judged.errors);
    CHECK(read_run_record(folder / "judged/evaluation.json").metrics == r.metrics);
  }
}

TEST_CASE("a batch that exceeds the host's memory is refused, with the host's numbers") {
  TemporaryFolder folder;
  for (const std::string& program : programs()) {
    const Finished e =
        run(program, street_training(drawn_scenes(), folder / "run", {"--batch", "1000", "--memory", "1.6"}),
            on_cuda("tf32"));
    CHECK(e.status == 1);
    for (const char* part :
         {"at once needs ",
          " GB of host memory, but only 1.60 GB are allowed by --memory; the largest batch that fits is ",
          ", and --micro-batch "})
      CHECK_MESSAGE(e.errors.find(part) != std::string::npos, part, e.errors);
  }
}

TEST_CASE("a table's rows are computed by the GPU, and it says so") {
  TemporaryFolder folder;
  for (const std::string& program : programs()) {
    const Finished e = run(program,
                           {"table", "--data", drawn_scenes(), "--size", "96x128", "--batches", "2", "--steps", "2",
                            "--out", folder / "t", "--quiet"},
                           on_cuda("fp16"));
    REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
    const RunRecord r = read_run_record(folder / "t/batch-2/run.json");
    CHECK(r.device.precision == "float16");
    CHECK(e.output.find("DeepLabv3+ torchvision 96x128, " + r.device.name + " in float16; the workshop") !=
          std::string::npos);
    CHECK(e.output.find("host MB") != std::string::npos);
  }
}

}  // namespace examples_street_scenes_on_gpu
