// SPDX-License-Identifier: MIT
// Grad-CAM (Selvaraju et al. 2017): where in an image a network sees a class. At each pixel of a layer's value A, the
// map is the positive part of sum_c w[c] A[c]; w[c] is the mean over the pixels of dS / dA[c]. S is the class's score,
// what Softmax reads; if the network classifies pixels, the sum of the class's scores over the pixels that it assigns
// to it. Computed on the CPU in inference mode, whatever the model's back end.
#pragma once

#include <algorithm>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include <strata/core/aligned.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/cpu/nhwc/choose.hpp>
#include <strata/cpu/nhwc/functors.hpp>
#include <strata/cpu/nhwc/kernels.hpp>
#include <strata/graph/score_gradient.hpp>
#include <strata/metrics/metrics.hpp>
#include <strata/train/model.hpp>

namespace strata::training {

/// A network as GradCam needs it, its type erased: explained_network<Net>.
struct ExplainedNetwork {
  graph::DeclaredNetwork declared;               ///< its nodes and layers
  const cpu::nhwc::Functor* functors = nullptr;  ///< its functors, in the order of their ordinals
  int functor_count = 0;                         ///< the number of them
};
/// The network `Net` for GradCam.
template <class Net>
inline constexpr ExplainedNetwork explained_network{
    graph::declared_network<Net>, cpu::nhwc::FunctorTable<graph::functors<Net>>::table, graph::functors<Net>::size};

/// Where a network sees a class in an image.
struct ClassActivation {
  int label = 0;                 ///< the index of the class
  long pixels = 0;               ///< of the output that S sums over; 1 if the network classifies images
  double score = 0;              ///< S; 0 if there are no such pixels, and then the map is 0, too
  Shape shape{};                 ///< of the layer's value
  std::vector<float> weights{};  ///< w, one per channel of the layer
  std::vector<float> map{};      ///< [shape.height][shape.width], 0 or more
};

/// The map at another size, bilinear with half-pixel centers (PyTorch's align_corners = false).
[[gnu::cold]] inline std::vector<float> enlarged(const std::vector<float>& map, Shape from, Shape to) {
  struct Between {
    int first, next;
    float share;  // of the next
  };
  const auto between = [](int at, int size, int of) {
    const double x = std::max(0., (at + 0.5) * of / size - 0.5);
    const int first = std::min(int(x), of - 1);
    return Between{first, std::min(first + 1, of - 1), float(x - first)};
  };
  std::vector<float> out(std::size_t(to.pixels()));
  for (int y = 0; y < to.height; y++)
    for (int x = 0; x < to.width; x++) {
      const Between row = between(y, to.height, from.height), column = between(x, to.width, from.width);
      const auto at = [&](int r) {
        const float* line = map.data() + long(r) * from.width;
        return line[column.first] + column.share * (line[column.next] - line[column.first]);
      };
      const float above = at(row.first);
      out[std::size_t(y) * std::size_t(to.width) + std::size_t(x)] = above + row.share * (at(row.next) - above);
    }
  return out;
}

/// Explains images one by one: a forward pass per image, then a backward pass per class, down to the layer. The memory
/// is that of the values that the backward pass reads, and of the largest few before the layer.
class GradCam {
 public:
  /// parameters, buffers: all of the network's, as many as Model<Net> has (parameter_floats, buffer_floats). layer: a
  /// path, as summary<Net>() prints it, or a group of layers, such as "backbone.layer4"; empty: the map that the layer
  /// of the scores reads. The arrays and the workers must outlive this object. Throws Error for a layer that does not
  /// serve.
  [[gnu::cold]] GradCam(const ExplainedNetwork& network, const float* parameters, const float* buffers,
                        core::Workers& workers, const std::string& layer = {})
      : workers_(workers), keeps_(std::size_t(network.declared.layer_count), 1) {
    step_ = {.parameters = parameters,
             .buffers = buffers,
             .images = {.count = 1},
             .keeps_statistics = keeps_.data(),
             .functors = network.functors};
    const int value = value_of(network.declared, layer);
    layer_ = network.declared.layers[network.declared.nodes[value].layer].path;
    const auto reads_input = std::make_unique<bool[]>(std::size_t(network.functor_count));
    for (int f = 0; f < network.functor_count; f++) reads_input[std::size_t(f)] = network.functors[f].reads_input;
    graph_ = graph::score_gradient(network.declared, value, reads_input.get());
    if (graph_.gradient < 0)
      throw Error("grad_cam: the scores do not depend on the layer ", layer_, "; name one before the scores");
    find_last_readers();
    find_scratch();
  }
  /// The same for a model, which must outlive this object and not change meanwhile.
  template <class Net, class Backend>
  explicit GradCam(const Model<Net, Backend>& model, const std::string& layer = {})
      : GradCam(explained_network<Net>, model.parameters().data(), model.buffers().data(), model.workers(), layer) {}

