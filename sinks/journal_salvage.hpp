// What a damaged or mistrusted database still gives, brought over into a new one.
#pragma once

#include <cstdint>

#include "sinks/journal_store.hpp"

namespace fastrsi {

struct Salvage {
  std::uint64_t entries = 0;
  bool whole = true;  // nothing was found that could not be read
};

// Copies all that can be read in one transaction of `to`. Failures of `from` are counted in, those
// of `to` leave as SqliteError.
Salvage copy_all(JournalStore& from, JournalStore& to);

}  // namespace fastrsi
