#include "engine/market/symbol_table.hpp"

#include <bit>

#include "engine/base/assert.hpp"

namespace fastrsi {

SymbolTable::SymbolTable(std::size_t symbols_max)
    : slots_(std::bit_ceil(symbols_max + symbols_max / 2 + 2), kFree),
      mask_(slots_.size() - 1),
      symbols_max_(symbols_max) {
  entries_.reserve(symbols_max);
  names_.reserve(symbols_max);
}

bool SymbolTable::add(std::string_view name, SymbolId id) {
  FASTRSI_ASSERT(id != kNoSymbol);
  if (size() == symbols_max_) return false;
  std::string padded(name);
  padded.append(kKeyBytes, '\0');
  const Key key = key_of(std::string_view(padded).substr(0, name.size()));
  std::size_t at = key.hash & mask_;
  while (slots_[at] != kFree) at = (at + 1) & mask_;
  slots_[at] = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back({key.low, key.high, static_cast<std::uint32_t>(name.size()), id});
  names_.emplace_back(name);
  return true;
}

}  // namespace fastrsi
