// SPDX-License-Identifier: MIT
// Both variants and their options: parameters, what learns, whose weights fit, training with a frozen trunk.
#include <strata/graph/plans.hpp>
#include <strata/io/weights.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/reference/random_data.hpp>
#include <strata/strata.hpp>

#include <doctest/doctest.h>

#include <string>
#include <type_traits>

#include "../support/graphs.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

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
