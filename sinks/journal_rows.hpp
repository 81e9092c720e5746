// An entry as a row of the table `signals`, and back. Everything that people may ask for has a
// column of its own that any SQLite tool can read; what only `fastrsi why` reads is one blob.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/journal_entry.hpp"
#include "sinks/sqlite.hpp"

namespace fastrsi {

// The columns in the order in which bind_entry() and take_entry() go through them.
inline constexpr std::string_view kEntryColumns =
    "seq,key,type,id,stage,rule,default_period,first_period,second_period,kind,venue,symbol,"
    "timeframe,bar_open,time,received,price,rsi_default,rsi_first,rsi_second,firing,quality,repeat,"
    "offline,reason,symbols,taken,fired,journaled,evidence";
inline constexpr int kEntryColumnCount = 30;

void bind_entry(Query& query, const JournalEntry& entry, std::string_view key);
// Throws SqliteError (Damage) for a row that no bind_entry() has written.
JournalEntry take_entry(Query& query, NameStore& names);

// Symbols of a list as a JSON array of [venue, name] pairs. Names are opaque: bytes that are no
// UTF-8 stand in it as they are, so that every name comes back as it was.
std::string symbols_to_text(const std::vector<const Symbol*>& symbols);
// False when the text is none of symbols_to_text().
bool symbols_from_text(std::string_view text, NameStore& names,
                       std::vector<const Symbol*>& symbols);

// Evidence as bytes, all numbers little-endian:
//   blob    = version trade_count trade{trade_count} before{3} default_1 default_2 first_back
//             second_back
//   version = 1 (u8), trade_count = 0..4 (u8)
//   trade   = price (f64) quantity (f64) id (u64) time (i64, unix nanoseconds)
std::string evidence_to_bytes(const Evidence& evidence);
bool evidence_from_bytes(std::string_view bytes, Evidence& evidence);

}  // namespace fastrsi
