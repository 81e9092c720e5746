#include "sinks/journal_salvage.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace fastrsi {
namespace {

// What `read` gives, or nothing where the old database fails. The new one's failures must not be
// caught with it: they mean that the copy is worth nothing.
template <typename Read>
auto readable(Salvage& salvage, Read read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const SqliteError&) {
    salvage.whole = false;
    return std::nullopt;
  }
}

void copy_row(JournalStore& to, const JournalEntry& entry, Salvage& salvage) {
  // A damaged index may hide that two rows are the same; the new one's key tells.
  if (to.insert(entry, entry_key(entry))) ++salvage.entries;
}

// Goes from `from_seq` towards the other end, rows that make no sense left out, up to a page that
// cannot be read or to `stop`. Returns the last seq reached.
std::uint64_t copy_rows(JournalStore& from, JournalStore& to, std::uint64_t from_seq, bool down,
                        std::uint64_t stop, Salvage& salvage) {
  std::uint64_t reached = stop;
  for (std::uint64_t seq = from_seq; true;) {
    const auto row = readable(salvage, [&] { return from.row_near(seq, down); });
    if (!row || !*row) return reached;
    const std::uint64_t found = (*row)->seq;
    // Damaged pages may lead in circles.
    if (down ? (found <= stop || found > seq) : found < seq) return reached;
    if ((*row)->entry) {
      copy_row(to, *(*row)->entry, salvage);
    } else {
      salvage.whole = false;
    }
    reached = found;
    seq = down ? found - 1 : found + 1;
  }
}

// From both ends: one damaged page in the middle then costs only what stands on it.
void copy_entries(JournalStore& from, JournalStore& to, Salvage& salvage) {
  const std::uint64_t reached = copy_rows(from, to, 1, false, 0, salvage);
  if (salvage.whole) return;
  constexpr auto kEnd = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  copy_rows(from, to, kEnd, true, reached, salvage);
}

// All parts or none: a state with a hole in it is no state.
void copy_checkpoint(JournalStore& from, JournalStore& to, Salvage& salvage) {
  const auto stamps = readable(salvage, [&] { return from.part_stamps(); });
  const auto sum = readable(salvage, [&] { return from.parts_sum(); });
  if (!stamps || !sum) return;
  for (const auto& stamped : *stamps) {
    const std::string& name = stamped.first;
    const auto bytes = readable(salvage, [&] { return from.part(name); });
    if (!bytes || !*bytes) return to.remove_parts();
    to.put_part(name, **bytes, stamped.second.sum);
  }
  to.put_parts_sum(*sum);
}

void copy_values(JournalStore& from, JournalStore& to, Salvage& salvage) {
  if (const auto cursors = readable(salvage, [&] { return from.cursors(); })) {
    for (const auto& [sink, seq] : *cursors) to.put_cursor(sink, seq);
  }
  if (const auto notes = readable(salvage, [&] { return from.notes(); })) {
    for (const auto& [name, text] : *notes) to.put_note(name, text);
  }
  if (const auto letters = readable(salvage, [&] { return from.dead_letters(); })) {
    for (const DeadLetter& letter : *letters) to.put_dead_letter(letter);
  }
}

// What is lost of them is in the memory of the sinks that run, which write what changes.
void copy_deliveries(JournalStore& from, JournalStore& to, Salvage& salvage) {
  if (from.deliveries() == nullptr) return;
  try {
    readable(salvage, [&] {
      from.deliveries()->copy_to(*to.deliveries());
      return true;
    });
  } catch (const DeliveryTables::CopyFailed& failure) {
    throw SqliteError(failure.error);
  }
}

}  // namespace

Salvage copy_all(JournalStore& from, JournalStore& to) {
  Salvage salvage;
  to.begin();
  copy_entries(from, to, salvage);
  copy_checkpoint(from, to, salvage);
  copy_values(from, to, salvage);
  copy_deliveries(from, to, salvage);
  const auto last = readable(salvage, [&] { return from.last_seq(); });
  to.put_last_seq(std::max(last.value_or(0), to.last_seq()));
  to.commit();
  return salvage;
}

}  // namespace fastrsi
