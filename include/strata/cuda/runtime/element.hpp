// SPDX-License-Identifier: MIT
// The C++ types of the elements (precision.hpp), and how kernels read and write them.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <strata/core/device.hpp>
#include <strata/cuda/runtime/precision.hpp>

namespace strata::cuda {

/// Converts float, __half or __nv_bfloat16 to and from float; rounds to nearest, ties to even.
STRATA_DEVICE inline float to_float(float x) { return x; }
STRATA_DEVICE inline float to_float(__half x) { return __half2float(x); }
STRATA_DEVICE inline float to_float(__nv_bfloat16 x) { return __bfloat162float(x); }

STRATA_DEVICE inline void assign(float& to, float x) { to = x; }
STRATA_DEVICE inline void assign(__half& to, float x) { to = __float2half_rn(x); }
STRATA_DEVICE inline void assign(__nv_bfloat16& to, float x) { to = __float2bfloat16_rn(x); }

/// Calls body(T{}) with the type of the element.
template <class Body>
void with_element(Element e, Body&& body) {
  switch (e) {
    case Element::fp32: return body(float{});
    case Element::fp16: return body(__half{});
    case Element::bf16: return body(__nv_bfloat16{});
  }
}

}  // namespace strata::cuda
