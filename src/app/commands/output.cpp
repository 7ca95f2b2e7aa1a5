#include "app/commands/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <utility>

namespace banter::app {
namespace {

namespace json = boost::json;

// Columns on a terminal, near enough: one per code point.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  return out.empty() ? "-" : out;
}

std::string heading(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '_', ' ');
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  });
  return out;
}

void print_line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    if (i + 1 < cells.size())
      line.append(widths[i] + 2 - std::min(widths[i], width(cells[i])), ' ');
  }
  fmt::print("{}\n", line);
}

}  // namespace

std::string cell(const json::value& value) {
  if (value.is_null()) return "-";
  if (const auto* truth = value.if_bool()) return *truth ? "yes" : "no";
  if (const auto* text = value.if_string()) return printable(std::string_view(*text));
  if (const auto* list = value.if_array()) {
    std::string out;
    for (const auto& entry : *list) out += (out.empty() ? "" : ", ") + cell(entry);
    return out.empty() ? "-" : out;
  }
  return json::serialize(value);
}

void RowPrinter::add(const json::array& page) {
  if (page.empty()) return;
  if (json_) {
    add_json(page);
    return;
  }
  if (rows_ == 0) start_table(page);
  for (const auto& row : page) {
    std::vector<std::string> cells;
    for (const auto& column : columns_) cells.push_back(cell(row.as_object().at(column)));
    print_line(cells, widths_);
    ++rows_;
  }
}

void RowPrinter::add_json(const json::array& page) {
  for (const auto& row : page) {
    fmt::print("{}{}", rows_ == 0 ? "[\n" : ",\n", json::serialize(row));
    ++rows_;
  }
}

void RowPrinter::start_table(const json::array& page) {
  std::vector<std::string> headings;
  for (const auto& [name, value] : page.front().as_object()) {
    columns_.emplace_back(name);
    headings.push_back(heading(name));
    widths_.push_back(width(headings.back()));
    for (const auto& row : page) {
      widths_.back() = std::max(widths_.back(), width(cell(row.as_object().at(name))));
    }
  }
  print_line(headings, widths_);
}

void RowPrinter::finish(std::string_view nothing) {
  if (json_) {
    fmt::print("{}", rows_ == 0 ? "[]\n" : "\n]\n");
  } else if (rows_ == 0) {
    fmt::print("{}\n", nothing);
  }
}

void print_object(const json::object& object, bool as_json) {
  if (as_json) {
    fmt::print("{}\n", json::serialize(object));
    return;
  }
  std::size_t widest = 0;
  for (const auto& member : object) widest = std::max(widest, member.key().size());
  for (const auto& [name, value] : object) {
    std::string label(name);
    std::ranges::replace(label, '_', ' ');
    fmt::print("{:<{}}  {}\n", label, widest, cell(value));
  }
}

void print_done(std::string_view sentence, const json::object& object, bool as_json) {
  if (as_json) {
    print_object(object, true);
  } else {
    fmt::print("{}\n", sentence);
  }
}

}  // namespace banter::app
