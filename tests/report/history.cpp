// SPDX-License-Identifier: MIT
#include <strata/report/history.hpp>

#include <doctest/doctest.h>

using namespace strata;
using namespace strata::report;
using namespace strata::training;

TEST_CASE("one line per iteration, empty where nothing was measured") {
  std::vector<Record> history(2);
  history[0] = {.epoch = 1, .iteration = 1, .seconds = 0.5, .loss = 2.25, .rate = 0.01, .train_accuracy = 0.125};
  history[1] = {.epoch = 1,
                .iteration = 2,
                .seconds = 1,
                .loss = 1e-7,
                .rate = 0.01,
                .train_accuracy = 1,
                .validation_loss = 0.5,
                .validation_accuracy = 0.75,
                .validation_mean_accuracy = 0.5,
                .validation_mean_iou = 0.25};
  CHECK(history_csv(history) ==
        "epoch,iteration,seconds,loss,rate,train_accuracy,validation_loss,validation_accuracy,"
        "validation_mean_accuracy,validation_mean_iou\n"
        "1,1,0.500,2.25,0.01,0.125,,,,\n"
        "1,2,1.000,1e-07,0.01,1,0.5,0.75,0.5,0.25\n");
}

TEST_CASE("each head of several has columns") {
  std::vector<Record> history(2);
  history[0].loss = 0.5;  // as from a checkpoint without them
  history[1] = {.iteration = 2,
                .loss = 0.75,
                .heads = {{.loss = 0.25, .train_accuracy = 1, .validation_loss = 2, .validation_accuracy = 0.5},
                          {.loss = 0.5, .validation_loss = 3, .validation_mae = 0.125, .validation_rmse = 4}}};
  const std::string csv = history_csv(history, {"class", "x, y"});
  CHECK(csv.find(",validation_mean_iou,class.loss,class.train_accuracy,class.validation_loss,") != std::string::npos);
  CHECK(csv.find(",\"x, y.loss\",\"x, y.train_accuracy\",") != std::string::npos);
  CHECK(csv.find("\n1,1,0.000,0.5,0,0,,,,,,,,,,,,,,,,\n") != std::string::npos);
  CHECK(csv.find("\n1,2,0.000,0.75,0,0,,,,,0.25,1,2,0.5,,,0.5,,3,,0.125,4\n") != std::string::npos);
}

TEST_CASE("metrics have columns, and are empty where they were not measured") {
  std::vector<Record> history(2);
  history[0].loss = 0.5;
  history[1] = {.iteration = 2,
                .loss = 0.5,
                .validation_loss = 3,
                .validation_accuracy = 0.5,
                .metrics = {{"f1", 0.25}, {"=a,b", 2}}};
  CHECK(history_csv(history) ==
        "epoch,iteration,seconds,loss,rate,train_accuracy,validation_loss,validation_accuracy,"
        "validation_mean_accuracy,validation_mean_iou,validation_f1,\"validation_=a,b\"\n"
        "1,1,0.000,0.5,0,0,,,,,,\n"
        "1,2,0.000,0.5,0,0,3,0.5,,,0.25,2\n");
  // Errors of values are measured anyway, and have a column each.
  history[1] = {.validation_mae = 2, .validation_rmse = 3, .validation_r2 = 0, .metrics = {{"mae", 2}}};
  CHECK(history_csv(history).find("mae") == history_csv(history).rfind("mae"));
}

TEST_CASE("the errors of values have columns where they were measured") {
  std::vector<Record> history(1);
  history[0] = {
      .loss = 0.5, .validation_loss = 0.25, .validation_mae = 0.125, .validation_rmse = 0.5, .validation_r2 = -1};
  CHECK(history_csv(history) ==
        "epoch,iteration,seconds,loss,rate,train_accuracy,validation_loss,validation_accuracy,"
        "validation_mean_accuracy,validation_mean_iou,validation_mae,validation_rmse,validation_r2\n"
        "1,1,0.000,0.5,0,0,0.25,,,,0.125,0.5,-1\n");
}
