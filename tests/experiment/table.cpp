// SPDX-License-Identifier: MIT
// Standings, the Pareto front, the verdict, and the results as text, CSV, JSON and HTML.
#include <strata/experiment/page.hpp>
#include <strata/experiment/table.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace strata;
using namespace strata::experiment;

namespace {

Result trained(const std::string& name, double score, double test_score = -1, std::uint64_t seed = 1) {
  Result r;
  r.candidate = name, r.seed = seed, r.score = score, r.trained_epochs = 4, r.seconds = 2.5, r.latency = 12.5e-6;
  r.arena_bytes = 40'960, r.code_bytes = 260'000, r.training_bytes = 100'000, r.peak_bytes = 9'000'000;
  if (test_score >= 0) r.has_test = true, r.test_score = test_score, r.stage = "final";
  return r;
}

struct Example {
  Programs programs;
  Findings findings;
  Example() {
    programs.total = 12;
    for (int i = 1; i <= 4; i++)
      programs.candidates.push_back(
          {"width=" + std::to_string(i) + " block=A<\"" + std::to_string(i) + ",\">", "", 10L * i, 1000L * i, "d", ""});
    programs.candidates[3].compile_error = "strata: layer 2, \"MaxPool<5>\" does not fit & <more>";
    programs.reference = CandidateProgram{"reference", "", 99, 9000, "d", ""};
    auto& s = findings.standings;
    s.push_back(standing_of(programs.candidates[1], 1, {trained("b", 0.9), trained("b", 0.92, -1, 2)}));
    s.push_back(standing_of(programs.candidates[0], 0, {trained("a", 0.8)}));
    Result broken;
    broken.candidate = "d", broken.outcome = Outcome::does_not_compile,
    broken.why = programs.candidates[3].compile_error;
    s.push_back(standing_of(programs.candidates[3], 0, {broken}));
    s.push_back(standing_of(programs.candidates[2], -1, {}));
    findings.winner = {trained(programs.candidates[1].name, 0.9, 0.91),
                       trained(programs.candidates[1].name, 0.9, 0.93, 2)};
    findings.reference = {trained("reference", 0.88, 0.89), trained("reference", 0.88, 0.90, 2)};
  }
};

bool has(const std::string& text, const std::string& part) {
  if (text.find(part) == text.npos) MESSAGE("'", part, "' is not in:\n", text);
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("a spread has the mean and the sample deviation") {
  const Spread s = spread_of({1, 2, 6});
  CHECK(s.mean == doctest::Approx(3));
  CHECK(s.deviation == doctest::Approx(2.6457513));
  CHECK(s.least == 1);
  CHECK(s.most == 6);
  CHECK(spread_of({2}).deviation == 0);
  CHECK(spread_of({}).count == 0);
}

TEST_CASE("candidates stand by round, then by mean score; failures come last") {
  Example e;
  std::vector<Standing> all{e.findings.standings[3], e.findings.standings[2], e.findings.standings[1],
                            e.findings.standings[0]};
  rank(all);
  CHECK(all[0].program == &e.programs.candidates[1]);
  CHECK(all[1].program == &e.programs.candidates[0]);
  CHECK(!all[2].trained());
}

TEST_CASE("the Pareto front has what no other beats in cost and score") {
  using Points = std::vector<std::pair<double, double>>;
  using Front = std::vector<bool>;
  CHECK(pareto_front(Points{{1, 0.5}, {2, 0.4}, {2, 0.7}, {3, 0.7}, {4, 0.8}}) ==
        Front{true, false, true, false, true});
  CHECK(pareto_front(Points{{1, 0.5}, {1, 0.5}, {1, 0.4}}) == Front{true, true, false});
  CHECK(pareto_front({}).empty());
}

TEST_CASE("the verdict says by how much, and whether the seeds overlap") {
  const std::vector<Result> low{trained("r", 0, 0.88), trained("r", 0, 0.89)};
  const std::vector<Result> middle{trained("w", 0, 0.885), trained("w", 0, 0.895)};
  const std::vector<Result> high{trained("w", 0, 0.91), trained("w", 0, 0.93)};
  CHECK(
      verdict(high, low, "accuracy") ==
      "Its accuracy on the test set is 0.9200 ± 0.0141 (0.9100 to 0.9300, 2 seeds), that of the reference 0.8850 ± 0.0071 "
      "(0.8800 to 0.8900, 2 seeds). The winner beats the reference by 0.0350, with every seed.");
  CHECK(has(verdict(low, high, "accuracy"), "The reference beats the winner by 0.0350, with every seed."));
  CHECK(has(verdict(middle, low, "accuracy"), "The winner is better by 0.0050 on average, but the seeds overlap"));
  CHECK(has(verdict(low, low, "accuracy"), "They are equal on average."));
  CHECK(verdict({trained("w", 0.5)}, {}, "mean IoU") == "Its mean IoU on the validation set is 0.5000.");
  CHECK(
      has(verdict({high[0]}, low, "accuracy"), "better by 0.0250, but one seed cannot tell a difference from chance."));
  CHECK(has(verdict({}, low, "accuracy"), "has not been trained"));
}

TEST_CASE("CSV: a column per axis, quotes where needed, empty where nothing was measured") {
  const Example e;
  const std::string csv = results_csv(e.findings);
  CHECK(
      csv.find(
          "candidate,width,block,outcome,round,epochs,seeds,score,score_deviation,score_least,score_most,parameters,macs,"
          "latency_seconds,arena_bytes,training_bytes,peak_bytes,code_bytes,training_seconds,pareto,why\n") == 0);
  CHECK(has(csv, "\n\"width=2 block=A<\"\"2,\"\">\",2,\"A<\"\"2,\"\">\",trained,2,4,2,0.91,0.014142"));
  CHECK(has(csv, ",0.9,0.92,20,2000,1.25e-05,40960,100000,9000000,260000,2.500,yes,\n"));
  CHECK(has(
      csv,
      ",does not compile,1,,,,,,,40,4000,,,,,,,no,\"strata: layer 2, \"\"MaxPool<5>\"\" does not fit & <more>\"\n"));
  CHECK(has(csv, ",not tried,,,,,,,,30,3000,"));
}

TEST_CASE("JSON: everything, readable again") {
  const Example e;
  const auto json = nlohmann::json::parse(results_json(e.findings, e.programs));
  CHECK(json.at("schema") == "strata.experiment.results/1");
  CHECK(json.at("candidates").size() == 4);
  CHECK(json.at("candidates")[0].at("axes").at("width") == "2");
  CHECK(json.at("candidates")[0].at("score").at("mean") == doctest::Approx(0.91));
  CHECK(json.at("candidates")[0].at("trainings")[1].at("seed") == 2);
  CHECK(json.at("candidates")[2].at("outcome") == "does not compile");
  CHECK(!json.at("candidates")[3].contains("score"));
  CHECK(json.at("final").at("reference").at("score").at("mean") == doctest::Approx(0.895));
  CHECK(has(json.at("final").at("verdict").get<std::string>(),
            "The winner beats the reference by 0.0250, with every seed."));
}

TEST_CASE("a result survives JSON") {
  Result r = trained("x", 0.5, 0.25);
  r.why = "a \"quoted\"\nline", r.outcome = Outcome::timed_out, r.limit = 1.5, r.seed = ~std::uint64_t(0);
  CHECK(result_from_json(to_json(r)) == r);
}

TEST_CASE("text: the best with their costs, the failures with their reasons, the verdict") {
  const Example e;
  const std::string text = results_text(e.findings, e.programs);
  CHECK(has(text, "    0.9100  0.0141       2,000          20  12.5 us  width=2 block="));
  CHECK(has(text, ": does not compile: strata: layer 2,"));
  CHECK(has(text, "4 candidates: 1 not tried, 1 failed"));
  CHECK(has(text, "The winner is width=2"));
}

TEST_CASE("the page: verdict, a plot per cost, a table, all text escaped") {
  const Example e;
  const std::string page = html("digits & <co>", e.findings, e.programs, {{"epochs", "4"}});
  CHECK(has(page, "<h1>digits &amp; &lt;co&gt;</h1>"));
  CHECK(has(page, "12 points, 4 candidates within the budgets, 3 tried, 1 failed"));
  CHECK(has(page, "<p class=\"verdict\">The winner is <b>width=2 block=A&lt;&quot;2,&quot;&gt;</b>. "));
  for (const char* title : {"multiply-adds", "parameters", "latency", "memory", "code"})
    CHECK(has(page, std::string("aria-label=\"accuracy by ") + title + "\""));
  CHECK(has(page,
            ">does not compile: strata: layer 2, &quot;MaxPool&lt;5&gt;&quot; does not fit &amp; &lt;more&gt;</td>"));
  CHECK(has(page, "<tr><td>★ width=2"));
  CHECK(has(page, "<td>not tried</td>"));
  CHECK(page.find("<more>") == std::string::npos);
  CHECK(has(page, "<th>epochs</th><td>4</td>"));
}

TEST_CASE("a page of an interrupted experiment without results says so") {
  Example e;
  e.findings = {};
  e.findings.interrupted = true;
  const std::string page = html("x", e.findings, e.programs, {});
  CHECK(has(page, "interrupted: the same command continues"));
  CHECK(has(page, "nothing was measured"));
}
