// What commands print on standard output: rows as an aligned table for people, or JSON for scripts.
// Owned by one command; one thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace banter::app {

// Prints rows page by page. The columns are the members of the first row, as wide as the first page
// needs; JSON is one array with a row per line.
class RowPrinter {
 public:
  explicit RowPrinter(bool json) : json_(json) {}
  void add(const boost::json::array& page);
  // `nothing`: what to say to people when there was no row.
  void finish(std::string_view nothing);

 private:
  void add_json(const boost::json::array& page);
  void start_table(const boost::json::array& page);

  bool json_;
  std::size_t rows_ = 0;
  std::vector<std::string> columns_;
  std::vector<std::size_t> widths_;
};

// One object: a line per member, or JSON.
void print_object(const boost::json::object& object, bool json);
// A sentence for people, or the object for scripts.
void print_done(std::string_view sentence, const boost::json::object& object, bool json);

// A value in a table: "-" for nothing, "yes" and "no", lists with commas, control characters as
// "?".
[[nodiscard]] std::string cell(const boost::json::value& value);

}  // namespace banter::app
