// SPDX-License-Identifier: MIT
#include "checks.hpp"

#include <cstring>

#include "form_check.hpp"
#include "network_check.hpp"

using namespace strata::cuda;

namespace gpu_check {

namespace {

using strata::testing::Form;
using strata::testing::forms;
using strata::testing::Window;
using strata::testing::windows;

constexpr Precision tf32{Element::fp32, Compute::tf32}, fp32{Element::fp32, Compute::fp32},
    fp16{Element::fp16, Compute::tf32, true}, bf16{Element::bf16, Compute::tf32};

Check check_of(const Form& form, const Window& window, const Precision& precision) {
  std::string name = std::string(strata::cuda::name(precision)) + " graph " + window.name + ", " + form.name;
  return {name, [=, &form, &window] { check_form(name, form, window, precision); }};
}

Check check_of(const Network& network, const Precision& precision, Direction direction) {
  std::string name = std::string(strata::cuda::name(precision)) +
                     (direction == Direction::training ? " training " : " inference ") + network.name;
  return {name, [=, &network] { check_network(name, network, precision, direction); }};
}

}  // namespace

std::vector<std::pair<const Form*, const Window*>> chosen_forms() {
  std::vector<std::pair<const Form*, const Window*>> out;
  for (const Window& window : windows)
    for (const Form& form : forms) {
      bool product = false;
      for (const char* name : {"convolution", "input gradient", "weight gradient"})
        product |= !std::strcmp(form.name, name);
      if (product || &window == windows) out.emplace_back(&form, &window);
    }
  return out;
}

std::vector<Check> all_checks() {
  std::vector<Check> out{check_of(forms[0], windows[0], tf32), check_of(forms[0], windows[4], tf32)};
  for (const Precision& precision : {tf32, fp16, fp32, bf16}) {
    for (const Network& network : networks())
      for (const Direction direction : {Direction::inference, Direction::training})
        out.push_back(check_of(network, precision, direction));
    for (const auto& [form, window] : chosen_forms()) {
      const bool is_first = precision == tf32 && form == forms && (window == windows || window == windows + 4);
      if (!is_first) out.push_back(check_of(*form, *window, precision));
    }
  }
  return out;
}

}  // namespace gpu_check
