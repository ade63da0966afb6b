// SPDX-License-Identifier: MIT
// Groups: parts of a network that learn at their own rates in one training, and whose batch norms may keep their
// statistics. Groups are set at run time and change neither the network's type nor its hash.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/condition.hpp>
#include <strata/core/error.hpp>
#include <strata/core/finite.hpp>
#include <strata/core/text/tensor_path.hpp>
#include <strata/graph/declared/network_tables.hpp>

namespace strata::training {

/// The tensors whose names begin with the parts of `prefix`: "backbone" matches "backbone.conv1.weight", not
/// "backbone2.conv1.weight".
struct Group {
  std::string prefix{};  ///< whole parts of names, up to a dot; empty: everything but `except`
  double rate = 1;  ///< multiplies their learning rates, in addition to AtRate; from 1e-12 to 1e12, or 0: neither they
                    ///< nor the optimizer's state change
  /// Their batch norms use the running statistics in training too, and do not update them.
  bool keeps_statistics = false;
  std::vector<std::string> except{};  ///< prefixes of tensors that are not in the group: "backbone.layer4"
};

/// A group that a training leaves as it is, bit for bit: parameters, optimizer state, and the running statistics of
/// batch norms, which normalize with these. {.groups = {frozen("features")}}.
inline Group frozen(std::string prefix) { return {.prefix = std::move(prefix), .rate = 0, .keeps_statistics = true}; }

/// Freezes everything but these parts: {.groups = {frozen_except({"classifier"})}}.
inline Group frozen_except(std::vector<std::string> prefixes) {
  return {.rate = 0, .keeps_statistics = true, .except = std::move(prefixes)};
}

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

/// "backbone at 0.1, statistics kept; classifier at 10; all except head and neck at 0".
STRATA_ONCE std::string words_of(const std::vector<Group>& groups);

#if STRATA_HAS_BODIES

inline bool is_in(const Group& group, const std::string& name) {
  return core::leads_to(group.prefix, name) &&
         std::none_of(group.except.begin(), group.except.end(),
                      [&](const std::string& prefix) { return core::leads_to(prefix, name); });
}

/// "the nearest is 'backbone'", or where nothing is near, "the first is 'backbone.conv1.weight'".
[[gnu::cold]] inline std::string nearest_parameter(const std::string& prefix, const GroupedTables& net) {
  std::vector<std::string> names;
  for (int t = 0; t < net.parameter_count; t++) names.push_back(net.name(net.parameters[t]));
  const std::string nearest = core::nearest_path(prefix, names);
  return nearest.empty() ? "the first is '" + (names.empty() ? "" : names[0]) + "'"
                         : "the nearest is '" + nearest + "'";
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
    if (group.prefix.empty() && group.except.empty())
      refuse("has an empty prefix; give the first parts of its tensors' names");
    for (const std::string& prefix : group.except) {
      bool leads = false;
      for (int t = 0; t < net.parameter_count && !prefix.empty(); t++) {
        const std::string name = net.name(net.parameters[t]);
        leads |= core::leads_to(group.prefix, name) && core::leads_to(prefix, name);
      }
      if (!leads)
        refuse("('", group.prefix, "') excepts '", prefix,
               "', but none of its parameters' names begins with it: ", nearest_parameter(prefix, net),
               "; give whole parts of names, up to a dot");
    }
    if (group.rate != 0 && !core::is_within(group.rate, 1e-12, 1e12))
      refuse("('", group.prefix, "') has the rate ", group.rate, "; give 0 or a number from 1e-12 to 1e12");
    bool finds = false, keeps = false;
    for (std::size_t t = 0; t < owner.size(); t++) {
      const std::string name = net.name(net.parameters[t]);
      if (!is_in(group, name)) continue;
      if (owner[t] >= 0)
        refuse("('", group.prefix, "') and groups[", owner[t], "] ('", groups[std::size_t(owner[t])].prefix,
               "') both have the tensor '", name, "'; give groups that have no tensor in common");
      owner[t] = int(g), out.rates[t] = group.rate, finds = true;
    }
    if (!finds)
      refuse("has the prefix '", group.prefix,
             "', but no parameter's name begins with it: ", nearest_parameter(group.prefix, net),
             "; give whole parts of names, up to a dot");
    if (!group.keeps_statistics) continue;
    out.kept.resize(std::size_t(net.layer_count), 0);
    for (int b = 0; b < net.buffer_count; b++)
      if (net.buffers[b].role == graph::Role::running_mean && is_in(group, net.name(net.buffers[b])))
        out.kept[std::size_t(net.buffers[b].layer)] = 1, keeps = true;
    if (!keeps && group.rate != 0)
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
  for (const auto& [prefix, rate, keeps_statistics, except] : groups) {
    out += (out.empty() ? "" : "; ") + (prefix.empty() ? "all" : prefix);
    for (const std::string& part : except) out += (&part == &except[0] ? " except " : " and ") + part;
    out += " at " + core::Conditions::exact(rate) + (keeps_statistics ? ", statistics kept" : "");
  }
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
