// SPDX-License-Identifier: MIT
// Groups: parts of a network that learn at their own rates in one training, and whose batch norms may keep their
// statistics. Groups are set at run time and change neither the network's type nor its hash.
#pragma once

#include <string>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/condition.hpp>
#include <strata/core/error.hpp>
#include <strata/core/finite.hpp>
#include <strata/graph/declared/network_tables.hpp>

namespace strata::training {

/// The tensors whose names begin with the parts of `prefix`: "backbone" matches "backbone.conv1.weight", not
/// "backbone2.conv1.weight".
struct Group {
  std::string prefix;  ///< whole parts of names, up to a dot
  double rate = 1;  ///< multiplies their learning rates, in addition to AtRate; from 1e-12 to 1e12, or 0: neither they
                    ///< nor the optimizer's state change
  /// Their batch norms use the running statistics in training too, and do not update them.
  bool keeps_statistics = false;
};

/// Groups, resolved for the tables of a network.
struct Grouping {
  std::vector<double> rates{};        ///< per parameter tensor, multiplies its rate_factor; empty: all 1
  std::vector<unsigned char> kept{};  ///< per layer, as in StepOptions::kept; empty: none

  const unsigned char* mask() const { return kept.empty() ? nullptr : kept.data(); }
  /// A copy of the parameters' table with these rates applied.
  std::vector<graph::Tensor> applied_to(const graph::Tensor* table, int tensors) const;
};

namespace detail {

/// The tables of a network in which groups find their tensors.
struct GroupedTables {
  const graph::Layer* layers = nullptr;
  int layer_count = 0;
  const graph::Tensor *parameters = nullptr, *buffers = nullptr;
  int parameter_count = 0, buffer_count = 0;

  std::string name(const graph::Tensor& tensor) const { return graph::tensor_name(layers, tensor).text; }
};

/// Resolves groups. Throws Error, which begins with `who`, if a group does not fit the network.
STRATA_ONCE Grouping grouping_of(const std::vector<Group>& groups, const GroupedTables& net, const char* who);

/// "backbone at 0.1, statistics kept; classifier at 10".
STRATA_ONCE std::string words_of(const std::vector<Group>& groups);

#if STRATA_HAS_BODIES

inline bool begins_with_parts(const std::string& name, const std::string& prefix) {
  return name.starts_with(prefix) && (name.size() == prefix.size() || name[prefix.size()] == '.');
}

[[gnu::cold]] STRATA_ONCE Grouping grouping_of(const std::vector<Group>& groups, const GroupedTables& net,
                                               const char* who) {
  Grouping out;
  if (groups.empty()) return out;
  std::vector<int> owner(std::size_t(net.parameter_count), -1);
  out.rates.assign(owner.size(), 1);
  for (std::size_t g = 0; g < groups.size(); g++) {
    const Group& group = groups[g];
    const auto refuse = [&](const auto&... what) { throw Error(who, ": groups[", g, "] ", what...); };
    if (group.prefix.empty()) refuse("has an empty prefix; give the first parts of its tensors' names");
    if (group.rate != 0 && !core::is_within(group.rate, 1e-12, 1e12))
      refuse("('", group.prefix, "') has the rate ", group.rate, "; give 0 or a number from 1e-12 to 1e12");
    bool finds = false, keeps = false;
    for (std::size_t t = 0; t < owner.size(); t++) {
      const std::string name = net.name(net.parameters[t]);
      if (!begins_with_parts(name, group.prefix)) continue;
      if (owner[t] >= 0)
        refuse("('", group.prefix, "') and groups[", owner[t], "] ('", groups[std::size_t(owner[t])].prefix,
               "') both have the tensor '", name, "'; give groups that have no tensor in common");
      owner[t] = int(g), out.rates[t] = group.rate, finds = true;
    }
    if (!finds)
      refuse("has the prefix '", group.prefix, "', but no parameter's name begins with it: the first is '",
             net.parameter_count > 0 ? net.name(net.parameters[0]) : std::string(),
             "'; give whole parts of names, up to a dot");
    if (!group.keeps_statistics) continue;
    out.kept.resize(std::size_t(net.layer_count), 0);
    for (int b = 0; b < net.buffer_count; b++)
      if (net.buffers[b].role == graph::Role::running_mean && begins_with_parts(net.name(net.buffers[b]), group.prefix))
        out.kept[std::size_t(net.buffers[b].layer)] = 1, keeps = true;
    if (!keeps)
      refuse("('", group.prefix, "') keeps statistics but has no batch norm; leave keeps_statistics at false");
  }
  bool learns = false;
  for (std::size_t t = 0; t < owner.size(); t++) learns |= out.rates[t] * net.parameters[t].rate_factor != 0;
  if (!learns)
    throw Error(
        who,
        ": the rates of all groups are 0, so nothing would be learned; give a nonzero rate to some part of the network");
  return out;
}

[[gnu::cold]] STRATA_ONCE std::string words_of(const std::vector<Group>& groups) {
  std::string out;
  for (const auto& [prefix, rate, keeps_statistics] : groups)
    out += (out.empty() ? "" : "; ") + prefix + " at " + core::Conditions::exact(rate) +
           (keeps_statistics ? ", statistics kept" : "");
  return out;
}

#endif  // STRATA_HAS_BODIES

}  // namespace detail
#if STRATA_HAS_BODIES

STRATA_ONCE std::vector<graph::Tensor> Grouping::applied_to(const graph::Tensor* table, int tensors) const {
  std::vector<graph::Tensor> out(table, table + tensors);
  for (std::size_t t = 0; t < rates.size(); t++) out[t].rate_factor *= rates[t];
  return out;
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training

namespace strata {
using training::Group;
}  // namespace strata
