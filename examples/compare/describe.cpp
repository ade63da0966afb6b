// SPDX-License-Identifier: MIT
// `compare describe`: this machine, measured, or one with a known GPU.
#include <strata/core/files/file.hpp>
#include <strata/report/machine_description.hpp>

#include "../shared/say.hpp"
#include "machines.hpp"
#include "options.hpp"

namespace compare_runs {

int describe(const DescribeSettings& settings) {
  strata::report::MachineDescription machine = settings.gpu.empty() ? strata::report::describe_this_machine()
                                                                    : strata::report::describe(known_gpu(settings.gpu));
  if (settings.gigabytes > 0) machine.device.memory_bytes = long(settings.gigabytes * 1e9);
  const std::string text = text_of(machine);
  if (settings.out.empty()) shared::write_out(stdout, text);
  else strata::core::write_file(settings.out, text);
  return 0;
}

}  // namespace compare_runs
