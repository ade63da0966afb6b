// SPDX-License-Identifier: MIT
// `compare request`: the page for the systems engineer.
#include <filesystem>
#include <system_error>

#include <strata/report/machine_request.hpp>

#include "../shared/say.hpp"
#include "measurements.hpp"

namespace compare_runs {

namespace {

/// Bytes of the files in a folder and below.
long bytes_in(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code failed;
  long sum = 0;
  fs::recursive_directory_iterator files(folder, fs::directory_options::skip_permission_denied, failed);
  for (const fs::recursive_directory_iterator end; !failed && files != end; files.increment(failed)) {
    std::error_code none;
    if (files->is_regular_file(none)) sum += long(files->file_size(none));
  }
  if (failed)
    throw strata::Error("--data ", folder, ": cannot be read: ", strata::core::reason(failed.value()),
                        "; give the folder of the data set");
  return sum;
}

}  // namespace

int request(const RequestSettings& settings) {
  const Sources sources = gather(settings.estimate);
  if (sources.job.epochs == 0)
    throw strata::Error(
        sources.measured.front().from,
        ": only measured some updates; say what to train: --epochs N --images N, and --validation N --test N");
  shared::write_out(stdout,
                    strata::report::request_text({.measured = sources.measured,
                                                  .target = sources.target,
                                                  .job = sources.job,
                                                  .batches = sources.batches,
                                                  .data_bytes = settings.data.empty() ? 0 : bytes_in(settings.data),
                                                  .hours = settings.hours}));
  return 0;
}

}  // namespace compare_runs
