// SPDX-License-Identifier: MIT
// cuDNN behind Library: graphs go through its front end, the first plan of its heuristics that builds is taken, and plans are
// kept on disk. Declarations only; one .cpp of a program includes define_cudnn.hpp, which takes half a minute to compile and
// knows no network.
//
// Only plans whose results are the same every time are taken. In a graph of Compute::fp32, convolutions of fp32 tensors use no
// tensor cores.
#pragma once

#include <strata/cuda/device_description.hpp>
#include <strata/cuda/library.hpp>

#include <memory>
#include <string>

namespace strata::cuda {

/// For the device that is current in this thread. `plan_folder`: where plans are kept between runs, made where it is not there
/// yet; "": nowhere. Everything that is no matter of support throws Error: no cuDNN, no driver, no device.
std::unique_ptr<Library> cudnn_library(const std::string& plan_folder = "");

/// For a device that need not be there: plans are real, kernels compiled for it included, but execute() throws.
std::unique_ptr<Library> cudnn_library(const DeviceDescription& device, const std::string& plan_folder = "");

/// The graph that cuDNN is given, as the front end's own JSON. A tensor's uid is its index in the description.
std::string serialised(const GraphDescription& graph);

/// "9.19.0": of the library that was loaded.
std::string cudnn_version();

}  // namespace strata::cuda
