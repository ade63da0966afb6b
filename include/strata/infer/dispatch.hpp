// SPDX-License-Identifier: MIT
// One network, compiled for several instruction sets, of which a program takes the best one that its machine has.
// strata_add_dispatch() of CMake compiles it. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <strata/core/cpu_features.hpp>
#include <strata/core/error.hpp>
#include <strata/infer/any_model.hpp>

#include <memory>
#include <span>
#include <string>

namespace strata::infer {

/// What a file that is compiled for one instruction set gives to the program (infer/define_target.hpp).
struct TargetCode {
  core::CpuFeatures needs;                                      ///< the extensions that its code uses
  detail::HeldModel* (*create)(const training::ModelOptions&);  ///< a new model, which the caller owns
};

/// A network's code for one instruction set.
struct DispatchTarget {
  const char* name;        ///< as CMake was given it, "avx2"
  const TargetCode* code;  ///< never null
  /// The extensions that this machine lacks to run it, "AVX2, FMA"; empty: it runs.
  std::string missing() const { return core::missing_features(code->needs); }
};

/// The targets of a network, as many as CMake was given and in that order, the most demanding last.
/// strata_add_dispatch() defines it: a program that calls dispatch() without linking that library does not link.
template <class Net>
std::span<const DispatchTarget> targets_of();

/// How dispatch() makes a model.
struct DispatchOptions {
  int threads = 0;       ///< the caller's included; 0: one per core available to this process
  std::string target{};  ///< the name of the target to run; empty: the last one that this machine can run
};

namespace detail {

/// Throws Error if there is no such target, or this machine cannot run it, or any.
inline const DispatchTarget& chosen_target(std::span<const DispatchTarget> targets, const std::string& name) {
  std::string all;
  for (const DispatchTarget& target : targets) all += (all.empty() ? "" : ", ") + std::string(target.name);
  if (name.empty()) {
    for (std::size_t i = targets.size(); i-- > 0;)
      if (targets[i].missing().empty()) return targets[i];
    throw Error("dispatch: this machine runs none of the targets ", all, "; it lacks ", targets[0].missing(),
                " for the first; give strata_add_dispatch() a less demanding one");
  }
  for (const DispatchTarget& target : targets)
    if (name == target.name) {
      const std::string lacks = target.missing();
      if (!lacks.empty()) throw Error("dispatch: this machine cannot run the target ", name, ": it lacks ", lacks);
      return target;
    }
  throw Error("dispatch: there is no target '", core::printable(name), "'; choose one of: ", all);
}

/// Makes what only HeldModel's own files can.
struct Dispatcher {
  static AnyModel model(const DispatchTarget& target, const DispatchOptions& options) {
    return {target.name, std::unique_ptr<HeldModel>(target.code->create({.threads = options.threads}))};
  }
};

}  // namespace detail
}  // namespace strata::infer

namespace strata {

/// A model of the network, for prediction, whose code is that of the last target that this machine can run; its name()
/// is the target's. load() reads its weights. Throws Error if options.target cannot run here, and as Model does.
template <class Net>
infer::AnyModel dispatch(const infer::DispatchOptions& options = {}) {
  return infer::detail::Dispatcher::model(infer::detail::chosen_target(infer::targets_of<Net>(), options.target),
                                          options);
}

}  // namespace strata