  GradCam(const GradCam&) = delete;

  /// The path of the layer.
  const std::string& layer() const { return layer_; }
  /// The shape of the layer's value.
  Shape shape() const { return node(graph_.value).out; }

  /// The forward pass of the one image of the view. counted: rows and columns of the output, from the top left, outside
  /// of which its pixels do not count because the image is padded there; 0: all. Throws Error for another number of
  /// images, and if there is not enough memory.
  void see(const Images& image, Shape counted = {}) {
    if (image.count != 1) throw Error("grad_cam: ", image.count, " images were given; give one");
    step_.images = image;
    within_memory([&] { run(0, graph_.scores + 1); });
    const Shape scored = node(graph_.scores).out;
    counts_.assign(std::size_t(scored.channels), 0);
    labels_.resize(std::size_t(scored.pixels()));
    for (int p = 0; p < scored.pixels(); p++) {
      const bool counts = (counted.height == 0 || p / scored.width < counted.height) &&
                          (counted.width == 0 || p % scored.width < counted.width);
      labels_[std::size_t(p)] =
          counts ? metrics::most_probable(value(graph_.scores) + long(p) * scored.channels, scored.channels) : -1;
      if (counts) counts_[std::size_t(labels_[std::size_t(p)])]++;
    }
  }

  /// Of the image that was seen: the number of output pixels, one per class, by their most probable class.
  const std::vector<long>& counts() const { return counts_; }
  /// The class that most of them have.
  int most() const { return int(std::max_element(counts_.begin(), counts_.end()) - counts_.begin()); }

  /// Where the network sees the class in that image. Throws Error for a class that the network does not have, and if
  /// there is not enough memory.
  ClassActivation activation(int label) {
    const Shape scored = node(graph_.scores).out;
    if (counts_.empty()) throw Error("grad_cam: no image was seen; call see() first");
    if (label < 0 || label >= scored.channels)
      throw Error("grad_cam: class ", label, " was asked for, but the network has ", scored.channels,
                  "; give one from 0 to ", scored.channels - 1);
    ClassActivation out{.label = label, .shape = shape()};
    within_memory([&] {
      core::Floats& seed = values_[std::size_t(graph_.seed)];
      seed.assign(std::size_t(scored.size()), 0);
      for (std::size_t p = 0; p < labels_.size(); p++) {
        if (labels_[p] != label && labels_.size() > 1) continue;
        const std::size_t at = p * std::size_t(scored.channels) + std::size_t(label);
        seed[at] = 1, out.pixels++, out.score += double(value(graph_.scores)[at]);
      }
      run(graph_.seed + 1, int(graph_.nodes.size()));
      combine(out);
      for (std::size_t i = std::size_t(graph_.seed); i < values_.size(); i++) values_[i] = core::Floats();
    });
    return out;
  }

 private:
  const graph::Node& node(int i) const { return graph_.nodes[std::size_t(i)]; }
  static const cpu::nhwc::Kernel& kernel_of(const graph::Node& node) {
    return cpu::nhwc::kernel_of(node.op, cpu::nhwc::choose(node));
  }
  float* value(int i) { return values_[std::size_t(i)].data(); }

  [[gnu::cold]] static int value_of(const graph::DeclaredNetwork& net, const std::string& layer) {
    const int value = layer.empty() ? graph::last_map(net) : graph::value_at(net, layer);
    if (value < 0)
      throw Error("grad_cam: the network has no layer ", layer, "; print(summary<Net>()) lists its layers");
    if (value == 0)
      throw Error("grad_cam: the layer of the scores reads no map of a layer before it; name the layer to look at");
    if (net.nodes[value].out.pixels() == 1)
      throw Error("grad_cam: the value of the layer ", layer,
                  " has one pixel, which shows no place; name one before it");
    return value;
  }

  /// last_[i]: the last node that reads value i; the value is freed after it. Values that the backward pass reads stay.
  void find_last_readers() {
    const int count = int(graph_.nodes.size());
    last_.assign(std::size_t(count), -1);
    for (int i = 0; i < count; i++)
      for (const int input : node(i).inputs) last_[std::size_t(input)] = i;
    last_[std::size_t(graph_.scores)] = last_[std::size_t(graph_.value)] = last_[std::size_t(graph_.gradient)] = count;
    for (int i = 0; i < graph_.seed; i++)
      if (last_[std::size_t(i)] > graph_.seed) last_[std::size_t(i)] = count;
    values_.resize(std::size_t(count));
  }

