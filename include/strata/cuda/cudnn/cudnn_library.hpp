// SPDX-License-Identifier: MIT
// Library implemented with cuDNN: graphs go through its front end, and plans are kept on disk, the fastest of the first
// few that its heuristics propose; where they are not kept, the first that builds is used. Declarations only; one .cpp
// of a program includes define_cudnn.hpp, which takes half a minute to compile and does not depend on any network.
//
// Only deterministic plans are used. In a graph with Compute::fp32, convolutions of fp32 tensors use no tensor cores.
#pragma once

#include <strata/cuda/runtime/device_description.hpp>
#include <strata/cuda/runtime/library.hpp>

#include <memory>
#include <string>

namespace strata::cuda {

/// For this thread's current device. `plan_folder`: where plans are kept between runs, created if missing; "": plans
/// are not kept. Throws Error if there is no cuDNN, driver or device.
std::unique_ptr<Library> cudnn_library(const std::string& plan_folder = "");

/// For a device that need not be present: plans are real, including compiled kernels, but execute() throws Error.
std::unique_ptr<Library> cudnn_library(const DeviceDescription& device, const std::string& plan_folder = "");

/// The graph as cuDNN gets it, in the front end's JSON. A tensor's uid is its index in the description.
std::string serialized(const GraphDescription& graph);

/// The version of the loaded cuDNN: "9.19.0". Throws Error if cuDNN cannot be opened.
std::string cudnn_version();

}  // namespace strata::cuda
