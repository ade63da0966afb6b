// SPDX-License-Identifier: MIT
// The devices that the models of this process use; each gets its streams and its library when it is first used.
#pragma once

#include <strata/cuda/runtime/device_choice.hpp>
#include <strata/cuda/runtime/runtime.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace strata::cuda {

/// The library that plans cuDNN graphs on the current device: cuDNN, if define_engine.hpp is compiled into the program.
std::unique_ptr<Library> make_library();

class Device {
 public:
  /// The process's device (device_choice.hpp). Throws Error if there is none.
  static Device& current() { return numbered(chosen()); }

  /// Device `number` of the machine, set up on first use. Throws Error if there is no such device.
  static Device& numbered(int number) {
    static std::mutex mutex;
    static auto& devices =
        *new std::map<int, std::unique_ptr<Device>>;  // never destroyed: cuDNN's own objects may be gone by then
    const std::lock_guard lock(mutex);
    std::unique_ptr<Device>& device = devices[number];
    if (!device) device.reset(new Device(number));
    return *device;
  }

  /// The number of the process's device; creates nothing on it. Throws Error if there is none.
  static int chosen() { return chosen_device(count()); }

  /// The number of devices of the machine, at least one. Throws Error if there is no driver or no device.
  static int count() {
    int driver = 0, count = 0;
    ignore_failure(cudaDriverGetVersion(&driver));
    if (driver == 0)
      throw Error("CUDA: there is no NVIDIA driver on this machine; install one, or use the back end Cpu");
    check(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
    if (count == 0) check(cudaErrorNoDevice, "cudaGetDeviceCount");
    return count;
  }

  /// What the driver reports about device `number`; creates nothing on it.
  struct Properties {
    std::string name;
    long memory_bytes = 0;  ///< in total
  };
  static Properties properties(int number) {
    cudaDeviceProp all;
    check(cudaGetDeviceProperties(&all, number), "cudaGetDeviceProperties", core::sentence("device ", number));
    return {all.name, long(all.totalGlobalMem)};
  }

  int number() const { return number_; }
  std::string name() const { return properties(number_).name; }
  long memory_bytes() const { return properties(number_).memory_bytes; }
  Stream stream() const { return stream_.get(); }            ///< for the steps
  Stream copy_stream() const { return copy_stream_.get(); }  ///< for copies of inputs to the device
  Library& library() const { return *library_; }

  /// Makes this the current device of the calling thread.
  void select() const { check(cudaSetDevice(number_), "cudaSetDevice", core::sentence("device ", number_)); }

  Device& selected() {
    select();
    return *this;
  }

  /// Waits for all work in both streams and ignores failures; for destructors whose memory the device may still use.
  void drain() const noexcept {
    ignore_failure(cudaStreamSynchronize(copy_stream_.get()));
    ignore_failure(cudaStreamSynchronize(stream_.get()));
  }

  /// Free memory of the current device.
  static long free_bytes() {
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    return long(free);
  }

 private:
  explicit Device(int number) : number_(number) {
    select();
    stream_ = make_stream(), copy_stream_ = make_stream();
    library_ = make_library();
  }

  int number_;
  OwnedStream stream_, copy_stream_;
  std::unique_ptr<Library> library_;
};

/// The last member of a class that owns memory which the device uses: waits for the device before any of it is freed,
/// also when the body of the class's constructor throws.
class Drain {
 public:
  explicit Drain(const Device& device) : device_(device) {}
  ~Drain() { device_.drain(); }
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

 private:
  const Device& device_;
};

}  // namespace strata::cuda
