// SPDX-License-Identifier: MIT
// Both variants and their options: parameters, what learns, whose weights fit, training with a frozen trunk.
#include <strata/graph/plans.hpp>
#include <strata/io/weights.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/reference/random_data.hpp>
#include <strata/reference/reference.hpp>
#include <strata/strata.hpp>

#include <doctest/doctest.h>

#include <string>
#include <type_traits>

#include "../support/cpu_nhwc.hpp"
#include "../support/graphs.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"
#include "../support/tolerance.hpp"

namespace models_deeplab_v3_plus {

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::models;
using namespace strata::training;
using namespace strata::testing;
using graph::count_of;
using graph::Op;

using Street = Image<720, 960, 3>;
using Small = Image<32, 32, 3>;

static_assert(parameters<DeepLabv3Plus<Street, 11, TorchvisionLike, ImagePooling>> ==
              parameters<DeepLabv3Plus<Street, 11, TorchvisionLike>> + 512 * 256 + 2 * 256 + 256 * 256);
static_assert(parameters<DeepLabv3Plus<Street, 11, MatlabLike, ImagePooling>> ==
              parameters<DeepLabv3Plus<Street, 11>> + 512 * 256 + 3 * 256 + 256 * 256);
static_assert(output_shape<DeepLabv3Plus<Image<93, 122, 3>, 5, TorchvisionLike, ImagePooling>> == Shape{93, 122, 5});

// One more block in the last stage: two convolutions of 512 x 512 x 3 x 3 with batch norms, and MATLAB's biases.
using Deep = Depths<2, 2, 2, 3>;
constexpr long one_more = 2 * (512 * 512 * 9 + 2 * 512);
static_assert(parameters<DeepLabv3Plus<Street, 11, TorchvisionLike, Deep>> ==
              parameters<DeepLabv3Plus<Street, 11, TorchvisionLike>> + one_more);
static_assert(parameters<DeepLabv3Plus<Street, 11, MatlabLike, Deep>> ==
              parameters<DeepLabv3Plus<Street, 11>> + one_more + 2 * 512);
static_assert(parameters<ResNet18<Street, 11, Depths<3, 4, 6, 3>>> ==
              21'284'672 + 512 * 11 + 11);  // torchvision's resnet34
static_assert(std::is_same_v<DeepLabv3Plus<Small, 3>, DeepLabv3Plus<Small, 3, MatlabLike, Depths<2, 2, 2, 2>>>);
static_assert(std::is_same_v<DeepLabv3Plus<Small, 3, TorchvisionLike, Deep, ImagePooling, TrunkRate<0.5>>,
                             DeepLabv3Plus<Small, 3, TorchvisionLike, TrunkRate<0.5>, ImagePooling, Deep>>);

// Other trunks: torchvision's without the classifier (and MobileNetV2 without its last convolution), and a head whose
// first convolutions read their channels.
template <class... Option>
using Other = DeepLabv3Plus<Image<64, 96, 3>, 5, TorchvisionLike, Option...>;
constexpr long head_of_18 = parameters<Other<>> - 11'176'512;
constexpr long head_on(long channels,
                       long low) {  // of the pyramid and the decoder, 1x1 and three 3x3 of 256, and 1x1 of 48
  return head_of_18 + (channels - 512) * 256 * (1 + 3 * 9) + (low - 64) * 48;
}
static_assert(parameters<Other<On<ResNet50Trunk>>> == 25'557'032 - 2048 * 1000 - 1000 + head_on(2048, 256));
static_assert(parameters<Other<On<MobileNetV2Trunk>>> ==
              3'504'872 - 1280 * 1000 - 1000 - 320 * 1280 - 2 * 1280 + head_on(320, 24));
static_assert(std::is_same_v<Other<>, Other<On<ResNet18Trunk>, OutputStride<16>>>);
static_assert(parameters<Other<OutputStride<8>>> == parameters<Other<>>);
static_assert(parameters<Other<On<ResNet50Trunk>, OutputStride<8>>> == parameters<Other<On<ResNet50Trunk>>>);
static_assert(parameters<DeepLabv3Plus<Street, 11, MatlabLike, OutputStride<8>, On<MobileNetV2Trunk>>> ==
              parameters<DeepLabv3Plus<Street, 11, MatlabLike, On<MobileNetV2Trunk>>>);
static_assert(output_shape<DeepLabv3Plus<Image<93, 122, 3>, 5, MatlabLike, OutputStride<8>>> == Shape{93, 122, 5});
static_assert(output_shape<Other<On<ResNet50Trunk>, OutputStride<8>>> == Shape{64, 96, 5});

namespace {

/// The shape of the trunk's last map, and of the low-level features.
template <class Net>
std::pair<Shape, Shape> maps_of() {
  constexpr auto& net = lowered<Net>;
  Shape last{}, low{};
  for (int i = 0; i < net.graph.count; i++) {
    const graph::Node& node = net.graph.nodes[i];
    if (node.op != Op::convolution) continue;
    const std::string path = net.layers[node.layer].path;
    if (path == "aspp.0.0") last = net.graph.nodes[node.inputs[0]].out;
    if (path == "decoder.0.1.0") low = net.graph.nodes[node.inputs[0]].out;
  }
  return {last, low};
}

/// A network's numbers, as far as a file sees them.
template <class Net>
struct Weights {
  std::vector<float> parameters = std::vector<float>(std::size_t(lowered<Net>.parameter_floats)),
                     buffers = std::vector<float>(std::size_t(lowered<Net>.buffer_floats), 1);
  static NetworkHash hash() { return network_hash<Net>; }
  std::vector<NamedTensor> tensors() {
    std::vector<NamedTensor> out;
    const auto add = [&](const graph::Tensor* table, int count, float* data) {
      for (int t = 0; t < count; t++)
        out.push_back({tensor_name<Net>(table[t]).text,
                       4,
                       {table[t].dims[0], table[t].dims[1], table[t].dims[2], table[t].dims[3]},
                       data + table[t].offset});
    };
    add(lowered<Net>.parameters, lowered<Net>.parameter_count, parameters.data());
    add(lowered<Net>.buffers, lowered<Net>.buffer_count, buffers.data());
    return out;
  }
};

/// The report of loading a classifier's file as the trunk of Net, and checks that its numbers came.
template <class Classifier, class Net>
io::LoadReport trunk_from_classifier(io::LoadOptions options) {
  TemporaryFolder folder;
  Weights<Classifier> classifier;
  for (std::size_t i = 0; i < classifier.parameters.size(); i++) classifier.parameters[i] = float(i % 1009) + 1;
  io::write_safetensors(folder / "w", classifier.tensors());
  Weights<Net> net;
  options.rename = {{"", "backbone."}}, options.only = {"backbone"};
  io::LoadReport report = load(net, folder / "w", options);
  const std::vector<NamedTensor> theirs = classifier.tensors();
  long wrong = 0;
  for (const NamedTensor& ours : net.tensors()) {
    const auto found =
        std::find_if(theirs.begin(), theirs.end(), [&](auto& t) { return "backbone." + t.name == ours.name; });
    for (long i = 0; i < ours.size(); i++)
      wrong += ours.data[i] != (found != theirs.end() ? found->data[i]
                                                      : ours.name.find("running") != std::string::npos ||
                                                            ours.name.starts_with("input."));
  }
  CHECK(wrong == 0);
  return report;
}

/// Scores of inference, and loss and gradients of a training step.
struct Results {
  std::vector<float> scores, gradients;
  double loss = 0;
};
/// Batch norms keep their statistics: with those of a few pixels, float and double would take different branches.
template <class Backend, class Net>
Results results_of(const reference::RandomData& data) {
  core::Workers workers(1);
  Results out{.scores = std::vector<float>(std::size_t(data.count * output_shape<Net>.size())),
              .gradients = std::vector<float>(data.parameters.size())};
  typename Backend::template Inference<Net> inference(data.count, workers);
  inference.load(data.parameters.data(), data.buffers.data());
  inference.run(data.image_view(), out.scores.data());
  typename Backend::template Training<Net> training(data.count, workers);
  const std::vector<unsigned char> kept(std::size_t(lowered<Net>.layer_count), 1);
  std::vector<float> buffers = data.buffers;
  out.loss = training
                 .step(data.parameters.data(), buffers.data(), data.image_view(), data.label_view(),
                       out.gradients.data(), {.kept = kept.data()})
                 .loss;
  CHECK(buffers == data.buffers);
  return out;
}
template <class Net>
void compare_with_reference() {
  const reference::RandomData data = reference::draw_data(lowered<Net>, 1, 1);
  const Results given = results_of<Nhwc, Net>(data), expected = results_of<Reference, Net>(data);
  CHECK(relative_distance(given.scores.data(), expected.scores.data(), long(expected.scores.size())) <= forward_bound);
  CHECK(relative_error(given.loss, expected.loss) <= forward_bound);
  const double all = largest(expected.gradients.data(), long(expected.gradients.size()));
  for (int t = 0; t < lowered<Net>.parameter_count; t++) {
    const graph::Tensor& tensor = lowered<Net>.parameters[t];
    const float *ours = given.gradients.data() + tensor.offset, *theirs = expected.gradients.data() + tensor.offset;
    CHECK_MESSAGE(
        distance(ours, theirs, tensor.size) <= gradient_bound * std::max(1e-2 * all, largest(theirs, tensor.size)),
        std::string(tensor_name<Net>(tensor).text));
  }
}

}  // namespace

TEST_CASE("trunks dilate in place of strides, and give features at a quarter of the input") {
  const auto are = [](std::pair<Shape, Shape> maps, int stride, int channels, int low) {
    return maps == std::pair(Shape{64 / stride, 96 / stride, channels}, Shape{16, 24, low});
  };
  CHECK(are(maps_of<Other<>>(), 16, 512, 64));
  CHECK(are(maps_of<Other<OutputStride<8>>>(), 8, 512, 64));
  CHECK(are(maps_of<Other<On<ResNet50Trunk>>>(), 16, 2048, 256));
  CHECK(are(maps_of<Other<On<ResNet50Trunk>, OutputStride<8>>>(), 8, 2048, 256));
  CHECK(are(maps_of<Other<On<MobileNetV2Trunk>>>(), 16, 320, 24));
  CHECK(are(maps_of<Other<On<MobileNetV2Trunk>, OutputStride<8>>>(), 8, 320, 24));
}

TEST_CASE("other trunks are loaded from the files of classifiers") {
  const io::LoadReport resnet =
      trunk_from_classifier<ResNet50<Image<64, 64, 3>, 10>, Other<On<ResNet50Trunk>>>({.ignore = {"backbone.fc"}});
  CHECK(resnet.taken.size() == 53 + 4 * 53);
  CHECK(resnet.left_over == std::vector<std::string>{"fc.weight", "fc.bias"});
  const io::LoadReport mobile =
      trunk_from_classifier<MobileNetV2<Image<64, 64, 3>, 10>, Other<On<MobileNetV2Trunk>, OutputStride<8>>>(
          {.ignore = {"backbone.features.18", "backbone.classifier"}});
  CHECK(mobile.taken.size() == 51 + 4 * 51);
  CHECK(mobile.left_over.size() == 1 + 4 + 2);
}

TEST_CASE("with other trunks, predictions and a training step are the reference's") {
  using Tiny = Image<16, 16, 3>;
  compare_with_reference<DeepLabv3Plus<Tiny, 3, TorchvisionLike, On<MobileNetV2Trunk>>>();
  compare_with_reference<DeepLabv3Plus<Tiny, 3, MatlabLike, On<ResNet50Trunk>, Depths<1, 1, 2, 2>, OutputStride<8>>>();
}

namespace {

/// The number of parameters in tensors whose names begin with `start` and whose rate factor is `factor`.
template <class Net>
long at_rate(const std::string& start, double factor) {
  long numbers = 0;
  for (int t = 0; t < lowered<Net>.parameter_count; t++) {
    const graph::Tensor& tensor = lowered<Net>.parameters[t];
    if (std::string(tensor_name<Net>(tensor).text).starts_with(start) && tensor.rate_factor == factor)
      numbers += tensor.size;
  }
  return numbers;
}

}  // namespace

TEST_CASE("what learns in MATLAB's network, and how fast") {
  using Net = DeepLabv3Plus<Street, 11>;
  CHECK(at_rate<Net>("backbone.", 0) == 4'800);       // biases
  CHECK(at_rate<Net>("backbone.", 1) == 11'176'512);  // torchvision's trunk
  CHECK(at_rate<Net>("", 0) == 4'800 + 4 * 256 + 256 + 48 + 2 * 256 + 11);
  CHECK(at_rate<Net>("", 1) == 11'176'512 + 2 * (4 * 256 + 256 + 48 + 2 * 256));  // batch norms of the head
  CHECK(at_rate<Net>("", 10) == parameters<Net> - at_rate<Net>("", 0) - at_rate<Net>("", 1));
}

TEST_CASE("all blocks of the last stage dilate") {
  constexpr auto& net = lowered<DeepLabv3Plus<Street, 11, TorchvisionLike, Deep>>;
  std::string dilations;
  for (int i = 0; i < net.graph.count; i++) {
    const graph::Node& node = net.graph.nodes[i];
    const std::string path = node.op == Op::convolution ? net.layers[node.layer].path : "";
    if (path.starts_with("backbone.layer4.") && path.find(".conv") != path.npos)
      dilations += path.substr(16) + ' ' + std::to_string(node.window.rows.dilation) + ' ';
  }
  CHECK(dilations == "0.conv1 1 0.conv2 2 1.conv1 2 1.conv2 2 2.conv1 2 2.conv2 2 ");
}

TEST_CASE("a trunk at its own rate") {
  using Net = DeepLabv3Plus<Street, 11, TorchvisionLike, TrunkRate<0.1>, ImagePooling>;
  CHECK(at_rate<Net>("backbone.", 0.1) == 11'176'512);
  CHECK(at_rate<Net>("", 1) == parameters<Net> - 11'176'512);
}

TEST_CASE("a frozen trunk has no backward pass") {
  using Net = DeepLabv3Plus<Street, 11, MatlabLike, TrunkRate<Real{0}>>;
  constexpr auto& graph = graph::training_graph<Net>;
  static_assert(well_formed(graph));
  CHECK(at_rate<Net>("backbone.", 0) == 11'176'512 + 4'800);
  CHECK(count_of(graph, Op::convolution) == 30);
  CHECK(count_of(graph, Op::convolution_weight_gradient) == 10);  // of the head
  CHECK(count_of(graph, Op::convolution_input_gradient) == 5);    // project, refine, scorer
  CHECK(count_of(graph, Op::normalize_reductions) == 8);
}

TEST_CASE("weights of another variant, number of classes or size are refused, with the reason") {
  TemporaryFolder folder;
  Model<DeepLabv3Plus<Small, 3, TorchvisionLike>> model{{.seed = 1, .threads = 1}};
  save(model, folder / "w");
  const auto said = [&]<class Net>(Net*, const auto&... part) {
    Model<Net> other{{.seed = 2, .threads = 1}};
    const std::vector<float> before(other.parameters().begin(), other.parameters().end());
    const bool refused = refuses([&] { load(other, folder / "w"); }, "another network", part...);
    return refused && std::equal(before.begin(), before.end(), other.parameters().begin());
  };
  CHECK(said(static_cast<DeepLabv3Plus<Small, 3>*>(nullptr), "it lacks the tensor 'backbone.conv1.bias' (64)"));
  CHECK(said(static_cast<DeepLabv3Plus<Small, 4, TorchvisionLike>*>(nullptr),
             "its tensor 'scorer.weight' is (3, 256, 1, 1) where the network has (4, 256, 1, 1)"));
  CHECK(said(static_cast<DeepLabv3Plus<Small, 3, TorchvisionLike, ImagePooling>*>(nullptr),
             "it lacks the tensor 'aspp.4.1.0.weight' (256, 512, 1, 1)"));
  CHECK(said(static_cast<DeepLabv3Plus<Image<48, 32, 3>, 3, TorchvisionLike>*>(nullptr),
             "its images are 32x32x3 where the network's are 48x32x3"));
  Model<DeepLabv3Plus<Small, 3, TorchvisionLike, TrunkRate<Real{0}>>> frozen{{.seed = 2, .threads = 1}};
  load(frozen, folder / "w");  // the same network: rates belong to the training
  CHECK(std::ranges::equal(model.parameters(), frozen.parameters()));
}

TEST_CASE("training with a frozen trunk moves only the head and the trunk's statistics") {
  using Net = DeepLabv3Plus<Small, 3, TorchvisionLike, TrunkRate<Real{0}>, ImagePooling>;
  const reference::RandomData drawn = reference::draw_data(lowered<Net>, 4, 1);
  struct {
    const reference::RandomData& data;
    std::vector<std::int32_t> kept{};
    int count() const { return data.count; }
    Batch batch(const std::int32_t* index, int n) {
      kept.assign(index, index + n);
      return {{.floats = data.images.data(), .index = kept.data(), .count = n},
              {.values = data.labels.data(), .index = kept.data()}};
    }
  } set{drawn};
  Model<Net> model{{.seed = 1, .threads = 1}}, before{{.seed = 1, .threads = 1}};
  const Run run = train(model, set,
                        {.epochs = 3,
                         .batch = 4,
                         .optimizer = Sgd{.rate = 0.01, .l2 = 1e-3},
                         .clip = {.norm = 10},
                         .input = Normalization::none});
  REQUIRE(run.history.size() == 3);
  CHECK(run.history[2].loss < run.history[0].loss);
  const std::vector<NamedTensor> given = model.tensors(), old = before.tensors();
  for (std::size_t t = 0; t < given.size(); t++) {
    const bool same = std::equal(given[t].data, given[t].data + given[t].size(), old[t].data);
    const std::string& name = given[t].name;
    const bool stays =
        name.starts_with("input.") || (name.starts_with("backbone.") && name.find("running") == std::string::npos);
    CHECK_MESSAGE(same == stays, name);
  }
}

}  // namespace models_deeplab_v3_plus
