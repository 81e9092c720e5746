"""Bugs to plant into the delivery engine: each one sentence, and what it changes where. A text to
change stands exactly once in its file, so that a bug that no longer fits the code is noticed."""

ANSWER = "sinks/delivery/delivery_answer.cpp"
ENDPOINTS = "sinks/delivery/endpoints.cpp"
GROUPS = "sinks/delivery/groups.cpp"
LIMITER = "sinks/delivery/limiter.cpp"
PICK = "sinks/delivery/delivery_pick.cpp"
QUOTA = "sinks/delivery/quota.cpp"
REPEAT = "sinks/delivery/repeat.cpp"
RESTORE = "sinks/delivery/delivery_restore.cpp"
SINK = "sinks/delivery/delivery_sink.cpp"

BUGS = (
    ("a restart forgets the token buckets",
     (RESTORE, "  for (const LimiterRow& row : rows.limiters) limiter_.restore(row);\n", "")),
    ("a bucket allows one more than its burst",
     (LIMITER, "step * (rate.burst - 1)", "step * rate.burst")),
    ("a restart forgets the quota's stamps",
     (RESTORE, "  for (const StampRow& row : rows.stamps) quota_.restore(row, now);\n", "")),
    ("the quota's reserve is for everybody",
     (QUOTA, "priority >= Priority::High ? 0 :", "priority >= Priority::Low ? 0 :")),
    ("the quota counts messages, not recipients",
     (PICK, "quota_.take(static_cast<std::int64_t>(flight.targets.size()), now, changes_)",
      "quota_.take(1, now, changes_)")),
    ("an expired message is still sent",
     (SINK, "if (message.row.expires <= now) over.push_back",
      "if (message.row.expires < 0) over.push_back"),
     (PICK, "  FASTRSI_ASSERT(message.row.expires > now);\n", "")),
    ("a message is handed on to the next endpoint after its expiry",
     (ANSWER, "may_fail_over && next && message.row.expires > now", "may_fail_over && next")),
    ("a message lives as long as its youngest event",
     (PICK, "row.expires = INT64_MAX;", "row.expires = 0;"),
     (PICK, "row.expires = std::min(row.expires, event.expires);",
      "row.expires = std::max(row.expires, event.expires);")),
    ("an attempt's rows are not durable before it is made",
     (PICK, "    ++target.attempts;\n    changes_.emplace_back(target);",
      "    ++target.attempts;")),
    ("a restart takes what was under way for done",
     (RESTORE, "      target.state = TargetState::Wait;\n      target.due = now;\n"
      "      changes_.emplace_back(target);\n",
      "      end_target(target, TargetState::Done);\n      continue;\n")),
    ("a restart forgets the pauses",
     (RESTORE, "  for (const PauseRow& row : rows.pauses) endpoints_.restore(row, now);\n", "")),
    ("a restart forgets the breakers",
     (RESTORE, "  for (const BreakerRow& row : rows.breakers) endpoints_.restore(row, now);\n",
      "")),
    ("a half-open breaker's attempt is not booked",
     (PICK, "  endpoints_.book(endpoint, now, changes_);\n", "")),
    ("refused credentials do not open the breaker",
     (ENDPOINTS, "  row.until = now + kBreakerMost.count();\n  row.refused = true;",
      "  row.refused = true;")),
    ("the next endpoint is asked even in doubt",
     (ANSWER, "outcome == Outcome::Permanent || outcome == Outcome::InDoubt;",
      "outcome == Outcome::Permanent;")),
    ("a restart forgets what has been said",
     (RESTORE, "  for (const NotifiedRow& row : rows.notified) notified_.restore(row);\n", "")),
    ("what has been said is forgotten after one bar",
     (REPEAT, "std::max({later(bar_ms(event), 3 * bar), later(now, 2 * bar), event.expires})",
      "bar_ms(event) + bar / 2")),
    ("the cursor goes ahead of its events",
     (SINK, "  changes_.emplace_back(EventRow{place, event, EventState::Collecting, {}});\n", "")),
    ("the lowest priority goes first",
     (PICK, "    return std::tuple(-static_cast<int>(a.priority), a.open, a.place) <\n"
      "           std::tuple(-static_cast<int>(b.priority), b.open, b.place);",
      "    return std::tuple(static_cast<int>(a.priority), a.open, a.place) <\n"
      "           std::tuple(static_cast<int>(b.priority), b.open, b.place);")),
    ("an event does not wait for its elder in another group",
     (GROUPS, " && !is_behind(place, key)) places.push_back", ") places.push_back")),
    ("a full sink grows",
     (SINK, "  while (live_ > settings_.live_most) {",
      "  while (live_ > 2 * settings_.live_most) {")),
    ("a message needs no room for its deliveries",
     (PICK, "live_ + wanted > settings_.live_most ? live_ + wanted - settings_.live_most : 0",
      "live_ + wanted > kDeliveryLiveMost ? live_ + wanted - kDeliveryLiveMost : 0")),
    ("quiet hours hold nobody",
     (PICK, "is_held ? Priority::Critical : Priority::Low",
      "is_held ? Priority::Low : Priority::Low")),
    ("a digest comes as often as it likes",
     (GROUPS, "std::max(waited, group.row.last_sent + interval_.count())", "waited")),
    ("an event is done when one recipient has refused it",
     (SINK, "any(TargetState::Dead) ? EventState::Dead",
      "any(TargetState::Dead) ? EventState::Done")),
    ("the octets say when they are sent, not when they were sealed",
     (PICK, "  attempt.octets = message.row.octets;",
      "  static std::string sent;\n"
      "  sent = message.row.octets + std::to_string(limiter_.ready_at(0));\n"
      "  attempt.octets = sent;")),
    ("an expired event is not counted",
     (SINK, "if (event.expires <= now) return tallies_.add(Tally::Expired);",
      "if (event.expires <= now) return;")),
    ("dead letters are not kept",
     (SINK, "  changes_.emplace_back(DeadRow{target.mid, target.target, std::string(reason), now,\n"
      "                                target.last_code, target.last_text});\n",
      "  (void)reason, (void)now;\n")),
)
