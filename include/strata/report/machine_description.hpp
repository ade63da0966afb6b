// SPDX-License-Identifier: MIT
// A machine as a file, schema strata.machine/1: what it is, and how fast, measured or from a data sheet. A forecast for
// a machine that is not at hand (forecast.hpp) needs nothing else of it. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <strata/core/available_memory.hpp>
#include <strata/core/files/file.hpp>
#include <strata/graph/data_sheet.hpp>
#include <strata/report/checked_json.hpp>
#include <strata/report/machine_speed.hpp>
#include <strata/report/run_record.hpp>

namespace strata::report {

/// The format's name and version, the first item of a file.
inline constexpr const char* machine_schema = "strata.machine/1";

/// What a GPU's data sheet says, as in graph::DevicePeak.
struct DataSheet {
  double fp32 = 0, tf32 = 0, fp16 = 0, bf16 = 0;  ///< TFLOP/s, >= 0; 0: its tensor cores do not have the format
  double bandwidth = 0;                           ///< TB/s of its memory, > 0
  bool operator==(const DataSheet&) const = default;
};

/// A machine, and how fast it is.
struct MachineDescription {
  Machine machine{};                   ///< its processor and memory
  DeviceRecord device{};               ///< what computes; kind cpu: the machine's processor
  long available_bytes = -1;           ///< of its memory, when it was described; below 0: unknown
  std::vector<MachineSpeed> speeds{};  ///< of the processor, the fewest threads first
  DataSheet sheet{};                   ///< of a GPU

