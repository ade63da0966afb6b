// SPDX-License-Identifier: MIT
// --resume and --resume-anyway.
#pragma once

#include <string>

#include <strata/core/digest.hpp>
#include <strata/core/files/file.hpp>
#include <strata/train/options.hpp>

#include "processor.hpp"

namespace shared {

inline constexpr const char* resume_help = "continue the interrupted training in --out";
inline constexpr const char* resume_anyway_help =
    "continue it even if the data, an option or the build differs; run.json lists the differences";

/// Throws strata::Error if the options need a checkpoint and there is none.
inline strata::training::Resume resume_of(bool resume, bool anyway, const std::string& checkpoint) {
  if (!resume && !anyway) return strata::training::Resume::no;
  if (!strata::core::file_exists(checkpoint))
    throw strata::Error(anyway ? "--resume-anyway" : "--resume", ": there is no ", checkpoint,
                        "; give the --out of the interrupted training");
  return anyway ? strata::training::Resume::anyway : strata::training::Resume::yes;
}

/// Adds the processor; a GPU counts by its name.
inline void add_processor(strata::core::Conditions& out, const Processor& processor,
                          const strata::report::DeviceRecord& device) {
  out.add("--device", processor.device);
  out.add("--precision", processor.precision);
  if (device.kind != "cpu") out.add("a GPU called", device.name);
}

/// Identifies a file by a digest of its contents; "none" without a path.
inline std::string contents_of(const std::string& path) {
  if (path.empty()) return "none";
  const strata::core::Bytes bytes = strata::core::read_file(path);
  strata::core::Digest digest;
  digest.add(bytes.data(), bytes.size());
  return "of digest " + digest.text();
}

}  // namespace shared
