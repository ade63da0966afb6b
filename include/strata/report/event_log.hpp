// SPDX-License-Identifier: MIT
// The progress of a training for TensorBoard: scalars by iteration in a folder, and by epoch in its folder "epochs".
// Each has a folder of its own because a resumed training declares void what was recorded after its checkpoint, by a
// step that counts for the whole folder. Where targets are values, their errors take the place of the accuracy. Of a
// network with several heads each has its own numbers: iteration/class.loss.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <strata/core/finite.hpp>
#include <strata/report/event_file.hpp>
#include <strata/train/options.hpp>

namespace strata::report {

/// An observer that writes event files. In the folder: loss, accuracy and rate of each iteration, validation/... of
/// those after which there was a validation. In "epochs": the means of an epoch's loss and accuracy, its last rate and
/// its last validation. A training that is resumed continues in new files.
class EventLog {
 public:
  /// Creates both files. Throws Error if that fails.
  [[gnu::cold]] explicit EventLog(const std::string& folder)
      : epochs_(folder.empty() ? folder : folder + "/epochs"), iterations_(folder) {}

  bool label_maps = false;  ///< the network classifies pixels: also write mean accuracy and mean IoU

  void operator()(const training::Progress& p) {
    if (p.event == training::Event::start) {
      iterations_.start(p.run.iterations + 1);
      epochs_.start(p.run.iterations / p.iterations_per_epoch + 1);
      return;
    }
    if (!p.record) return;
    const training::Record& r = *p.record;
    const std::vector<std::string>& heads = p.run.heads;
    if (p.event == training::Event::iteration) {
      std::vector<Scalar> scalars = scalars_of("iteration/", r.loss, r.train_accuracy, r.rate, p.run.measures_values);
      for (std::size_t h = 0; h < std::min(heads.size(), r.heads.size()); h++)
        add_training(scalars, "iteration/" + heads[h] + '.', r.heads[h].loss, r.heads[h].train_accuracy);
      iterations_.add(r.iteration, std::move(scalars));
    }
    if (p.event == training::Event::validation) {
      std::vector<Scalar> scalars;
      add_validation(scalars, r, "validation/", heads);
      iterations_.add(r.iteration, std::move(scalars));
    }
    if (p.event == training::Event::epoch) add_epoch(p.run.history, r.epoch, p.run.measures_values, heads);
  }

  /// What the first failed write said; empty: none failed.
  const std::string& failure() const {
    return iterations_.failure().empty() ? epochs_.failure() : iterations_.failure();
  }

 private:
  void add_validation(std::vector<Scalar>& out, const training::Record& r, const std::string& section,
                      const std::vector<std::string>& heads) const {
    const auto add = [&](const std::string& name, const std::optional<double>& value) {
      if (value) out.push_back({section + name, *value});
    };
    add("loss", r.validation_loss), add("accuracy", r.validation_accuracy);
    add("mae", r.validation_mae), add("rmse", r.validation_rmse), add("r2", r.validation_r2);
    if (label_maps) add("mean_accuracy", r.validation_mean_accuracy), add("mean_iou", r.validation_mean_iou);
    for (const metrics::MetricValue& metric : r.metrics) {
      const bool twice = r.validation_mae && (metric.name == "mae" || metric.name == "rmse");
      if (!twice && core::is_finite(metric.value)) add(metric.name, metric.value);
    }
    for (std::size_t h = 0; h < std::min(heads.size(), r.heads.size()); h++) {
      const training::HeadOfRecord& head = r.heads[h];
      const std::string name = heads[h] + '.';
      add(name + "loss", head.validation_loss), add(name + "accuracy", head.validation_accuracy);
      add(name + "mae", head.validation_mae), add(name + "rmse", head.validation_rmse);
    }
  }
  static void add_training(std::vector<Scalar>& out, const std::string& name, double loss,
                           const std::optional<double>& accuracy) {
    out.push_back({name + "loss", loss});
    if (accuracy) out.push_back({name + "accuracy", *accuracy});
  }

  /// Values have no accuracy.
  static std::vector<Scalar> scalars_of(const std::string& section, double loss, double accuracy, double rate,
                                        bool of_values) {
    if (of_values) return {{section + "loss", loss}, {section + "rate", rate}};
    return {{section + "loss", loss}, {section + "accuracy", accuracy}, {section + "rate", rate}};
  }

  /// The epoch's records are the last of the history.
  void add_epoch(const std::vector<training::Record>& history, int epoch, bool of_values,
                 const std::vector<std::string>& heads) {
    double loss = 0, accuracy = 0, updates = 0;
    std::vector<training::HeadOfRecord> sums(std::min(heads.size(), history.back().heads.size()));
    const training::Record* validated = nullptr;
    for (auto r = history.rbegin(); r != history.rend() && r->epoch == epoch; ++r) {
      loss += r->loss, accuracy += r->train_accuracy, updates++;
      for (std::size_t h = 0; h < std::min(sums.size(), r->heads.size()); h++) {
        sums[h].loss += r->heads[h].loss;
        if (r->heads[h].train_accuracy)
          sums[h].train_accuracy = sums[h].train_accuracy.value_or(0) + *r->heads[h].train_accuracy;
      }
      if (!validated && (r->validation_accuracy || r->validation_mae)) validated = &*r;
    }
    std::vector<Scalar> scalars =
        scalars_of("epoch/", loss / updates, accuracy / updates, history.back().rate, of_values);
    for (std::size_t h = 0; h < sums.size(); h++) {
      if (sums[h].train_accuracy) *sums[h].train_accuracy /= updates;
      add_training(scalars, "epoch/" + heads[h] + '.', sums[h].loss / updates, sums[h].train_accuracy);
    }
    if (validated) add_validation(scalars, *validated, "epoch/validation_", heads);
    epochs_.add(epoch, std::move(scalars));
  }

  EventFile epochs_, iterations_;
};

}  // namespace strata::report
