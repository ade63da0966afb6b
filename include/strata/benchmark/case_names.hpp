// SPDX-License-Identifier: MIT
// The cases of a program: which there are, and their names.
#pragma once

#include <strata/benchmark/registry.hpp>
#include <strata/benchmark/rival.hpp>
#include <strata/benchmark/whole_network.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/core/threads/available_cores.hpp>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

namespace strata::benchmarks {

/// A case: a node of a subject, or the whole of it on a back end.
struct NetworkCase {
  const Subject* subject = nullptr;
  int images = 1, threads = 1;
  int node = -1;          ///< < 0: the whole
  std::string backend{};  ///< of the whole
  std::string rival{};    ///< the library whose kernel computes the node; empty: strata
};

namespace detail {

/// Without the slashes that separate the parts of a case's name.
inline std::string part(std::string text) {
  std::replace(text.begin(), text.end(), '/', '|');
  return text;
}

}  // namespace detail

/// "digits/training/node:07 convolution weight gradient 4/batch:1024/threads:2",
/// "digits/training/whole/lanes/batch:1024/threads:2".
inline std::string name_of(const NetworkCase& c) {
  std::string name = detail::part(c.subject->network) + (c.subject->training ? "/training/" : "/inference/");
  if (c.node < 0) {
    name += "whole/" + detail::part(c.backend);
  } else {
    const graph::Node& node = c.subject->plan(c.images)[c.node];
    const std::size_t digits = core::decimal(c.subject->node_count(c.images) - 1).size();
    std::string op = graph::name(node.op);
    std::replace(op.begin(), op.end(), '_', ' ');
    const std::string layer = c.subject->layers[node.layer].path;
    name += "node:" + core::padded(core::decimal(c.node), digits, '0') + " " + op;
    if (!layer.empty()) name += " " + detail::part(layer);
    if (!c.rival.empty()) name += "/" + detail::part(c.rival);
  }
  return name + "/batch:" + core::decimal(c.images) + "/threads:" + core::decimal(c.threads);
}

/// Removes from the names of nodes what all have in common before the node, "digits/training/", and after it,
/// "/batch:1024/threads:2". Returns that as one name.
inline std::string shorten(std::vector<std::string>& names) {
  if (names.empty()) return "";
  const auto head = [](const std::string& name) { return name.substr(0, name.find("/node:")); };
  const auto tail = [](const std::string& name) { return name.substr(name.rfind("/batch:")); };
  const auto all = [&](const auto& part) {
    return std::all_of(names.begin(), names.end(), [&](const std::string& n) { return part(n) == part(names[0]); });
  };
  const std::string before = all(head) ? head(names[0]) : "", after = all(tail) ? tail(names[0]) : "";
  for (std::string& name : names) {
    name.resize(name.size() - after.size());
    if (!before.empty()) name.erase(0, before.size() + 1);
  }
  return before.empty() && !after.empty() ? after.substr(1) : before + after;
}

/// The largest of the numbers of threads; of none, all cores.
inline int most_threads(const std::vector<int>& threads) {
  return threads.empty() ? core::available_cores() : *std::max_element(threads.begin(), threads.end());
}

/// The cases of all subjects. batches, threads: empty: the batch that suits a subject, and for whole inferences a
/// single image too; all cores, and for whole networks one core too. The rival has cases with the most threads.
inline std::vector<NetworkCase> cases_of(const std::deque<Subject>& all, const std::vector<int>& batches,
                                         const std::vector<int>& threads, const RivalLibrary& rival = {}) {
  std::vector<NetworkCase> cases;
  const auto counts = [](const std::vector<int>& given, int other, int usual) {
    if (!given.empty()) return given;
    return other == usual ? std::vector<int>{usual} : std::vector<int>{other, usual};
  };
  const int cores = core::available_cores();
  for (const Subject& subject : all) {
    const int least = subject.training ? subject.batch : 1;
    for (const int images : counts(batches, least, subject.batch))
      for (const int count : counts(threads, 1, cores))
        for (const std::string& backend : backends_of(subject, images))
          cases.push_back({.subject = &subject, .images = images, .threads = count, .backend = backend});
    for (const int images : counts(batches, subject.batch, subject.batch))
      for (const int count : counts(threads, cores, cores))
        for (int i = 0; i < subject.node_count(images); i++) {
          cases.push_back({.subject = &subject, .images = images, .threads = count, .node = i});
          if (rival && count == most_threads(threads) && rival.has(subject.plan(images)[i]))
            cases.push_back({.subject = &subject, .images = images, .threads = count, .node = i, .rival = rival.name});
        }
  }
  return cases;
}

}  // namespace strata::benchmarks
