// SPDX-License-Identifier: MIT
// What --list prints.
#pragma once

#include <strata/benchmark/whole_network.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/graph/summary.hpp>
#include <strata/report/table.hpp>

#include <deque>
#include <string>

namespace strata::benchmarks {

/// One line per subject: its size, the batch that it is measured with, and the back ends that run it.
inline std::string network_list(const std::deque<Subject>& all) {
  report::Table table;
  table.columns = {{"network", "network", false}, {"parameters", "parameters"},    {"MACs", "macs"}, {"batch", "batch"},
                   {"kernels", "kernels"},        {"back ends", "backends", false}};
  for (const Subject& s : all) {
    std::string backends;
    for (const std::string& backend : backends_of(s, s.batch)) backends += (backends.empty() ? "" : ", ") + backend;
    table.rows.push_back({s.name(), graph::detail::grouped(s.parameter_floats), graph::detail::grouped(s.macs),
                          core::decimal(s.batch), core::decimal(s.node_count(s.batch)), backends});
  }
  table.note = "MACs: multiply-adds of the forward pass of one image. Kernels and back ends: with this batch.";
  return report::text_of(table);
}

}  // namespace strata::benchmarks
