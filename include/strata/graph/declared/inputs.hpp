// SPDX-License-Identifier: MIT
// The inputs of a node, by name. What makes or changes a node says what each input is to it (Inputs::add); passes, back
// ends and the reference ask for an input by that name, so none of them depends on the order of the inputs. Only sum
// and concat, which treat all inputs alike, and code that follows every value go through them in order.
#pragma once

#include <initializer_list>

namespace strata::graph {

inline constexpr int max_inputs = 8;

/// What an input is to the node that reads it.
enum class Input : unsigned char {
  x,           ///< what the layer reads in the forward pass; each term of a sum, each part of a concat
  factor,      ///< what `scale` multiplies x by
  other,       ///< what `maximum` compares x with
  dy,          ///< the gradient of the layer's output
  y,           ///< the layer's output
  argument,    ///< where the derivative of a functor is taken: the functor's x or y, as its `needs` says
  residual,    ///< added to what the node computes, before its functor
  mask,        ///< the node's value is 0 where this is not positive: the gradient of a ReLU
  statistics,  ///< of a batch norm: [mean[C], 1/sqrt(variance + epsilon)[C]]; of a group norm: those of its groups
  reductions   ///< of a batch norm's gradient: [sum dz[C], sum dz xhat[C]]; of a group norm's: means over its groups
};
inline constexpr int input_names = int(Input::reductions) + 1;

/// The values that a node reads, in a fixed order, each with its name.
struct Inputs {
  struct Named {
    Input name;
    int value;
  };

  int values[max_inputs] = {-1, -1, -1, -1, -1, -1, -1, -1};
  Input names[max_inputs] = {};
  int count = 0;

  constexpr Inputs() = default;
  constexpr Inputs(std::initializer_list<Named> list) {
    for (const Named& input : list) add(input.name, input.value);
  }

  constexpr void add(Input name, int value) {
    names[count] = name;
    values[count++] = value;
  }
  /// The index of the input with that name, the first if there are several; -1: none.
  constexpr int index(Input name) const {
    for (int k = 0; k < count; k++)
      if (names[k] == name) return k;
    return -1;
  }
  constexpr bool has(Input name) const { return index(name) >= 0; }
  /// The value with that name; -1: none.
  constexpr int operator[](Input name) const {
    const int k = index(name);
    return k < 0 ? -1 : values[k];
  }
  /// Makes `value` the input with that name, which the node has.
  constexpr void replace(Input name, int value) { values[index(name)] = value; }
  /// x, or dy in the backward pass: of shape Node::in; -1 if the node reads nothing.
  constexpr int first() const { return values[0]; }

  // All of them, in order.
  constexpr int operator[](int k) const { return values[k]; }
  constexpr int* begin() { return values; }
  constexpr int* end() { return values + count; }
  constexpr const int* begin() const { return values; }
  constexpr const int* end() const { return values + count; }

  constexpr bool operator==(const Inputs&) const = default;
};

/// Where a kernel finds the values of a node's inputs, under the same names.
template <class Pointer>
class InputPointers {
 public:
  constexpr void add(Input name, Pointer value) {
    if (!named_[int(name)]) named_[int(name)] = value;
    all_[count_++] = value;
  }

  /// The value with that name, the first if there are several; null: none.
  constexpr Pointer operator[](Input name) const { return named_[int(name)]; }
  constexpr Pointer first() const { return all_[0]; }

  constexpr Pointer operator[](int k) const { return all_[k]; }
  constexpr int count() const { return count_; }
  constexpr const Pointer* begin() const { return all_; }

 private:
  Pointer all_[max_inputs] = {};
  Pointer named_[input_names] = {};
  int count_ = 0;
};

}  // namespace strata::graph
