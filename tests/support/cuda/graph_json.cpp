// SPDX-License-Identifier: MIT
#include "graph_json.hpp"

#include <strata/core/error.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace strata::testing {

using namespace cuda;
using nlohmann::json;

namespace {

Element element(const std::string& type) {
  if (type == "FLOAT") return Element::fp32;
  if (type == "HALF") return Element::fp16;
  if (type == "BFLOAT16") return Element::bf16;
  throw Error("a tensor of a serialized graph has type ", type, "; the interpreter supports FLOAT, HALF and BFLOAT16");
}

template <std::size_t N>
std::array<long, N> list(const json& j, const char* what) {
  if (j.size() != N)
    throw Error(what, " of a serialized graph has ", j.size(), " numbers; the interpreter supports ", N);
  return j.get<std::array<long, N>>();
}

void require(bool holds, const std::string& what) {
  if (!holds) throw Error("a serialized graph has ", what, ", which the interpreter does not support");
}

GraphTensor read_tensor(const json& j) {
  require(!j.at("is_pass_by_value").get<bool>() && j.at("pass_by_value").is_null(), "a number in place of a tensor");
  require(j.at("reordering_type") == "NONE", "a reordered tensor");
  GraphTensor t;
  t.dims = list<4>(j.at("dim"), "a tensor");
  t.strides = list<4>(j.at("stride"), "a tensor");
  t.element = element(j.at("data_type"));
  t.flow = j.at("is_virtual").get<bool>() ? Flow::internal : Flow::input;  // an output where an operation computes it
  return t;
}

class NodeReader {
 public:
  explicit NodeReader(const json& node) : node_(node) {}

  GraphOperation read() {
    const std::string tag = node_.at("tag");
    require(node_.at("compute_data_type") == "FLOAT", "computation in " + node_.at("compute_data_type").dump());
    if (tag == "CONV_FPROP") convolution(GraphOp::convolution, "X", "W", "Y");
    else if (tag == "CONV_DGRAD") convolution(GraphOp::input_gradient, "DY", "W", "DX");
    else if (tag == "CONV_WGRAD") convolution(GraphOp::weight_gradient, "X", "DY", "DW");
    else if (tag == "POINTWISE") pointwise(node_.at("mode"));
    else if (tag == "GENSTATS")
      o_.op = GraphOp::statistics, o_.x = input("X"), o_.y = output("SUM"), o_.y2 = output("SQ_SUM");
    else if (tag == "DBN_WEIGHT") reductions();
    else require(false, "a node " + tag);
    require(node_.at("inputs").size() == inputs_ && node_.at("outputs").size() == outputs_,
            "more tensors at a node " + tag);
    return o_;
  }

 private:
  int input(const char* port) {
    inputs_++;
    return node_.at("inputs").at(port).get<int>();
  }
  int output(const char* port) {
    outputs_++;
    return node_.at("outputs").at(port).get<int>();
  }

  void convolution(GraphOp op, const char* x, const char* w, const char* y) {
    o_.op = op;
    o_.x = input(x), o_.w = input(w), o_.y = output(y);
    o_.pad_before = list<2>(node_.at("pre_padding"), "a padding");
    o_.pad_after = list<2>(node_.at("post_padding"), "a padding");
    o_.stride = list<2>(node_.at("stride"), "a stride");
    o_.dilation = list<2>(node_.at("dilation"), "a dilation");
    require(node_.at("math_mode") == "CROSS_CORRELATION", "a mirrored convolution");
  }

  void reductions() {
    o_.op = GraphOp::reductions;
    o_.x = input("DY"), o_.w = input("X"), o_.mean = input("MEAN"), o_.inverse_deviation = input("INV_VARIANCE"),
    o_.scale = input("SCALE");
    o_.y = output("DSCALE"), o_.y2 = output("DBIAS");
    o_.coefficients = {output("EQ_SCALE_DY"), output("EQ_SCALE_X"), output("EQ_BIAS")};
  }

  void pointwise(const std::string& mode) {
    for (const char* option : {"axis", "elu_alpha", "relu_lower_clip", "relu_lower_clip_slope", "relu_upper_clip",
                               "softplus_beta", "swish_beta"})
      require(node_.at(option).is_null(), std::string("a pointwise node with ") + option);
    if (mode == "ADD") o_.op = GraphOp::add;
    else if (mode == "SUB") o_.op = GraphOp::subtract;
    else if (mode == "MUL") o_.op = GraphOp::multiply;
    else if (mode == "RELU_FWD") o_.op = GraphOp::relu;
    else if (mode == "RELU_BWD") o_.op = GraphOp::relu_gradient;
    else require(false, "a pointwise node " + mode);
    o_.x = input("IN_0");
    if (o_.op != GraphOp::relu) o_.w = input("IN_1");
    o_.y = output("OUT_0");
  }

  const json& node_;
  GraphOperation o_;
  std::size_t inputs_ = 0, outputs_ = 0;
};

bool is_identity(const json& node) { return node.at("tag") == "POINTWISE" && node.at("mode") == "IDENTITY"; }

/// Removes a copy that stores an internal fp32 tensor of the preceding operation: that operation stores it itself.
void fold_identity(const json& node, GraphDescription& graph) {
  const int from = node.at("inputs").at("IN_0").get<int>(), to = node.at("outputs").at("OUT_0").get<int>();
  const GraphTensor &made = graph.tensors.at(std::size_t(from)), &stored = graph.tensors.at(std::size_t(to));
  require(made.flow == Flow::internal && made.element == Element::fp32 && made.dims == stored.dims &&
              !graph.operations.empty() && graph.operations.back().y == from,
          "a copy of something other than the preceding internal fp32");
  graph.operations.back().y = to;
  graph.tensors[std::size_t(from)] = GraphTensor{};
}

}  // namespace

GraphDescription read_graph_json(const std::string& text, Compute compute) {
  const json all = json::parse(text);
  const std::string version = all.at("json_version");
  if (version != "2.0") throw Error("a serialized graph has format ", version, "; the interpreter supports 2.0");
  GraphDescription graph;
  graph.compute = compute;
  std::set<int> given;
  for (const json& j : all.at("tensors")) {
    const int uid = j.at("uid").get<int>();
    require(uid >= 0 && uid < 10000 && given.insert(uid).second, "a tensor of uid " + std::to_string(uid));
    if (uid >= int(graph.tensors.size())) graph.tensors.resize(std::size_t(uid) + 1);
    graph.tensors[std::size_t(uid)] = read_tensor(j);
  }
  for (const json& j : all.at("nodes")) {
    if (is_identity(j)) {
      fold_identity(j, graph);
      continue;
    }
    const GraphOperation o = NodeReader(j).read();
    for (const int t : tensors_of(o)) require(t == -1 || given.count(t), "a node with an unlisted tensor");
    graph.operations.push_back(o);
  }
  std::size_t used = 0;
  for (const GraphOperation& o : graph.operations) {
    for (const int t : tensors_of(o)) used = std::max(used, std::size_t(t + 1));
    for (const int t : outputs_of(o))
      if (t >= 0 && graph.tensors[std::size_t(t)].flow == Flow::input)
        graph.tensors[std::size_t(t)].flow = Flow::output;
  }
  graph.tensors.resize(used);
  return graph;
}

}  // namespace strata::testing
