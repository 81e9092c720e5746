// From a venue's symbol name to its index: open addressing, names compared 16 bytes at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.hpp"

namespace fastrsi {

// Owner: one connection of a shard. Grows only in add(), never in find().
class SymbolTable {
 public:
  // Room for `symbols_max` names.
  explicit SymbolTable(std::size_t symbols_max);

  // kNoSymbol when the name was never added. `name` must be followed by 16 readable bytes, as
  // frames are.
  SymbolId find(std::string_view name) const noexcept {
    const Key key = key_of(name);
    for (std::size_t at = key.hash & mask_;; at = (at + 1) & mask_) {
      const std::uint32_t index = slots_[at];
      if (index == kFree) return kNoSymbol;
      const Entry& entry = entries_[index];
      if (entry.low == key.low && entry.high == key.high && entry.length == name.size() &&
          (name.size() <= kKeyBytes || names_[index] == name)) {
        return entry.id;
      }
    }
  }

  // The name must be new. False when the table is full.
  bool add(std::string_view name, SymbolId id);

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Key {
    std::uint64_t low;
    std::uint64_t high;
    std::size_t hash;
  };
  struct Entry {
    std::uint64_t low;
    std::uint64_t high;
    std::uint32_t length;
    SymbolId id;
  };
  static constexpr std::uint32_t kFree = 0xFFFF'FFFF;
  static constexpr std::size_t kKeyBytes = 16;

  static Key key_of(std::string_view name) noexcept {
    std::uint64_t low;
    std::uint64_t high;
    std::memcpy(&low, name.data(), 8);
    std::memcpy(&high, name.data() + 8, 8);
    low &= first_bytes(name.size());
    high &= name.size() > 8 ? first_bytes(name.size() - 8) : 0;
    // Fibonacci hashing of both halves; the length tells "A" from "A\0".
    std::uint64_t hash =
        (low ^ (high * 0x9E37'79B9'7F4A'7C15U) ^ name.size()) * 0xD6E8'FEB8'6659'FD93U;
    hash ^= hash >> 32;
    return {low, high, static_cast<std::size_t>(hash)};
  }
  static std::uint64_t first_bytes(std::size_t count) noexcept {
    return count >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * count)) - 1;
  }

  // Small numbers first, so that the look-up of a few hundred names stays in a core's own caches.
  std::vector<std::uint32_t> slots_;  // indices of entries_
  std::size_t mask_;
  std::vector<Entry> entries_;
  std::vector<std::string> names_;  // by entry
  std::size_t symbols_max_;
};

}  // namespace fastrsi
