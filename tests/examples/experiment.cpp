// SPDX-License-Identifier: MIT
// The sweep of examples/experiment: enough candidates, all within half of the reference's multiply-adds, none twice.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "../../examples/experiment/digits_sweep.hpp"

using namespace digits_sweep;

static_assert(Candidates::survivors().size() >= 100);
static_assert(macs<Task::Reference> == 523'712);
constexpr bool all_within_half() {
  for (const experiment::Candidate& c : Candidates::survivors())
    if (2 * c.macs > macs<Task::Reference> + 288) return false;
  return true;
}
static_assert(all_within_half());

TEST_CASE("the rejected candidates are over budget, and none is invalid") {
  const experiment::Rejections rejections = rejected<Candidates>();
  CHECK(int(rejections.rows.size()) == Candidates::total - Candidates::survivors().size());
  std::set<std::string> budgets;
  for (const experiment::Rejection& row : rejections.rows) budgets.insert(row.budget);
  CHECK(budgets == std::set<std::string>{"at least 184,000 MACs", "at most 262,000 MACs"});
}
