#include "sinks/journal_keeper.hpp"

#include <stdexcept>
#include <utility>

#include "sinks/journal_salvage.hpp"
#include "sinks/journal_schema.hpp"

namespace fastrsi {
namespace {

constexpr std::int64_t kExchangePauseNs = 1'000'000'000;
constexpr std::int64_t kBallastPauseNs = 60'000'000'000;

}  // namespace

JournalKeeper::JournalKeeper(const JournalSettings& settings, NameStore& names, Say say, Now now)
    : names_(names),
      say_(std::move(say)),
      now_(std::move(now)),
      ballast_bytes_(settings.ballast_bytes),
      folder_(settings.dir) {
  open_at_start();
  if (ballast_bytes_ == 0) {
    folder_.give_up_ballast();
    return;
  }
  ballast_there_ = folder_.make_ballast(ballast_bytes_);
  ballast_tried_ns_ = now_();
  if (!ballast_there_) {
    this->say("no space for the ballast of " + std::to_string(ballast_bytes_) + " bytes in " +
              folder_.dir() + " (free some space)");
  }
}

void JournalKeeper::open_at_start() {
  try {
    try {
      open_or_replace();
    } catch (const SqliteError& error) {
      if (error.failure() != SqliteFailure::Full || !give_up_ballast()) throw;
      open_or_replace();
    }
  } catch (const SqliteError& error) {
    throw std::runtime_error("cannot open the journal in state folder " + folder_.dir() + ": " +
                             error.what() +
                             " (see that this user may write there, that there is space, and that "
                             "no other program has journal.db open)");
  }
}

void JournalKeeper::open_or_replace() {
  try {
    open();
  } catch (const ForeignJournal& error) {
    begin_anew(error.what());
  } catch (const SqliteError& error) {
    if (error.failure() == SqliteFailure::Other) return begin_anew(error.what());
    if (error.failure() != SqliteFailure::Damage) throw;
    broken_by_ = error.what();
    open_remains();
    exchange();
  }
}

void JournalKeeper::open() {
  store_.reset();
  folder_.make_private(folder_.database());
  auto store =
      std::make_unique<JournalStore>(folder_.database(), JournalStore::Use::Journal, names_);
  store->last_seq();  // throws where the numbers are damaged
  store_ = std::move(store);
  broken_ = false;
  ++generation_;
}

void JournalKeeper::open_remains() {
  store_.reset();
  try {
    store_ = std::make_unique<JournalStore>(folder_.database(), JournalStore::Use::Remains, names_);
  } catch (const std::runtime_error&) {
    // Nothing in it can be read.
  }
}

void JournalKeeper::begin_anew(const std::string& reason) {
  const std::string aside = folder_.free_aside();
  folder_.set_aside(aside);
  say(folder_.database() + " cannot be used: " + reason + "; it is kept as " + aside +
      ", and a new one is begun");
  open();
}

void JournalKeeper::make_next() {
  Salvage salvage;
  folder_.remove_next();
  try {
    folder_.make_private(folder_.next());
    JournalStore next(folder_.next(), JournalStore::Use::Next, names_);
    if (store_) salvage = copy_all(*store_, next);
    // Then opening it in its place writes nothing.
    next.use_wal();
  } catch (...) {
    folder_.remove_next();
    throw;
  }
  folder_.remove_beside_next();
  taken_over_ = std::to_string(salvage.entries) + " entries";
  if (!store_ || !salvage.whole) taken_over_ += "; what could not be read is only in the old one";
  aside_ = folder_.free_aside();
  next_is_made_ = true;
}

void JournalKeeper::exchange() {
  if (!next_is_made_) make_next();
  store_.reset();
  folder_.set_aside(aside_);
  folder_.put_next_in_place();
  next_is_made_ = false;
  broken_ = false;
  say(folder_.database() + " cannot be used any more: " + broken_by_ + "; it is kept as " + aside_ +
      ", and a new one took over " + taken_over_);
  open();
}

JournalStore* JournalKeeper::writable(bool at_once) noexcept {
  if (store_ && !broken_) return store_.get();
  const std::int64_t now = now_();
  if (!at_once && !is_due(now, exchange_tried_ns_, kExchangePauseNs)) return nullptr;
  exchange_tried_ns_ = now;
  Attempt attempt = try_exchange();
  if (attempt == Attempt::Again) attempt = try_exchange();
  return attempt == Attempt::Done ? store_.get() : nullptr;
}

JournalKeeper::Attempt JournalKeeper::try_exchange() {
  try {
    if (broken_) {
      exchange();
    } else {
      open();
    }
    return Attempt::Done;
  } catch (const SqliteError& error) {
    why_ = error.what();
    if (error.failure() == SqliteFailure::Full) {
      return give_up_ballast() ? Attempt::Again : Attempt::Failed;
    }
    // A new one that cannot be trusted is exchanged in its turn.
    if (!broken_) failed(error);
  } catch (const std::runtime_error& error) {
    why_ = error.what();
  }
  return Attempt::Failed;
}

bool JournalKeeper::failed(const SqliteError& error) noexcept {
  why_ = error.what();
  if (error.failure() == SqliteFailure::Full) return give_up_ballast();
  const bool is_lost =
      error.failure() == SqliteFailure::Sync || error.failure() == SqliteFailure::Damage;
  if (!is_lost) return false;
  broken_ = true;
  broken_by_ = why_;
  // Closed without another write; what it holds can be read until the exchange.
  open_remains();
  return true;
}

bool JournalKeeper::give_up_ballast() {
  if (ballast_bytes_ == 0 || !folder_.give_up_ballast()) return false;
  ballast_there_ = false;
  ballast_tried_ns_ = now_();
  say("the disk is full; the ballast in " + folder_.dir() +
      " was given up to go on (free some "
      "space)");
  return true;
}

void JournalKeeper::mend_ballast() noexcept {
  if (ballast_there_) return;
  const std::int64_t now = now_();
  if (!is_due(now, ballast_tried_ns_, kBallastPauseNs)) return;
  ballast_tried_ns_ = now;
  // Twice its size: otherwise it would take the very space that was just missing.
  if (folder_.free_bytes() < 2 * ballast_bytes_) return;
  ballast_there_ = folder_.make_ballast(ballast_bytes_);
  if (ballast_there_) say("the ballast in " + folder_.dir() + " is there again");
}

}  // namespace fastrsi
