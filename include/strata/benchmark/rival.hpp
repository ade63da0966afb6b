// SPDX-License-Identifier: MIT
// Another library's kernels for the convolutions of a program, as a program sees them that may be built without it.
#pragma once

#include <strata/graph/declared/graph.hpp>

#include <memory>
#include <string>

namespace strata::benchmarks {

/// The kernels for the nodes [count] of a program that the library has() kernels for.
class Rival {
 public:
  virtual ~Rival() = default;
  /// Runs a node once.
  virtual void run(int node) = 0;
  /// The library's name for what computes a node.
  virtual std::string kernel(int node) const = 0;
};

/// Another library.
struct RivalLibrary {
  std::string name;                                ///< with its version: "oneDNN 2.6.3"; empty: there is none
  bool (*has)(const graph::Node& node) = nullptr;  ///< whether it has a kernel for a node
  /// Makes its kernels for a batch.
  std::unique_ptr<Rival> (*make)(const graph::Node* nodes, int count, int images, bool training) = nullptr;

  explicit operator bool() const { return make != nullptr; }
};

}  // namespace strata::benchmarks
