// SPDX-License-Identifier: MIT
// A policy with two heads, trained at once: the next move toward a goal, and whether the steps that are left suffice.
#include <strata/strata.hpp>

#include <cstdio>
#include <cstdlib>

using namespace strata;

constexpr int side = 7;
using Net = Network<Inputs<Source<"board", Image<side, side, 2>>, Source<"steps left", Image<1, 1, 1>>>, Conv<3, 16>,
                    BatchNorm, ReLU, Conv<3, 16>, BatchNorm, ReLU, Dense<32>, ReLU,
                    Concat<Identity, Sequential<From<"steps left">, Dense<4>>>, Dense<32>, ReLU,
                    Outputs<Head<"move", Dense<4>, Softmax>, Head<"reached", Dense<1>, Sigmoid>>>;

/// Boards with one pixel for the player and one for the goal, each with its answers.
struct Games {
  std::vector<float> boards, steps, reached;
  std::vector<std::int32_t> moves;  // up, down, left, right

  Games(int count, std::uint64_t seed) : boards(std::size_t(count * side * side * 2)) {
    core::Random random{seed};
    for (int i = 0; i < count; i++) {
      const int from = int(random.below(side * side)),
                to = (from + 1 + int(random.below(side * side - 1))) % (side * side);
      const int dy = to / side - from / side, dx = to % side - from % side, left = 1 + int(random.below(12));
      boards[std::size_t((i * side * side + from) * 2)] = boards[std::size_t((i * side * side + to) * 2 + 1)] = 1;
      steps.push_back(float(left));
      moves.push_back(std::abs(dy) >= std::abs(dx) ? dy > 0 : 2 + (dx > 0));
      reached.push_back(std::abs(dy) + std::abs(dx) <= left);
    }
  }
  int count() const { return int(moves.size()); }
  Batch batch(const std::int32_t* index, int n) {  // what follows the first source and head is in `more`
    more_images_ = {.floats = steps.data(), .index = index, .count = n};
    more_labels_ = {.index = index, .floats = reached.data()};
    return {{.floats = boards.data(), .index = index, .count = n, .more = &more_images_},
            {.values = moves.data(), .index = index, .more = &more_labels_}};
  }

 private:
  Images more_images_;
  Labels more_labels_;
};

int main() {
  struct {
    Games train{6000, 1}, validation{500, 2};
  } data;
  Model<Net> model{{.seed = 1}};
  const auto run = train(model, data,
                         {.epochs = 10,
                          .batch = 64,
                          .optimizer = Adam{.rate = training::cosine(0.004)},
                          .losses = {CrossEntropy{}, BinaryCrossEntropy{.scale = 0.5}}});
  print(run.validation);
  Games one(1, 9);
  const auto answers =
      model.predict({{.floats = one.boards.data(), .count = 1}, {.floats = one.steps.data(), .count = 1}});
  std::printf("up %.2f, down %.2f, left %.2f, right %.2f; in time: %.2f\n", double(answers[0][0]),
              double(answers[0][1]), double(answers[0][2]), double(answers[0][3]), double(answers[1][0]));
}
