// SPDX-License-Identifier: MIT
// cuDNN is opened on first use, not linked (the front end's NV_CUDNN_FRONTEND_USE_DYNAMIC_LOADING, which the target
// strata::cudnn sets for all files of a program alike). A program linked to cuDNN would not start where the driver or
// cuDNN is missing, and would report it in the loader's words; this one starts, can compute on the CPU, and says what
// to install. Linking does not need the driver's stub either.
#pragma once

#include <strata/core/error.hpp>

#include <cuda_runtime_api.h>
#include <cudnn_frontend.h>
#include <dlfcn.h>

#include <cstdlib>
#include <string>

namespace strata::cuda::cudnn {

namespace fe = cudnn_frontend;

/// Opens cuDNN; call it before anything of the front end. Throws Error if cuDNN cannot be opened.
inline void load() {
#if defined(NV_CUDNN_FRONTEND_USE_DYNAMIC_LOADING)
  static const std::string failure = [] {
    const std::string name = core::sentence("libcudnn.so.", CUDNN_MAJOR);
    if (!fe::cudnn_dlhandle) fe::cudnn_dlhandle = ::dlopen(name.c_str(), RTLD_NOW);
    if (!fe::cudnn_dlhandle) {
      const char* said = ::dlerror();
      return core::sentence(name, " cannot be opened: ", said ? said : "no reason given", "; install cuDNN ",
                            CUDNN_MAJOR, " or add its folder to LD_LIBRARY_PATH");
    }
    // The front end would use whichever version of the runtime it finds first; it has to be the program's own.
    ::setenv("CUDNN_FRONTEND_CUDART_LIB_NAME", core::sentence("libcudart.so.", CUDART_VERSION / 1000).c_str(), 0);
    return std::string();
  }();
  if (!failure.empty()) throw Error(failure);
#endif
}

/// cuDNN's message on one line, cut to 400 characters. Of a chain of errors only the first is kept; others repeat it.
inline std::string one_line(std::string message) {
  constexpr std::size_t most = 400;
  if (const std::size_t begin = message.find("CUDNN_STATUS_"); begin != message.npos) {
    message.erase(0, begin);
    for (const char* next : {"Warning:", "Error:", "{\"", "\n"}) message = message.substr(0, message.find(next, 1));
  }
  std::string out;
  for (const char c : message) {
    const bool space = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (!space || (!out.empty() && out.back() != ' ')) out += space ? ' ' : c;
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '.')) out.pop_back();
  if (out.size() > most) out = out.substr(0, most) + " ...";
  return out.empty() ? "cuDNN gave no reason" : out;
}

}  // namespace strata::cuda::cudnn
