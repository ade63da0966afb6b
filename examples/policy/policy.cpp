// SPDX-License-Identifier: MIT
// A policy with two heads, trained at once: the next move toward a goal, and whether the steps that are left suffice.
#include <strata/models/policy.hpp>
#include <strata/strata.hpp>

#include <cstdio>
#include <cstdlib>

using namespace strata;

constexpr int side = 7, squares = side * side;
using Net = models::Policy<Image<side, side, 2>, 4>;

/// Boards with a 1 for the player in channel 0 and a 1 for the goal in channel 1, each with its two answers.
struct Games {
  std::vector<float> boards, steps, arrives;
  std::vector<std::int32_t> moves;  // up, down, left, right
  Images of_steps;
  Labels of_arrivals;

  Games(int count, std::uint64_t seed) : boards(std::size_t(2 * count * squares)) {
    core::Random random{seed};
    for (int i = 0; i < count; i++) {
      const int from = int(random.below(squares)), to = (from + 1 + int(random.below(squares - 1))) % squares;
      const int dy = to / side - from / side, dx = to % side - from % side, left = 1 + int(random.below(12));
      boards[std::size_t(2 * (i * squares + from))] = boards[std::size_t(2 * (i * squares + to) + 1)] = 1;
      steps.push_back(float(left));
      moves.push_back(std::abs(dy) >= std::abs(dx) ? dy > 0 : 2 + (dx > 0));
      arrives.push_back(std::abs(dy) + std::abs(dx) <= left);
    }
  }
  int count() const { return int(moves.size()); }
  Batch batch(const std::int32_t* index, int n) {  // what belongs to the second source and head is `more`
    of_steps = {.floats = steps.data(), .index = index, .count = n};
    of_arrivals = {.index = index, .floats = arrives.data()};
    return {{.floats = boards.data(), .index = index, .count = n, .more = &of_steps},
            {.values = moves.data(), .index = index, .more = &of_arrivals}};
  }
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
  Games game(1, 9);
  const auto answers =
      model.predict({{.floats = game.boards.data(), .count = 1}, {.floats = game.steps.data(), .count = 1}});
  const auto &move = answers[0], &arrives = answers[1];
  std::printf("up %.2f, down %.2f, left %.2f, right %.2f; arrives: %.2f\n", double(move[0]), double(move[1]),
              double(move[2]), double(move[3]), double(arrives[0]));
}
