// SPDX-License-Identifier: MIT
// The device that models of this process use: found, with its streams and its library, when the first model asks for it.
#pragma once

#include <strata/cuda/runtime.hpp>

#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace strata::cuda {

/// The library that plans cuDNN graphs on the present device: cuDNN, where define_cudnn.hpp is compiled into the program.
std::unique_ptr<Library> make_library();

class Device {
 public:
  /// The process's device: number STRATA_CUDA_DEVICE of the environment, or 0. Throws an Error where there is none.
  static Device& current() { return numbered(chosen()); }

  /// Device `number` of the machine, made when it is first asked for. Throws an Error where there is none of that number.
  static Device& numbered(int number) {
    static std::mutex mutex;
    static std::map<int, std::unique_ptr<Device>> devices;
    const std::lock_guard lock(mutex);
    std::unique_ptr<Device>& device = devices[number];
    if (!device) device.reset(new Device(number));
    return *device;
  }

  /// The number of the process's device, for who asks before anything is made on it. Throws an Error where there is none.
  static int chosen() { return wanted(count()); }

  /// How many devices the machine has, at least one. Throws an Error where there is no driver or no device.
  static int count() {
    int driver = 0, count = 0;
    forget(cudaDriverGetVersion(&driver));
    if (driver == 0)
      throw Error("CUDA: there is no NVIDIA driver on this machine; install one, or use the back end Cpu");
    check(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
    if (count == 0) check(cudaErrorNoDevice, "cudaGetDeviceCount");
    return count;
  }

  /// What the driver says of device `number`; nothing is made on it.
  struct Properties {
    std::string name;
    long memory_bytes = 0;  ///< free or not
  };
  static Properties properties(int number) {
    cudaDeviceProp all;
    check(cudaGetDeviceProperties(&all, number), "cudaGetDeviceProperties", sentence("device ", number));
    return {all.name, long(all.totalGlobalMem)};
  }

  int number() const { return number_; }
  std::string name() const { return properties(number_).name; }
  long memory_bytes() const { return properties(number_).memory_bytes; }
  Stream stream() const { return stream_.get(); }            ///< of the steps
  Stream copy_stream() const { return copy_stream_.get(); }  ///< of inputs on their way to the device
  Library& library() const { return *library_; }

  /// What this thread asks of CUDA from now on is asked of this device.
  void select() const { check(cudaSetDevice(number_), "cudaSetDevice", sentence("device ", number_)); }

  Device& selected() {
    select();
    return *this;
  }

  /// Waits for all that was asked of the device; for destructors, whose memory it may still use. A failure is somebody else's.
  void drain() const noexcept {
    forget(cudaStreamSynchronize(copy_stream_.get()));
    forget(cudaStreamSynchronize(stream_.get()));
  }

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

  static int wanted(int count) {
    const char* given = std::getenv("STRATA_CUDA_DEVICE");
    if (!given || !*given) return 0;
    char* end;
    const long number = std::strtol(given, &end, 10);
    if (*end || number < 0 || number >= count)
      throw Error("CUDA: STRATA_CUDA_DEVICE is \"", given, "\", and this machine has the devices 0 to ", count - 1, "; give one of them");
    return int(number);
  }

  int number_;
  OwnedStream stream_, copy_stream_;
  std::unique_ptr<Library> library_;
};

/// The last member of whoever owns memory that the device works on: waits for it before any of that is given back, be it that
/// a constructor failed.
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
