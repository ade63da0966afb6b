// SPDX-License-Identifier: MIT
// dlib on one workload of the digits network: dlib_digits WORKLOAD FOLDER; workers.py describes the protocol and the
// workloads. Inference reads weights with the batch norms folded in, digits.folded.f32 (digits_net.py writes it), which
// is dlib at its best; training draws its own weights and noise for images, since only its time matters. dlib computes
// on one thread, except for its BLAS.
#include <dlib/dnn.h>
#include <dlib/revision.h>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace dlib;

template <int Filters, class Below>
using Block = relu<bn_con<con<Filters, 3, 3, 1, 1, Below>>>;
template <class Below>
using Half = max_pool<2, 2, 2, 2, Below>;
using Training = loss_multiclass_log<fc<10, Block<32, Half<Block<16, Half<Block<8, input<matrix<unsigned char>>>>>>>>>;

template <int Filters, class Below>
using Folded = relu<con<Filters, 3, 3, 1, 1, Below>>;
using Inference = softmax<fc<10, Folded<32, Half<Folded<16, Half<Folded<8, input<matrix<float>>>>>>>>>;

std::vector<float> read_floats(const std::string& path, std::size_t count) {
  std::vector<float> floats(count);
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  const bool complete = file && std::fread(floats.data(), sizeof(float), count, file) == count;
  if (file) std::fclose(file);
  if (!complete)
    throw std::runtime_error(path + ": cannot be read, or is too short; workers.py digits prepare writes it");
  return floats;
}

/// An epoch of 60,000 at batch 1024: Adam, cross-entropy, shuffled, the last partial batch kept.
std::function<void()> training() {
  constexpr int images = 60'000, batch = 1024;
  struct State {
    Training net;
    std::vector<adam> solvers;
    std::vector<matrix<unsigned char>> images, chosen;
    std::vector<unsigned long> labels, chosen_labels;
    std::vector<int> order;
    std::mt19937 random{1};
    resizable_tensor x;
  };
  const auto state = std::make_shared<State>();
  state->solvers.assign(Training::num_computational_layers, adam(0, 0.9f, 0.999f));
  for (int i = 0; i < images; i++) {
    matrix<unsigned char> image(28, 28);
    for (auto& pixel : image) pixel = static_cast<unsigned char>(state->random());
    state->images.push_back(std::move(image));
    state->labels.push_back(state->random() % 10);
  }
  state->order.resize(images);
  std::iota(state->order.begin(), state->order.end(), 0);
  const auto steps = [state](int count) {
    State& s = *state;
    std::shuffle(s.order.begin(), s.order.end(), s.random);
    for (int first = 0; first < count; first += batch) {
      s.chosen.clear(), s.chosen_labels.clear();
      for (int i = first; i < std::min(first + batch, count); i++) {
        s.chosen.push_back(s.images[std::size_t(s.order[std::size_t(i)])]);
        s.chosen_labels.push_back(s.labels[std::size_t(s.order[std::size_t(i)])]);
      }
      s.net.to_tensor(s.chosen.begin(), s.chosen.end(), s.x);
      s.net.compute_parameter_gradients(s.x, s.chosen_labels.begin());
      s.net.update_parameters(s.solvers, 0.01);
    }
  };
  steps(batch);
  return [steps] { steps(images); };
}

/// Fills the parameters of a layer from the next floats, and advances `from`.
template <class Layer>
void fill(Layer& layer, const float*& from) {
  tensor& to = layer.layer_details().get_layer_params();
  std::copy_n(from, to.size(), to.host());
  from += to.size();
}

/// Computes the probabilities of a batch, and writes them to the folder.
std::function<void()> inference(int count, const std::string& folder) {
  struct State {
    Inference net;
    resizable_tensor x;
  };
  const auto state = std::make_shared<State>();
  const std::vector<float> pixels =
      read_floats(folder + "/images." + std::to_string(count) + ".f32", std::size_t(count) * 784);
  std::vector<matrix<float>> images(std::size_t(count), matrix<float>(28, 28));
  for (std::size_t i = 0; i < images.size(); i++) std::copy_n(pixels.data() + i * 784, 784, images[i].begin());
  Inference& net = state->net;
  net.to_tensor(images.begin(), images.end(), state->x);
  net.forward(state->x);  // sets the layers up

  constexpr std::size_t inputs = 7 * 7 * 32, outputs = 10;
  constexpr std::size_t floats = (1 * 9 + 1) * 8 + (8 * 9 + 1) * 16 + (16 * 9 + 1) * 32 + (inputs + 1) * outputs;
  const std::vector<float> weights = read_floats(folder + "/digits.folded.f32", floats);
  const float* from = weights.data();
  fill(layer<9>(net), from), fill(layer<6>(net), from), fill(layer<3>(net), from);
  float* const dense = layer<1>(net).layer_details().get_layer_params().host();  // [input][output], then the biases
  for (std::size_t o = 0; o < outputs; o++)
    for (std::size_t i = 0; i < inputs; i++) dense[i * outputs + o] = from[o * inputs + i];
  std::copy_n(from + inputs * outputs, outputs, dense + inputs * outputs);

  const tensor& result = net.forward(state->x);
  const std::string path = folder + "/dlib.infer" + std::to_string(count) + ".f32";
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (!file || std::fwrite(result.host(), sizeof(float), result.size(), file) != result.size() ||
      std::fclose(file) != 0)
    throw std::runtime_error(path + ": cannot be written");
  return [state] { state->net.forward(state->x); };
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc == 2 && argv[1] == std::string("version"))
    return std::printf("%d.%d\n", DLIB_MAJOR_VERSION, DLIB_MINOR_VERSION), 0;
  if (argc != 3)
    throw std::runtime_error("call it with WORKLOAD (train, infer1, infer1024) and FOLDER, as peers.py does");
  const std::string work = argv[1];
  const int images = work == "infer1" ? 1 : work == "infer1024" ? 1024 : 0;
  if (images == 0 && work != "train")
    throw std::runtime_error("there is no workload '" + work + "'; choose one of train, infer1, infer1024");
  const std::function<void()> once = images ? inference(images, argv[2]) : training();
  const int calls = images == 1 ? 200 : 1;
  for (int i = 0; images && i < std::max(2, calls / 4); i++) once();
  std::puts("ready");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    const auto started = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; i++) once();
    std::printf("seconds %.9f\n",
                std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count() / calls);
    std::fflush(stdout);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak_kb %ld\n", usage.ru_maxrss);
} catch (const std::exception& error) {
  std::fprintf(stderr, "dlib_digits: %s\n", error.what());
  return 1;
}
