// SPDX-License-Identifier: MIT
// The history of a training as comma-separated values, one line per iteration; unmeasured values are
// empty. The errors of values have columns if a validation measured them, and so have metrics and each head of several.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/report/csv_field.hpp>
#include <strata/report/metric_names.hpp>
#include <strata/train/options.hpp>

namespace strata::report {

/// The history as CSV text with a header line. heads: of a network with several, their names, Run::heads.
inline std::string history_csv(const std::vector<training::Record>& history,
                               const std::vector<std::string>& heads = {}) {
  std::string out =
      "epoch,iteration,seconds,loss,rate,train_accuracy,validation_loss,validation_accuracy,"
      "validation_mean_accuracy,validation_mean_iou";
  bool has_errors = false;
  for (const training::Record& r : history) has_errors = has_errors || r.validation_mae;
  if (has_errors) out += ",validation_mae,validation_rmse,validation_r2";
  const std::vector<std::string> names = detail::metric_names(history);
  for (const std::string& name : names) out += ',' + detail::csv_field("validation_" + name, false);
  for (const std::string& head : heads)
    for (const char* column :
         {"loss", "train_accuracy", "validation_loss", "validation_accuracy", "validation_mae", "validation_rmse"})
      out += ',' + detail::csv_field(head + '.' + column, false);
  out += '\n';
  for (const training::Record& r : history) {
    out += core::sentence(r.epoch, ',', r.iteration, ',', core::fixed(r.seconds, 3), ',', r.loss, ',', r.rate, ',',
                          r.train_accuracy, ',');
    const auto cell = [](const std::optional<double>& number) {
      return number ? core::sentence(*number) : std::string();
    };
    out += core::sentence(cell(r.validation_loss), ',', cell(r.validation_accuracy), ',',
                          cell(r.validation_mean_accuracy), ',', cell(r.validation_mean_iou));
    if (has_errors)
      out += core::sentence(',', cell(r.validation_mae), ',', cell(r.validation_rmse), ',', cell(r.validation_r2));
    for (const std::string& name : names) out += ',' + cell(detail::metric_of(r.metrics, name));
    for (std::size_t h = 0; h < heads.size(); h++) {
      if (h >= r.heads.size()) {
        out += ",,,,,,";
        continue;
      }
      const training::HeadOfRecord& head = r.heads[h];
      out += core::sentence(',', head.loss, ',', cell(head.train_accuracy), ',', cell(head.validation_loss), ',',
                            cell(head.validation_accuracy), ',', cell(head.validation_mae), ',',
                            cell(head.validation_rmse));
    }
    out += '\n';
  }
  return out;
}

/// Writes history_csv() to a file atomically. Throws Error if that fails.
inline void write_history(const std::string& path, const std::vector<training::Record>& history,
                          const std::vector<std::string>& heads = {}) {
  core::write_file(path, history_csv(history, heads));
}

}  // namespace strata::report
