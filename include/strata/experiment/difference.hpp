// SPDX-License-Identifier: MIT
// How two networks differ: their layers, parameters, multiply-adds, memory and kernels, as a constant.
#pragma once

#include <strata/core/at_least_one.hpp>
#include <strata/experiment/program.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace strata::experiment {

/// A number of both networks.
struct Compared {
  long a = 0, b = 0;  ///< the number of network A and of network B
  /// How much more B has; negative: less.
  constexpr long change() const { return b - a; }
};

/// A line of the comparison: a layer of both networks, or of one.
struct LayerChange {
  const graph::Layer* a = nullptr;  ///< of network A; null: it does not have the layer
  const graph::Layer* b = nullptr;  ///< of network B; null: it does not have the layer
};

/// What diff<A, B> holds. Layers are aligned so that as many as possible are spelled alike.
template <int Room>
struct Difference {
  Compared parameters;                              ///< numbers that training may change
  Compared macs;                                    ///< multiply-adds per image
  Compared arena_bytes;                             ///< bytes of inference of one image
  Compared kernels;                                 ///< the number of kernels that inference runs
  Compared layers;                                  ///< the number of layers
  LayerChange changes[core::at_least_one(Room)]{};  ///< the layers of both, aligned; the first change_count are used
  int change_count = 0;                             ///< the number of lines

  /// The number of layers that only A has.
  constexpr int removed() const { return count(true); }
  /// The number of layers that only B has.
  constexpr int added() const { return count(false); }
  /// Whether both have the same layers in the same order.
  constexpr bool same_layers() const { return removed() == 0 && added() == 0; }

 private:
  constexpr int count(bool of_a) const {
    int n = 0;
    for (int i = 0; i < change_count; i++) n += of_a ? !changes[i].b : !changes[i].a;
    return n;
  }
};

namespace detail {

/// For each pair of layers, the length of the longest common subsequence of what follows (by their spelling).
template <int A, int B>
struct CommonLayers {
  short length[std::size_t(A + 1)][std::size_t(B + 1)]{};
};

template <class First, class Second>
constexpr auto common_layers(const First& a, const Second& b) {
  CommonLayers<First::layer_count, Second::layer_count> out;
  for (int i = First::layer_count - 1; i >= 0; i--)
    for (int k = Second::layer_count - 1; k >= 0; k--) {
      const bool same = core::same_text(a.layers[i].declared->spelled, b.layers[k].declared->spelled);
      const short without = out.length[i + 1][k] > out.length[i][k + 1] ? out.length[i + 1][k] : out.length[i][k + 1];
      out.length[i][k] = same ? short(out.length[i + 1][k + 1] + 1) : without;
    }
  return out;
}

}  // namespace detail

/// How network B differs from network A: print(diff<Old, New>), static_assert(diff<Old, New>.macs.change() <= 0).
template <class A, class B, class Backend = Cpu>
inline constexpr auto diff = [] {
  constexpr auto& a = program<A, Backend>;
  constexpr auto& b = program<B, Backend>;
  constexpr int layers_a = a.layer_count, layers_b = b.layer_count;
  constexpr auto common = detail::common_layers(a, b);
  Difference<layers_a + layers_b> out;
  out.parameters = {a.parameters, b.parameters}, out.macs = {a.macs, b.macs};
  out.arena_bytes = {a.arena_bytes, b.arena_bytes}, out.kernels = {a.kernel_count, b.kernel_count};
  out.layers = {layers_a, layers_b};
  for (int i = 0, k = 0; i < layers_a || k < layers_b;) {
    LayerChange& line = out.changes[out.change_count++];
    const bool same =
        i < layers_a && k < layers_b && core::same_text(a.layers[i].declared->spelled, b.layers[k].declared->spelled);
    const bool first = !same && i < layers_a && (k == layers_b || common.length[i + 1][k] >= common.length[i][k + 1]);
    if (same || first) line.a = a.layers[i++].declared;
    if (same || !first) line.b = b.layers[k++].declared;
  }
  return out;
}();

/// The layers, those that only one network has marked by - and +, and the numbers of both.
template <int Room>
std::string to_text(const Difference<Room>& difference) {
  using graph::detail::grouped, graph::detail::spelled;
  std::vector<std::string> cells{"", "layer", "in A", "in B", "output"};
  for (int i = 0; i < difference.change_count; i++) {
    const auto [a, b] = difference.changes[i];
    const std::string mark = !b   ? "-"
                             : !a ? "+"
                                  : " ",
                      shapes_differ = a && b && !(a->out == b->out) ? spelled(a->out) + " -> " : "";
    const std::string row[] = {mark, (a ? a : b)->spelled, a ? a->path : "", b ? b->path : "",
                               shapes_differ + spelled((b ? b : a)->out)};
    cells.insert(cells.end(), row, row + 5);
  }
  std::string out = detail::aligned(cells, 5, 5) + "\n";
  std::vector<std::string> numbers{"", "A", "B", "change", "%"};
  const auto line = [&](const char* name, Compared c) {
    const long size = c.change() < 0 ? -c.change() : c.change();
    const std::string sign = c.change() > 0 ? "+" : c.change() < 0 ? "-" : "";
    const std::string row[] = {name, grouped(c.a), grouped(c.b), sign + grouped(size),
                               c.a != 0 ? sign + core::fixed(100. * double(size) / double(c.a), 1) : ""};
    numbers.insert(numbers.end(), row, row + 5);
  };
  line("parameters", difference.parameters), line("MACs per image", difference.macs);
  line("bytes for inference", difference.arena_bytes), line("kernels", difference.kernels),
      line("layers", difference.layers);
  return out + detail::aligned(numbers, 5, 1);
}

/// Prints the comparison: print(diff<Old, New>).
template <int Room>
void print(const Difference<Room>& difference, std::FILE* out = stdout) {
  std::fputs(to_text(difference).c_str(), out);
}

}  // namespace strata::experiment

namespace strata {
using experiment::diff;
using experiment::print;
using experiment::to_text;
}  // namespace strata
