// SPDX-License-Identifier: MIT
// Compares the networks of MLPerf Tiny with what TFLite computes, and writes their weights as headers and their scores
// of the drawn input of microcontroller.cpp:
//   mlperf_tiny check NAME WEIGHTS.safetensors INPUTS.npy OUTPUTS.npy
//   mlperf_tiny export NAME WEIGHTS.safetensors OUT.hpp [TARGET]
//   mlperf_tiny scores NAME WEIGHTS.safetensors
#include <strata/cpu/cpu.hpp>
#include <strata/infer/export_header.hpp>
#include <strata/infer/predictor.hpp>
#include <strata/io/weights.hpp>
#include <strata/train/model.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "networks.hpp"

namespace {

using namespace strata;

/// The numbers of an array of floats or bytes in NumPy's format; `count` is what the file must hold a multiple of.
std::vector<float> read_array(const std::string& path, std::size_t count) {
  const core::Bytes bytes = core::read_file(path);
  const auto fail = [&](const char* what) { throw Error(path, ": ", what, "; give the .npy file of this network"); };
  if (bytes.size() < 10 || std::memcmp(bytes.data(), "\x93NUMPY\x01", 7) != 0) fail("is not a NumPy array");
  const std::size_t data = 10 + bytes[8] + 256u * bytes[9];
  if (data > bytes.size()) fail("is cut off");
  const std::string header(reinterpret_cast<const char*>(bytes.data()) + 10, data - 10);
  std::vector<float> out;
  if (header.find("'|u1'") != std::string::npos) {
    out.assign(bytes.begin() + long(data), bytes.end());
  } else if (header.find("'<f4'") != std::string::npos) {
    out.resize((bytes.size() - data) / sizeof(float));
    if (!out.empty()) std::memcpy(out.data(), bytes.data() + data, out.size() * sizeof(float));
  } else {
    fail("is neither floats nor bytes");
  }
  if (out.empty() || out.size() % count != 0) fail("is not made of arrays of the network's shape");
  return out;
}

/// Of the largest output. TFLite's DS-CNN has 8-bit weights in float convolutions, for which it also rounds their
/// inputs to 8 bits, pixel by pixel; these networks do not.
template <class Net>
constexpr float tolerance = std::is_same_v<Net, mlperf_tiny::DsCnn> ? 1e-2f : 1e-5f;

/// A predictor with the weights of a file.
template <class Net>
struct Loaded {
  using P = Predictor<Net>;
  std::unique_ptr<typename P::Storage> storage = std::make_unique<typename P::Storage>();
  std::unique_ptr<P> predictor;

  explicit Loaded(const std::string& weights) {
    Model<Net> model{{.threads = 1}};
    load(model, weights);
    const std::span<const float> parameters = model.parameters(), buffers = model.buffers();
    predictor =
        std::make_unique<P>(*storage, parameters.first<P::parameter_floats>(), buffers.first<P::buffer_floats>());
  }
};

template <class Net>
int check(const std::string& weights, const std::string& inputs_path, const std::string& outputs_path) {
  using P = Predictor<Net>;
  const Loaded<Net> loaded(weights);
  const std::vector<float> inputs = read_array(inputs_path, P::input_floats),
                           outputs = read_array(outputs_path, P::output_floats);
  const std::size_t count = inputs.size() / P::input_floats;
  if (outputs.size() / P::output_floats != count) throw Error(outputs_path, ": holds other images than ", inputs_path);
  float worst = 0, largest = 0;
  std::size_t same = 0;
  std::vector<float> found(P::output_floats);
  for (std::size_t i = 0; i < count; i++) {
    loaded.predictor->run(typename P::Floats(inputs.data() + i * P::input_floats, P::input_floats),
                          typename P::Result(found));
    const float* const expected = outputs.data() + i * P::output_floats;
    for (std::size_t k = 0; k < found.size(); k++) {
      worst = std::fmax(worst, std::fabs(found[k] - expected[k]));
      largest = std::fmax(largest, std::fabs(expected[k]));
    }
    same += std::max_element(found.begin(), found.end()) - found.begin() ==
            std::max_element(expected, expected + found.size()) - expected;
  }
  std::printf("%zu inputs: differs from TFLite by at most %.1e of the largest output; the same largest one for %zu\n",
              count, double(worst / largest), same);
  return worst <= tolerance<Net> * largest && same == count ? 0 : 1;
}

/// As report.hpp prints them.
template <class Net>
int print_scores(const std::string& weights) {
  using P = Predictor<Net>;
  std::vector<float> input(P::input_floats), scores(P::output_floats);
  for (std::size_t i = 0; i < input.size(); i++) input[i] = float(mlperf_tiny::drawn_number(int(i)));
  Loaded<Net>(weights).predictor->run(typename P::Floats(input), typename P::Result(scores));
  std::printf("scores");
  for (std::size_t i = 0; i < std::min<std::size_t>(scores.size(), 12); i++)
    std::printf(" %ld", std::lround(double(scores[i]) * 1e6));
  std::printf(" millionths\n");
  return 0;
}

template <class Net>
int export_network(const std::string& weights, const std::string& out, const std::string& target) {
  Model<Net> model{{.threads = 1}};
  load(model, weights);
  export_header<Exact>(model, out, {.target = target});
  return 0;
}

template <class Net>
int run(const std::vector<std::string>& words) {
  if (words[0] == "check" && words.size() == 5) return check<Net>(words[2], words[3], words[4]);
  if (words[0] == "export" && (words.size() == 4 || words.size() == 5))
    return export_network<Net>(words[2], words[3], words.size() == 5 ? words[4] : "");
  if (words[0] == "scores" && words.size() == 3) return print_scores<Net>(words[2]);
  throw Error(
      "usage: mlperf_tiny check NAME WEIGHTS INPUTS.npy OUTPUTS.npy, or export NAME WEIGHTS OUT.hpp [TARGET], or "
      "scores NAME WEIGHTS");
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string name = words.size() > 1 ? words[1] : "";
  if (name == "resnet8") return run<mlperf_tiny::ResNet8>(words);
  if (name == "mobilenet_v1_025") return run<mlperf_tiny::MobileNet>(words);
  if (name == "ds_cnn") return run<mlperf_tiny::DsCnn>(words);
  if (name == "autoencoder") return run<mlperf_tiny::Autoencoder>(words);
  if (name == "digits") return run<Digits<8, 16, 32>>(words);
  throw Error("there is no network '", name, "'; give resnet8, mobilenet_v1_025, ds_cnn, autoencoder or digits");
} catch (const std::exception& error) {
  std::fprintf(stderr, "mlperf_tiny: %s\n", error.what());
  return 1;
}
