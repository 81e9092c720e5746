#include "sinks/journal_state.hpp"

#include <string_view>
#include <utility>

namespace fastrsi {
namespace {

std::uint64_t add_number(std::uint64_t number, std::uint64_t sum) noexcept {
  return fnv1a({reinterpret_cast<const char*>(&number), sizeof number}, sum);
}

PartStamp stamp_of(const std::string& bytes) noexcept {
  return {fnv1a(bytes), bytes.size()};
}

// The sum over all parts: tells when one of them is missing. 0: there is none.
std::uint64_t total_of(const PartStamps& stamps) noexcept {
  if (stamps.empty()) return 0;
  std::uint64_t sum = kFnvBasis;
  for (const auto& [name, stamp] : stamps) {
    sum = add_number(stamp.size, add_number(stamp.sum, fnv1a(name, add_number(name.size(), sum))));
  }
  return sum;
}

bool holds(const PartStamps& stamps, const std::string& name, const PartStamp& stamp) {
  const auto found = stamps.find(name);
  return found != stamps.end() && found->second == stamp;
}

}  // namespace

void JournalState::set(Checkpoint checkpoint) {
  wanted_.clear();
  changed_.clear();
  for (StatePart& part : checkpoint.parts) {
    const PartStamp stamp = stamp_of(part.bytes);
    if (whole_ || !holds(stored_, part.name, stamp)) changed_[part.name] = std::move(part.bytes);
    wanted_[std::move(part.name)] = stamp;
  }
  waiting_ = true;
}

void JournalState::write(JournalStore& store) {
  if (!waiting_) return;
  if (whole_) {
    store.remove_parts();
  } else {
    for (const auto& [name, stamp] : stored_) {
      if (!wanted_.contains(name)) store.remove_part(name);
    }
  }
  for (const auto& [name, bytes] : changed_) store.put_part(name, bytes, wanted_[name].sum);
  store.put_parts_sum(total_of(wanted_));
}

void JournalState::written() noexcept {
  if (!waiting_) return;
  stored_.swap(wanted_);
  wanted_.clear();
  changed_.clear();
  waiting_ = false;
  whole_ = false;
}

bool JournalState::follow(JournalStore& store) {
  const bool had_any = !stored_.empty();
  stored_ = store.part_stamps();
  const bool is_complete = store.parts_sum() == total_of(stored_) && !(had_any && stored_.empty());
  if (!waiting_) {
    if (!is_complete) lose();
    return is_complete;
  }
  for (const auto& [name, stamp] : wanted_) {
    if (changed_.contains(name) || holds(stored_, name, stamp)) continue;
    lose();
    return false;
  }
  return true;
}

// An empty state is written over the damaged one: half of it must never be taken for the whole.
void JournalState::lose() {
  stored_.clear();
  wanted_.clear();
  changed_.clear();
  whole_ = true;
  waiting_ = true;
}

std::optional<Checkpoint> JournalState::read(JournalStore* store) {
  Checkpoint checkpoint;
  for (const auto& [name, stamp] : waiting_ ? wanted_ : stored_) {
    const auto changed = changed_.find(name);
    std::optional<std::string> bytes;
    if (changed != changed_.end()) {
      bytes = changed->second;
    } else if (store != nullptr) {
      bytes = store->part(name);
    }
    if (!bytes || stamp_of(*bytes) != stamp) {
      if (store != nullptr) lose();
      return std::nullopt;
    }
    checkpoint.parts.push_back({name, std::move(*bytes)});
  }
  return checkpoint;
}

}  // namespace fastrsi
