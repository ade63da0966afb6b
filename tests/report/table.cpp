// SPDX-License-Identifier: MIT
#include <strata/report/table.hpp>

#include <doctest/doctest.h>

using namespace strata::report;

namespace {

Table table_sample() {
  Table out{.title = "A title", .note = "A note."};
  out.columns = {{"name", "name", false}, {"time", "seconds"}, {"MB", "bytes"}};
  out.rows = {{"one", {"1:02", "62.5"}, "100"}, {"another", "-", {"7", "7000000"}}};
  return out;
}

}  // namespace

TEST_CASE("text aligns numbers to the right and names to the left") {
  CHECK(text_of(table_sample()) ==
        "A title\n\n"
        "name     time   MB\n"
        "one      1:02  100\n"
        "another     -    7\n"
        "\nA note.\n");
}

TEST_CASE("columns of a group share a title above theirs") {
  Table table = table_sample();
  table.columns[1].group = table.columns[2].group = "a long machine";
  CHECK(text_of(table) ==
        "A title\n\n"
        "         a long machine\n"
        "name     time        MB\n"
        "one      1:02       100\n"
        "another     -         7\n"
        "\nA note.\n");
  CHECK(markdown_of(table).find("| name | a long machine: time | a long machine: MB |") != std::string::npos);
  CHECK(html_of(table).find("<th class=\"n\" colspan=\"2\">a long machine</th>") != std::string::npos);
}

TEST_CASE("CSV has keys, exact values, and nothing where nothing was measured") {
  CHECK(csv_of(table_sample()) == "name,seconds,bytes\none,62.5,100\nanother,,7000000\n");
}

TEST_CASE("Markdown has a line that aligns") {
  CHECK(
      markdown_of(table_sample()) ==
      "### A title\n\n| name | time | MB |\n| --- | ---: | ---: |\n| one | 1:02 | 100 |\n| another | - | 7 |\n\nA note.\n");
}

TEST_CASE("text from outside does nothing in any format") {
  Table table{.title = "<b>\x1b[31m"};
  table.columns = {{"<script>", "=key", false}};
  table.rows = {{"=1+1"}, {"a,\"b\""}, {"a|b_c\n"}, {"\x1b]0;x\x07"}, {"<img>"}};
  const std::string csv = csv_of(table), html = html_of(table), markdown = markdown_of(table), text = text_of(table);
  CHECK(csv.starts_with("'=key\n'=1+1\n\"a,\"\"b\"\"\"\n"));
  for (const std::string& all : {csv, html, markdown, text}) {
    CHECK(all.find('\x1b') == std::string::npos);
    CHECK(all.find('\x07') == std::string::npos);
  }
  CHECK(html.find("<img>") == std::string::npos);
  CHECK(html.find("<script>") == std::string::npos);
  CHECK(markdown.find("a\\|b\\_c") != std::string::npos);
  CHECK(markdown.find("\\<img\\>") != std::string::npos);
}
