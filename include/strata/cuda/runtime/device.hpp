// SPDX-License-Identifier: MIT
// The devices that the models of this process use, with what belongs to one session at a time: streams, and the
// library, whose handle of cuDNN is bound to a stream and must not be used by two threads at once.
#pragma once

#include <strata/cuda/runtime/device_choice.hpp>
#include <strata/cuda/runtime/runtime.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace strata::cuda {

/// The library that plans cuDNN graphs on the current device: cuDNN, if define_engine.hpp is compiled into the program.
std::unique_ptr<Library> make_library();

/// A device of the machine, with streams and a library that nothing else uses meanwhile; copies share them. They are
/// kept for the next one when the last copy is gone.
class Device {
 public:
  /// The process's device (device_choice.hpp). Throws Error if there is none.
  static Device current() { return numbered(chosen()); }

  /// Device `number` of the machine. Thread-safe. Throws Error if there is no such device.
  static Device numbered(int number) { return Device(number); }

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
  Stream stream() const { return own_->stream.get(); }            ///< for the steps
  Stream copy_stream() const { return own_->copy_stream.get(); }  ///< for copies of inputs to the device
  Library& library() const { return *own_->library; }

  /// Makes this the current device of the calling thread.
  void select() const { check(cudaSetDevice(number_), "cudaSetDevice", core::sentence("device ", number_)); }

  const Device& selected() const {
    select();
    return *this;
  }

  /// Waits for all work in both streams and ignores failures; for destructors whose memory the device may still use.
  void drain() const noexcept {
    ignore_failure(cudaStreamSynchronize(copy_stream()));
    ignore_failure(cudaStreamSynchronize(stream()));
  }

  /// Free memory of the current device.
  static long free_bytes() {
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    return long(free);
  }

 private:
  /// What one session uses at a time.
  struct Equipment {
    OwnedStream stream = make_stream(), copy_stream = make_stream();
    std::unique_ptr<Library> library = make_library();
  };
  /// What no session of a device uses now.
  struct Store {
    std::mutex mutex;
    std::vector<std::unique_ptr<Equipment>> free;
    std::size_t made = 0;

    std::unique_ptr<Equipment> take() {
      const std::lock_guard lock(mutex);
      if (free.empty()) {
        free.reserve(++made);  // so that keep() cannot fail
        return nullptr;
      }
      std::unique_ptr<Equipment> out = std::move(free.back());
      free.pop_back();
      return out;
    }
    void keep(std::unique_ptr<Equipment> used) noexcept {
      const std::lock_guard lock(mutex);
      free.push_back(std::move(used));
    }
  };
  static Store& store_of(int number) {
    static std::mutex mutex;
    static auto& stores = *new std::map<int, Store>;  // never destroyed: cuDNN's own objects may be gone by then
    const std::lock_guard lock(mutex);
    return stores[number];
  }

  explicit Device(int number) : number_(number) {
    select();
    Store& store = store_of(number);
    std::unique_ptr<Equipment> own = store.take();
    if (!own) own = std::make_unique<Equipment>();
    own_ = {own.release(), [&store](Equipment* used) { store.keep(std::unique_ptr<Equipment>(used)); }};
  }

  int number_;
  std::shared_ptr<Equipment> own_;
};

/// The last member of a class that owns memory which the device uses: waits for the device before any of it is freed,
/// also when the body of the class's constructor throws.
class Drain {
 public:
  explicit Drain(Device device) : device_(std::move(device)) {}
  ~Drain() { device_.drain(); }
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

 private:
  Device device_;
};

}  // namespace strata::cuda
