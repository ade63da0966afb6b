// SPDX-License-Identifier: MIT
// What the programs that train a classifier say and write before and after it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <strata/core/available_memory.hpp>
#include <strata/data/png.hpp>
#include <strata/report/history.hpp>
#include <strata/report/page.hpp>

#include "classifier.hpp"
#include "interruption.hpp"
#include "say.hpp"

namespace shared {

/// The misclassified test images whose true class got the lowest probability, at most 24. probabilities:
/// [image][class]; names: of the classes; empty: their numbers.
inline std::vector<strata::report::Plate> worst_mistakes(const strata::data::Dataset& test,
                                                         const std::vector<float>& probabilities, int classes,
                                                         const std::vector<std::string>& names = {}) {
  struct Mistake {
    int image, predicted;
    float own;
  };
  std::vector<Mistake> mistakes;
  for (int i = 0; i < test.count(); i++) {
    const float* p = probabilities.data() + std::size_t(i) * std::size_t(classes);
    const int predicted = strata::metrics::most_probable(p, classes);
    if (predicted != test.label(i)) mistakes.push_back({i, predicted, p[test.label(i)]});
  }
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) { return a.own < b.own; });
  mistakes.resize(std::min<std::size_t>(mistakes.size(), 24));
  const auto name = [&](int c) { return names.empty() ? std::to_string(c) : names[std::size_t(c)]; };
  std::vector<strata::report::Plate> out;
  for (const Mistake& m : mistakes) {
    const float* p = probabilities.data() + std::size_t(m.image) * std::size_t(classes);
    out.push_back({strata::data::encode_png(test.bytes(m.image), test.shape()),
                   fmt::format("{} taken for {} ({:.1f} %), no. {}", name(test.label(m.image)), name(m.predicted),
                               100 * double(p[m.predicted]), m.image)});
  }
  return out;
}

/// How the memory grows from this batch size to twice as many images, and with more threads. training_bytes: of a batch
/// on a processor.
inline strata::report::MemoryGrowth growth_of(long (*training_bytes)(int batch, const Processor&), int batch,
                                              const Processor& processor) {
  const bool on_cpu = processor.device == "cpu";
  const auto bytes = [&](int images, int threads) {
    return training_bytes(images, {processor.device, processor.precision, threads});
  };
  const long planned = bytes(batch, processor.threads);
  return {.per_image = (bytes(2 * batch, processor.threads) - planned) / batch,
          .per_thread = bytes(batch, processor.threads + 1) - planned,
          .group = on_cpu ? 16 : 1,  // lanes
          .device = on_cpu ? 0 : planned};
}

/// Throws strata::Error if training with this batch size needs more memory than is free.
inline void require_memory(const strata::report::RunRecord& record, const Processor& processor) {
  const long available = strata::core::available_memory();
  if (processor.device != "cpu" || available < 0 || record.arena_bytes <= available) return;
  throw strata::Error("--batch ", record.batch, ": training ", std::min(record.batch, record.dataset.train),
                      " images at once needs ", record.arena_bytes / 1'000'000, " MB, but only ", available / 1'000'000,
                      " MB are free; use a smaller batch");
}

inline void print_network(const Facts& facts, const strata::report::RunRecord& record) {
  say("{}: {} parameters, {} MACs per image; training needs {:.1f} MB of planned memory for batches of {}, on {}\n",
      record.network, facts.summary.parameters, facts.summary.macs, double(record.arena_bytes) / 1e6, record.batch,
      words(record.device, record.threads));
}

/// Writes run.json, history.csv and report.html into a folder.
inline void write_results(const std::string& folder, const strata::report::ReportPage& page) {
  write_run_record(folder + "/run.json", page.record);
  strata::report::write_history(folder + "/history.csv", page.record.history);
  write_page(folder + "/report.html", page);
}

/// Whether the training came to its end. Says how to continue one that was interrupted; throws strata::Error for one
/// that failed.
inline bool came_to_its_end(const char* program, const strata::training::Run& run) {
  if (run.status == strata::training::Status::failed) throw strata::Error(run.why);
  if (run.status != strata::training::Status::interrupted) return true;
  complain(program, run.why);
  complain(program, "to continue, repeat the command with --resume");
  return false;
}

/// How long it took, and where the report is. folder: of the results.
inline void print_ending(const strata::report::RunRecord& record, const std::string& folder) {
  say("time           {}   (training {:.1f} s, validation {:.1f} s, loading {:.1f} s)\n"
      "peak memory    {:.0f} MB{}\n"
      "report         {}/report.html\n",
      strata::report::duration(record.seconds.total), record.seconds.train, record.seconds.validate,
      record.seconds.load, double(record.peak_rss_bytes) / 1e6, record.device.kind == "cpu" ? "" : " on the host",
      folder);
}

}  // namespace shared
