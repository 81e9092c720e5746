"""Bugs to plant into the journal, the restart and the socket: each one sentence, and what it
changes where. A text to change stands exactly once in its file, so that a bug that no longer fits
the code is noticed."""

BATCH = "sinks/journal_batch.cpp"
STATE = "sinks/journal_state.cpp"
WRITE = "sinks/journal_write.cpp"
SUBSCRIBE = "sinks/local_socket_commands.cpp"
SINK = "tools/service/sink_runner.cpp"
RESTORE = "engine/symbol_restore.cpp"

BUGS = (
    ("a sink's cursor is stored before the delivery",
     (SINK, "      if (deliver(entries)) {\n        store_cursor(entries.back()->entry.seq);\n",
      "      store_cursor(entries.back()->entry.seq);\n      if (deliver(entries)) {\n")),
    ("nothing keeps a record from standing in the journal twice",
     ("sinks/journal_schema.cpp", "key TEXT NOT NULL UNIQUE,", "key TEXT NOT NULL,"),
     (WRITE, "if (batch.has(key) || stored(key)) return false;",
      "if (batch.has(key)) return false;")),
    ("the checkpoint goes ahead of its signals, in a transaction of its own",
     (BATCH, "  std::uint64_t inserted = 0;\n",
      "  state_.write(store);\n  store.commit();\n  store.begin();\n"
      "  std::uint64_t inserted = 0;\n"),
     (BATCH, "  state_.write(store);\n  return inserted;", "  return inserted;")),
    ("commits are not synced",
     ("sinks/sqlite.cpp", "PRAGMA synchronous=FULL", "PRAGMA synchronous=OFF")),
    ("the second shard's part of the checkpoint is left out",
     ("tools/service/service.cpp", "    gathered.checkpoint.parts.push_back(std::move(part));",
      "    if (shard == 0) gathered.checkpoint.parts.push_back(std::move(part));")),
    ("since gives one record too many",
     (SUBSCRIBE, "since + missed, false}",
      "since + missed - (since + missed > 0 ? 1 : 0), false}")),
    ("since leaves one record out",
     (SUBSCRIBE, "since + missed, false}",
      "since + missed + (since > 0 && since < span.newest ? 1 : 0), false}")),
    ("a restart forgets which conditions hold",
     (RESTORE, "core.watches_[i] = watches_[i].watch;",
      "{ core.watches_[i] = watches_[i].watch; core.watches_[i].edge = {}; }")),
    ("a restart forgets the trades' ids",
     (RESTORE, "  core.next_id_ = next_id_;\n", "")),
    ("a restart forgets the forming bar",
     (RESTORE, "core.tracks_[i] = tracks_[i].track;",
      "{ core.tracks_[i] = tracks_[i].track; core.tracks_[i].forming = false; }")),
    ("a restart sends the first list again",
     (RESTORE, "core.watches_[i] = watches_[i].watch;",
      "{ core.watches_[i] = watches_[i].watch; core.watches_[i].entered = false; }")),
    ("a restart forgets the extremes since the last evaluation",
     (RESTORE, "  core.pending_ = quiet_.pending;\n", "")),
    ("a restart forgets the extremes of the longer timeframes",
     (RESTORE, "  core.later_ = quiet_.later;\n", "")),
    ("a sink's cursor never gets into the journal",
     (SINK, "  recorder_.post([name = settings_.name, seq](Journal& journal) { "
      "journal.set_cursor(name, seq); });", "")),
    ("retention goes past a sink that is behind",
     ("sinks/journal_read.cpp", "limit = std::min(limit, seq);", "(void)sink, (void)seq;")),
    ("a part of the checkpoint that is there already stays as it is",
     (STATE, "if (whole_ || !holds(stored_, part.name, stamp))",
      "if (whole_ || !stored_.contains(part.name))")),
    ("what a crash tore at the log's end stays there",
     (SINK, "  if (is_json_file(settings_)) cut_torn_line(settings_.path);\n", "")),
    ("records are shown before they are in the journal",
     ("tools/service/recorder.cpp",
      "  if (journal_->has_open_batch()) journal_->commit();\n  const JournalStatus",
      "  window_.publish(fresh_);\n  fresh_.clear();\n  if (on_publish) on_publish();\n"
      "  if (journal_->has_open_batch()) journal_->commit();\n  const JournalStatus")),
    ("who reads the journal itself gets what is not committed",
     ("tools/service/recorder.cpp", "must be written.\n    commit();\n", "must be written.\n")),
    ("numbers begin anew when retention has removed every record",
     ("sinks/journal_store.cpp",
      "std::max(meta(\"last_seq\"), database_.number(\"SELECT ifnull(max(seq),0) FROM signals\"))",
      "database_.number(\"SELECT ifnull(max(seq),0) FROM signals\")")),
    ("a file whose fsync failed is written on",
     ("sinks/journal_keeper.cpp",
      "error.failure() == SqliteFailure::Sync || error.failure() == SqliteFailure::Damage",
      "error.failure() == SqliteFailure::Damage")),
    ("a client whose buffer is full loses the record that did not fit",
     ("sinks/local_socket_feed.cpp",
      "if (subscription.filter.wants(*record) && !push(client, *record)) {",
      "if (subscription.filter.wants(*record) && !push(client, *record)) {\n"
      "      if (client.subscription) subscription.position = record->seq;")),
    ("records that come while the disk fails are dropped",
     (WRITE, "  batch.add(std::move(key), kept(entry));",
      "  if (!degraded_) batch.add(std::move(key), kept(entry));")),
)