  void find_scratch() {
    std::size_t packed = 0, partial = 0;
    for (const graph::Node& node : graph_.nodes) {
      const cpu::nhwc::Kernel& kernel = kernel_of(node);
      packed = std::max(packed, std::size_t(kernel.packed(node)));
      partial = std::max(partial, std::size_t(kernel.partial(node)));
      slot_ = std::max(slot_, cpu::whole_lines(kernel.workspace(node)));
    }
    within_memory([&] {
      packed_.resize(packed), partial_.resize(partial);
      workspace_.resize(std::size_t(slot_ * workers_.count()));
    });
  }

  /// Runs nodes [first, end), each into memory of its own.
  void run(int first, int end) {
    for (int i = first; i < end; i++) {
      values_[std::size_t(i)].assign(std::size_t(node(i).out.size()), 0);
      if (node(i).op != graph::Op::normalize_reductions) compute(i);  // zeros: see ScoreGradient
      for (const int input : node(i).inputs)
        if (last_[std::size_t(input)] == i) values_[std::size_t(input)] = core::Floats();
    }
  }

  void compute(int i) {
    const graph::Node& n = node(i);
    Shape shapes[graph::max_inputs];
    cpu::nhwc::Call call;
    call.node = &n, call.step = &step_, call.shapes = shapes;
    if (n.inputs.count > 0) call.producer = &node(n.inputs.first());
    for (int k = 0; k < n.inputs.count; k++) {
      call.inputs.add(n.inputs.names[k], value(n.inputs[k]));
      shapes[k] = node(n.inputs[k]).out;
    }
    call.output = value(i);
    call.packed = packed_.data(), call.partial = partial_.data(), call.workspace = workspace_.data();
    call.workspace_stride = slot_;
    const cpu::nhwc::Kernel& kernel = kernel_of(n);
    workers_.run([&](core::Team& team) {
      kernel.pack(n, step_.parameters, step_.buffers, nullptr, packed_.data(), team);
      kernel.run(call, team);
    });
  }

  void combine(ClassActivation& out) {
    const int channels = out.shape.channels, pixels = out.shape.pixels();
    const float *gradient = value(graph_.gradient), *features = value(graph_.value);
    std::vector<double> sums(std::size_t(channels), 0);
    for (long p = 0; p < pixels; p++)
      for (int c = 0; c < channels; c++) sums[std::size_t(c)] += double(gradient[p * channels + c]);
    for (double sum : sums) out.weights.push_back(float(sum / pixels));
    out.map.resize(std::size_t(pixels));
    for (long p = 0; p < pixels; p++) {
      double sum = 0;
      for (int c = 0; c < channels; c++)
        sum += double(out.weights[std::size_t(c)]) * double(features[p * channels + c]);
      out.map[std::size_t(p)] = float(std::max(0., sum));
    }
  }

  template <class Work>
  static void within_memory(const Work& work) {
    try {
      work();
    } catch (const std::bad_alloc&) {
      throw Error("grad_cam: there is not enough memory for the values of one image; name a later layer, or free some");
    }
  }

  core::Workers& workers_;
  std::vector<unsigned char> keeps_;  ///< per layer: all keep their statistics
  std::string layer_;
  graph::ScoreGradient graph_;
  cpu::nhwc::Step step_;
  std::vector<int> last_;
  std::vector<core::Floats> values_;
  core::Floats packed_, partial_, workspace_;
  long slot_ = 0;  ///< floats of a thread's workspace
  std::vector<std::int32_t> labels_;
  std::vector<long> counts_;
};

/// What grad_cam() explains.
struct GradCamOptions {
  std::optional<int> label{};  ///< the class; none: the most probable one, or the one that is seen at most pixels
  std::string layer{};         ///< as in GradCam
};

/// Where the model sees a class in the one image of the view. Throws Error for a class or layer that does not serve,
/// and if there is not enough memory.
template <class Net, class Backend>
ClassActivation grad_cam(const Model<Net, Backend>& model, const Images& image, const GradCamOptions& options = {}) {
  GradCam cam(model, options.layer);
  cam.see(image);
  return cam.activation(options.label.value_or(cam.most()));
}

}  // namespace strata::training
