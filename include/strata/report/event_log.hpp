// SPDX-License-Identifier: MIT
// The progress of a training for TensorBoard: scalars by iteration in a folder, and by epoch in its folder "epochs".
// Each has a folder of its own because a resumed training declares void what was recorded after its checkpoint, by a
// step that counts for the whole folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

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
    if (p.event == training::Event::iteration)
      iterations_.add(
          r.iteration,
          {{"iteration/loss", r.loss}, {"iteration/accuracy", r.train_accuracy}, {"iteration/rate", r.rate}});
    if (p.event == training::Event::validation) {
      std::vector<Scalar> scalars;
      add_validation(scalars, r, "validation/");
      iterations_.add(r.iteration, std::move(scalars));
    }
    if (p.event == training::Event::epoch) add_epoch(p.run.history, r.epoch);
  }

  /// What the first failed write said; empty: none failed.
  const std::string& failure() const {
    return iterations_.failure().empty() ? epochs_.failure() : iterations_.failure();
  }

 private:
  void add_validation(std::vector<Scalar>& out, const training::Record& r, const std::string& section) const {
    const auto add = [&](const char* name, const std::optional<double>& value) {
      if (value) out.push_back({section + name, *value});
    };
    add("loss", r.validation_loss), add("accuracy", r.validation_accuracy);
    if (label_maps) add("mean_accuracy", r.validation_mean_accuracy), add("mean_iou", r.validation_mean_iou);
  }

  /// The epoch's records are the last of the history.
  void add_epoch(const std::vector<training::Record>& history, int epoch) {
    double loss = 0, accuracy = 0, updates = 0;
    const training::Record* validated = nullptr;
    for (auto r = history.rbegin(); r != history.rend() && r->epoch == epoch; ++r) {
      loss += r->loss, accuracy += r->train_accuracy, updates++;
      if (!validated && r->validation_accuracy) validated = &*r;
    }
    std::vector<Scalar> scalars{
        {"epoch/loss", loss / updates}, {"epoch/accuracy", accuracy / updates}, {"epoch/rate", history.back().rate}};
    if (validated) add_validation(scalars, *validated, "epoch/validation_");
    epochs_.add(epoch, std::move(scalars));
  }

  EventFile epochs_, iterations_;
};

}  // namespace strata::report
