// WalSpace: gives the WAL its blocks before commits need them. Syncing a file that grows makes the
// file system commit its own journal, several times the cost of syncing blocks that are there; so
// zeros are written behind the last frame, a slice at a time, while the writer has nothing else to
// do. SQLite never takes zeros for a frame: no frame is of page 0. Used by the writer's thread
// alone, outside transactions.
#pragma once

#include <cstdint>

#include "store/sqlite/database.hpp"

namespace banter::store {

class WalSpace {
 public:
  // One slice delays a commit that comes just then by its sync, 3 to 8 ms where one of a few blocks
  // takes 0.3.
  static constexpr std::int64_t slice_bytes = 512 * 1024;
  // Of a disk with less free space than so many times the WAL nothing is taken ahead of need.
  static constexpr std::int64_t free_factor = 16;

  // bytes: what the file should have. The connection is open for writing and outlives this.
  WalSpace(Connection& connection, std::int64_t bytes);

  // Whether the file may be shorter than that.
  [[nodiscard]] bool wanted() const { return wanted_; }
  // Writes and syncs one slice. Throws SqlError if the sync fails: nobody knows then what the disk
  // holds. Whatever else fails is logged and ends the growing, commits go on without it.
  void extend();

 private:
  [[nodiscard]] sqlite3_file& file();
  [[nodiscard]] bool disk_has_room() const;
  void write_slice();

  Connection& connection_;
  const std::int64_t bytes_;
  bool wanted_;
};

}  // namespace banter::store
