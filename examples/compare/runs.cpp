// SPDX-License-Identifier: MIT
#include "runs.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace compare_runs {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_record = 64'000'000;
constexpr std::size_t most_records = 10'000;

/// The run.json that a path names, or those in the folders in it, in order.
std::vector<fs::path> files_in(const std::string& given) {
  std::error_code failed;
  const fs::path path(given);
  if (!fs::is_directory(path, failed)) return {path};
  if (fs::exists(path / "run.json", failed)) return {path / "run.json"};
  std::vector<fs::path> out;
  fs::directory_iterator folders(path, failed);
  for (const fs::directory_iterator end; !failed && folders != end && out.size() <= most_records;
       folders.increment(failed))
    if (std::error_code none; fs::exists(folders->path() / "run.json", none))
      out.push_back(folders->path() / "run.json");
  if (failed)
    throw strata::Error(given, ": cannot be read: ", strata::core::reason(failed.value()), "; give a folder of runs");
  if (out.size() > most_records)
    throw strata::Error(given, ": holds more than ", most_records, " runs; give the folders of those to compare");
  if (out.empty())
    throw strata::Error(
        given,
        ": holds no run.json, and neither do the folders in it; give a run.json, or the --out of a training or a table");
  std::sort(out.begin(), out.end());
  return out;
}

/// The folder of the runs that a run belongs to: of a table, that of all its batch sizes.
std::string family_of(const fs::path& folder) {
  const bool in_table = folder.filename().string().starts_with("batch-") && folder.has_parent_path();
  return (in_table ? folder.parent_path() : folder).string();
}

}  // namespace

std::vector<strata::report::NamedRun> read_runs(const std::vector<std::string>& paths) {
  std::vector<strata::report::NamedRun> out;
  std::vector<fs::path> seen;
  for (const std::string& given : paths)
    for (const fs::path& file : files_in(given)) {
      std::error_code failed;
      const fs::path same = fs::weakly_canonical(file, failed);
      if (!failed && std::find(seen.begin(), seen.end(), same) != seen.end()) continue;
      seen.push_back(same);
      const std::uintmax_t size = fs::file_size(file, failed);
      if (!failed && size > largest_record)
        throw strata::Error(file.string(), ": holds ", double(size) / 1e6, " MB, and a record of a run holds at most ",
                            double(largest_record) / 1e6, " MB; give a run.json");
      const fs::path folder = file.filename() == "run.json" ? file.parent_path() : file;
      out.push_back({folder.empty() ? file.string() : folder.string(), family_of(folder),
                     strata::report::read_run_record(file.string())});
    }
  return out;
}

}  // namespace compare_runs
