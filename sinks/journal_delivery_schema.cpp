// The tables of the sinks' deliveries, one below the other. Values of type ANY are numbers that may
// be NaN, as in the table of signals. `ended` is NULL as long as something waits.
#include "sinks/journal_delivery.hpp"

namespace fastrsi {

const char* const kDeliveryTables = R"(
CREATE TABLE delivery_events(
  sink TEXT NOT NULL,
  key TEXT NOT NULL,
  place INTEGER NOT NULL,
  state TEXT NOT NULL,
  mid TEXT NOT NULL,
  seq INTEGER NOT NULL,
  signal_id TEXT NOT NULL,
  rule TEXT NOT NULL,
  venue TEXT NOT NULL,
  symbol TEXT NOT NULL,
  kind TEXT NOT NULL,
  stage TEXT NOT NULL,
  timeframe TEXT NOT NULL,
  bar_open INTEGER NOT NULL,
  time INTEGER NOT NULL,
  price ANY,
  rsi_default ANY,
  rsi_first ANY,
  rsi_second ANY,
  priority INTEGER NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  first_load INTEGER NOT NULL,
  ended INTEGER,
  UNIQUE(sink, key)
) STRICT;
CREATE INDEX delivery_events_live ON delivery_events(sink) WHERE ended IS NULL;
CREATE INDEX delivery_events_ended ON delivery_events(ended) WHERE ended IS NOT NULL;
CREATE INDEX delivery_events_by_id ON delivery_events(sink, signal_id);
CREATE INDEX delivery_events_by_mid ON delivery_events(sink, mid);
CREATE TABLE delivery_messages(
  sink TEXT NOT NULL,
  mid TEXT NOT NULL,
  place INTEGER NOT NULL,
  kind TEXT NOT NULL,
  timeframe TEXT NOT NULL,
  stage TEXT NOT NULL,
  priority INTEGER NOT NULL,
  frozen INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  part INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  silent INTEGER NOT NULL,
  octets BLOB NOT NULL,
  ended INTEGER,
  UNIQUE(sink, mid)
) STRICT;
CREATE INDEX delivery_messages_live ON delivery_messages(sink) WHERE ended IS NULL;
CREATE INDEX delivery_messages_ended ON delivery_messages(ended) WHERE ended IS NOT NULL;
CREATE TABLE delivery_targets(
  sink TEXT NOT NULL,
  mid TEXT NOT NULL,
  target TEXT NOT NULL,
  state TEXT NOT NULL,
  due INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  in_doubt INTEGER NOT NULL,
  last_code INTEGER NOT NULL,
  last_text TEXT NOT NULL,
  PRIMARY KEY(sink, mid, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_targets_due ON delivery_targets(sink, state, due);
CREATE TABLE delivery_groups(
  sink TEXT NOT NULL,
  kind TEXT NOT NULL,
  timeframe TEXT NOT NULL,
  stage TEXT NOT NULL,
  last_sent INTEGER NOT NULL,
  part INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  last_place INTEGER NOT NULL,
  dropped INTEGER NOT NULL,
  PRIMARY KEY(sink, kind, timeframe, stage)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery_limiters(
  sink TEXT NOT NULL, bucket TEXT NOT NULL, tat INTEGER NOT NULL,
  PRIMARY KEY(sink, bucket)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery_pauses(
  sink TEXT NOT NULL, endpoint TEXT NOT NULL, until INTEGER NOT NULL, step INTEGER NOT NULL,
  PRIMARY KEY(sink, endpoint)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery_stamps(
  sink TEXT NOT NULL, slot INTEGER NOT NULL, at INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(sink, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery_breakers(
  sink TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  failures INTEGER NOT NULL,
  step INTEGER NOT NULL,
  until INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  PRIMARY KEY(sink, endpoint)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery_notified(
  sink TEXT NOT NULL, key TEXT NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY(sink, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery_tallies(
  sink TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(sink, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery_dead(
  sink TEXT NOT NULL,
  mid TEXT NOT NULL,
  target TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  code INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY(sink, mid, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_dead_at ON delivery_dead(at);
CREATE TABLE delivery_attempts(
  sink TEXT NOT NULL,
  mid TEXT NOT NULL,
  target TEXT NOT NULL,
  at INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  outcome TEXT NOT NULL,
  code INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX delivery_attempts_by_mid ON delivery_attempts(sink, mid);
CREATE INDEX delivery_attempts_at ON delivery_attempts(at);
)";

}  // namespace fastrsi
