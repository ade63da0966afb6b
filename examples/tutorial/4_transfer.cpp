// SPDX-License-Identifier: MIT
// Transfer learning: a trunk learns five shapes from 1,500 drawings, then helps to tell four others from 40.
// 4_transfer [WEIGHTS.safetensors]
#include <strata/data/dataset.hpp>
#include <strata/io/weights.hpp>
#include <strata/strata.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

using namespace strata;

template <int Channels>
using Block = Sequential<Conv<3, Channels>, BatchNorm, ReLU, MaxPool<2>>;
/// The names of its tensors begin with "trunk." in every network: "trunk.0.0.weight".
using Trunk = Named<"trunk", Sequential<Block<8>, Block<16>, Block<32>, GlobalAvgPool>>;
template <int Classes, class Below = Trunk>
using Net = Network<Image<24, 24, 1>, Below, Named<"head", Dense<Classes>>, Softmax>;

/// A part that is frozen in the type costs a training neither work nor memory for its backward pass.
using Frozen = Net<4, AtRate<Real{0}, Trunk>>;
static_assert(cpu::training_cost<Frozen>.macs < cpu::training_cost<Net<4>>.macs / 2);
static_assert(cpu::training_cost<Frozen>.bytes < cpu::training_cost<Net<4>>.bytes);

/// Drawings of shapes `first` to `first + classes - 1`, of any size at any place, on noise.
data::Dataset draw(int count, int first, int classes, std::uint64_t seed) {
  core::Random random{seed};
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < count; i++) {
    labels.push_back(i % classes);
    const int r = 5 + int(random.below(4));
    const int cx = r + int(random.below(24 - 2 * r)), cy = r + int(random.below(24 - 2 * r));
    for (int y = 0; y < 24; y++)
      for (int x = 0; x < 24; x++) {
        const int dx = std::abs(x - cx), dy = std::abs(y - cy), square = dx * dx + dy * dy, most = dx > dy ? dx : dy;
        const bool shapes[] = {
            square < r * r,                                 // disk
            most < r,                                       // square
            dx + dy < r,                                    // diamond
            most < r && (dx < 2 || dy < 2),                 // cross
            most < r && x - cx + y - cy > 0,                // triangle
            square < r * r && square >= (r - 2) * (r - 2),  // ring
            most < r && most >= r - 2,                      // frame
            most < r && std::abs(dx - dy) < 2,              // saltire
            most < r && (dx < 2 || dy >= r - 2),            // beam
        };
        pixels.push_back(std::uint8_t((shapes[first + i % classes] ? 100 : 0) + random.below(120)));
      }
  }
  return data::Dataset({24, 24, 1}, std::move(pixels), std::move(labels));
}

/// Copies from the file the tensors whose names begin with `part`, and the scaling of the images.
template <class Model>
void load_part(Model& model, const std::string& path, const std::string& part) {
  const io::Safetensors file = io::read_safetensors(path);
  for (const core::NamedTensor& tensor : model.tensors()) {
    if (!tensor.name.starts_with(part) && !tensor.name.starts_with("input.")) continue;
    const io::StoredTensor* stored = file.find(tensor.name);
    if (!stored || stored->shape() != tensor.shape())
      throw Error(path, ": has no tensor '", tensor.name, "' ", tensor.shape(),
                  "; give the weights of a network that has it");
    copy_floats(file, *stored, tensor.data);
  }
}

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : "trunk.safetensors";
  {
    Model<Net<5>> model{{.seed = 1}};
    train(model, draw(1500, 0, 5, 1), {.epochs = 8, .batch = 48, .optimizer = Adam{.rate = training::cosine(0.01)}});
    std::printf("five shapes, many drawings: ");
    print(evaluate(model, draw(500, 0, 5, 2)));
    save(model, path);
  }
  const data::Dataset few = draw(40, 5, 4, 3), test = draw(600, 5, 4, 4);

  Model<Net<4>> scratch{{.seed = 1}};
  train(scratch, few, {.epochs = 60, .batch = 20, .optimizer = Adam{.rate = training::cosine(0.01)}});
  std::printf("four others from scratch:   ");
  print(evaluate(scratch, test));

  Model<Net<4>> model{{.seed = 1}};
  load_part(model, path, "trunk.");
  const training::InputScaling scaling = model.input_scaling();
  std::printf("the trunk expects images of mean %.0f and deviation %.0f\n", double(scaling.mean[0]),
              double(scaling.deviation[0]));
  TrainOptions options{.epochs = 60,
                       .batch = 20,
                       .optimizer = Adam{.rate = training::cosine(0.02)},
                       .input = training::Normalization::keep,  // that of the file
                       .groups = {{.prefix = "trunk", .rate = 0, .keeps_statistics = true}}};
  train(model, few, options);
  std::printf("with the trunk, frozen:     ");
  print(evaluate(model, test));

  options.groups[0].rate = 0.1;  // then let the trunk learn too, at a tenth of the rate
  train(model, few, options);
  std::printf("with the trunk, learning:   ");
  print(evaluate(model, test));
}