  /// Whether a GPU computes.
  bool on_gpu() const { return device.kind != "cpu"; }
  /// Bytes of the memory that holds the network's values.
  long memory_bytes() const { return on_gpu() ? device.memory_bytes : machine.ram_bytes; }
};

/// Measures this machine with 1, 2, 4, ... threads and with one per core. Takes about a second for each. Throws Error
/// if the threads cannot be started.
inline MachineDescription describe_this_machine() {
  MachineDescription out{.machine = this_machine(), .available_bytes = core::available_memory()};
  out.device = device_of(out.machine);
  for (int threads = 1; threads < out.machine.cores; threads *= 2) out.speeds.push_back(measure_speed(threads));
  out.speeds.push_back(measure_speed(out.machine.cores));
  return out;
}

/// A machine with one of graph's known GPUs.
inline MachineDescription describe(const graph::DevicePeak& gpu) {
  MachineDescription out;
  out.machine.name = out.device.name = gpu.name;
  out.device.kind = "cuda", out.device.precision = gpu.tf32 > 0 ? "tf32" : "float32";
  out.device.memory_bytes = long(gpu.gigabytes * 1e9);
  out.sheet = {gpu.fp32, gpu.tf32, gpu.fp16, gpu.bf16, gpu.bandwidth};
  return out;
}

/// Bytes that a product waits for from the second-level cache: on the machines of bench/MEASURED.md, convolutions of
/// DeepLabv3+ reach the rates that this gives, 65 to 75 % of the peak.
inline constexpr double cache_bytes_per_product = 0.5;

/// The rates of `threads` threads, whose values are in `working_set` bytes per thread, or of a GPU in a precision. More
/// threads than cores are no faster than as many as cores.
inline graph::Rates rates_of(const MachineDescription& m, int threads, double working_set,
                             const std::string& precision) {
  if (m.on_gpu()) {
    const DataSheet& s = m.sheet;
    const graph::DevicePeak peak{"", s.fp32, s.tf32, s.fp16, s.bf16, s.bandwidth};
    return graph::rates_of(peak, peak.of(precision.c_str()));
  }
  const MachineSpeed *low = &m.speeds.front(), *high = &m.speeds.back();
  for (const MachineSpeed& s : m.speeds) {
    if (s.threads <= threads) low = &s;
    if (s.threads >= threads && s.threads < high->threads) high = &s;
  }
  const double share =
      high->threads > low->threads ? double(threads - low->threads) / (high->threads - low->threads) : 0;
  const auto between = [share](double a, double b) { return a + std::min(std::max(share, 0.), 1.) * (b - a); };
  const auto bandwidth_over = [&](double bytes) {
    return 1e9 * between(low->bandwidth_over(bytes), high->bandwidth_over(bytes));
  };
  const double products = 1 / (2e-9 / between(low->gflops, high->gflops) + cache_bytes_per_product / bandwidth_over(0));
  return {.products = products,
          .plain_products = products,
          .bytes = bandwidth_over(working_set),
          .kernel_seconds = 2e-6};  // a barrier
}

namespace detail {

inline Json to_json(const MachineDescription& m) {
  Json out{{"schema", machine_schema},
           {"machine", to_json(m.machine)},
           {"device", {{"kind", m.device.kind}, {"name", m.device.name}, {"memory_bytes", m.device.memory_bytes}}},
           {"available_bytes", m.available_bytes < 0 ? Json(nullptr) : Json(m.available_bytes)}};
  if (m.on_gpu())
    out["data_sheet"] = {{"fp32", m.sheet.fp32},
                         {"tf32", m.sheet.tf32},
                         {"fp16", m.sheet.fp16},
                         {"bf16", m.sheet.bf16},
                         {"bandwidth", m.sheet.bandwidth}};
  out["speeds"] = Json::array();
  const auto rounded = [](double value) { return std::round(10 * value) / 10; };
  for (const MachineSpeed& s : m.speeds) {
    Json speed{{"threads", s.threads}, {"gflops", rounded(s.gflops)}, {"bandwidth", Json::array()}};
    for (const Bandwidth& b : s.bandwidth)
      speed["bandwidth"].push_back(Json{{"bytes", b.bytes}, {"gigabytes_per_second", rounded(b.gigabytes_per_second)}});
    out["speeds"].push_back(std::move(speed));
  }
  return out;
}

inline MachineSpeed speed_from_json(const Json& in) {
  MachineSpeed s;
  read(s.threads, in, "threads"), read_amount(s.gflops, in, "gflops", 1e-3);
  if (s.threads < 1) throw Unfit{"a speed is that of no thread"};
  for (const Json& item : in.at("bandwidth")) {
    Bandwidth& b = s.bandwidth.emplace_back();
    read(b.bytes, item, "bytes"), read_amount(b.gigabytes_per_second, item, "gigabytes_per_second", 1e-3);
    const long before = s.bandwidth.size() > 1 ? s.bandwidth[s.bandwidth.size() - 2].bytes : 0;
    if (b.bytes <= before) throw Unfit{"the working sets of its bandwidth do not increase"};
  }
  if (s.bandwidth.empty()) throw Unfit{"a speed has no bandwidth"};
  return s;
}

inline MachineDescription description_from_json(const Json& in) {
  MachineDescription m;
  m.machine = machine_from_json(in.at("machine"));
  const Json& device = in.at("device");
  read(m.device.kind, device, "kind"), read(m.device.name, device, "name");
  read(m.device.memory_bytes, device, "memory_bytes");
  if (m.device.kind != "cpu" && m.device.kind != "cuda")
    throw Unfit{core::sentence("the kind of its device is ", m.device.kind, ", neither cpu nor cuda")};
  if (!in.at("available_bytes").is_null()) read(m.available_bytes, in, "available_bytes");
  for (const Json& item : in.at("speeds")) {
    m.speeds.push_back(speed_from_json(item));
    if (m.speeds.size() > 1 && m.speeds.back().threads <= m.speeds[m.speeds.size() - 2].threads)
      throw Unfit{"the threads of its speeds do not increase"};
  }
  if (m.on_gpu()) {
    const Json& sheet = in.at("data_sheet");
    read_amount(m.sheet.fp32, sheet, "fp32", 1e-3), read_amount(m.sheet.bandwidth, sheet, "bandwidth", 1e-6);
    read_amount(m.sheet.tf32, sheet, "tf32"), read_amount(m.sheet.fp16, sheet, "fp16");
    read_amount(m.sheet.bf16, sheet, "bf16");
    m.device.precision = m.sheet.tf32 > 0 ? "tf32" : "float32";
  } else if (m.speeds.empty()) {
    throw Unfit{"it has no speeds"};
  }
  return m;
}

}  // namespace detail

/// The description as JSON text.
inline std::string text_of(const MachineDescription& m) {
  return detail::to_json(m).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// Parses untrusted bytes; `name` is for error messages. Throws Error if they are not a valid description.
inline MachineDescription parse_machine_description(const core::Bytes& bytes, const std::string& name) {
  return detail::parse_file(bytes, name,
                            {"description of a machine",
                             "run compare describe there again",
                             "give a file that compare describe wrote",
                             {machine_schema}},
                            [](const detail::Json& json) { return detail::description_from_json(json); });
}

/// Reads and parses a description. Throws Error if it cannot be read or is invalid.
inline MachineDescription read_machine_description(const std::string& path) {
  return parse_machine_description(core::read_file(path), path);
}

}  // namespace strata::report
