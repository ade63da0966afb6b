// SPDX-License-Identifier: MIT
// A name for what the thread launches meanwhile, in the timelines of NVIDIA's profilers. NVTX 3 needs no library; where
// the toolkit lacks its header, names are dropped.
#pragma once

#if __has_include(<nvtx3/nvToolsExt.h>)
#include <nvtx3/nvToolsExt.h>
#endif

#include <string>

namespace strata::cuda {

class NamedRange {
 public:
  explicit NamedRange([[maybe_unused]] const std::string& name) {
#if defined(NVTX_VERSION)
    nvtxRangePushA(name.c_str());
#endif
  }
  ~NamedRange() {
#if defined(NVTX_VERSION)
    nvtxRangePop();
#endif
  }
  NamedRange(const NamedRange&) = delete;
  NamedRange& operator=(const NamedRange&) = delete;
};

}  // namespace strata::cuda
