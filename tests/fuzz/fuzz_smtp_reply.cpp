// Any bytes as what an SMTP server or an HTTP service says: an answer comes of it for every target,
// and no mail counts as done that was not.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/assert.hpp"
#include "sinks/transport/push_verdict.hpp"
#include "sinks/transport/rows.hpp"
#include "sinks/transport/secret.hpp"
#include "sinks/transport/smtp_verdict.hpp"

namespace {

using namespace fastrsi;
using namespace fastrsi::transport;

// Lines that begin with '>' are what we have said; a line "." begins the octets.
void play(std::string_view text, SmtpTalk& talk) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    if (line.starts_with('>')) {
      talk.sent(line.substr(1));
    } else if (line == ".\n") {
      talk.octets_begin();
    } else {
      talk.heard(line);
    }
  }
}

void check_row(const std::string& row) {
  FASTRSI_ASSERT(std::find(row::kAll.begin(), row::kAll.end(), row) != row::kAll.end());
}

void smtp(std::uint8_t flags, std::string_view text) {
  constexpr std::size_t kRecipients = 3;
  SmtpTalk talk;
  play(text, talk);
  SmtpEnd end;
  end.is_ok = (flags & 1U) != 0;
  end.is_login_denied = !end.is_ok && (flags & 2U) != 0;
  end.is_unauthenticated = !end.is_ok && (flags & 4U) != 0;
  end.is_timeout = (flags & 8U) != 0;
  end.octets = 10;
  end.octets_given = (flags & 16U) != 0 ? 10 : 5;
  const SendAnswer answer = judge_smtp(end, talk, kRecipients);
  FASTRSI_ASSERT(answer.targets.size() == kRecipients);
  check_row(answer.row);
  FASTRSI_ASSERT(talk.transcript().size() <= kTranscriptLinesMax + 1);
  for (std::size_t i = 0; i < kRecipients; ++i) {
    const TargetAnswer& target = answer.targets[i];
    FASTRSI_ASSERT(target.target == i);
    if (target.outcome == Outcome::Done) {
      FASTRSI_ASSERT(end.is_ok);
      FASTRSI_ASSERT(talk.recipient(i).is(2));
    }
    if (target.outcome == Outcome::InDoubt) FASTRSI_ASSERT(talk.step() == SmtpStep::Dot);
  }
}

void http(std::uint8_t flags, std::string_view text) {
  HttpReply reply;
  const std::size_t head = std::min(text.find('\n'), text.size());
  reply.status = text.size() > 1 ? 100 + static_cast<unsigned char>(text[0]) * 2 : 0;
  reply.headers["retry-after"] = text.substr(0, head);
  reply.headers["x-ratelimit-reset"] = text.substr(0, head);
  reply.headers["x-limit-app-reset"] = text.substr(0, head);
  reply.headers["x-ratelimit-reset-after"] = text.substr(0, head);
  reply.headers["x-ratelimit-remaining"] = "0";
  reply.retry_after = seconds_text(text.substr(0, head));
  reply.body = text.substr(head);
  reply.received_s = 1'700'000'000;
  reply.may_have_arrived = true;
  const PushVerdict verdict = judge_push(static_cast<Service>(flags % 9), reply);
  check_row(std::string{verdict.row});
  if (verdict.outcome == Outcome::Done) {
    FASTRSI_ASSERT(reply.status / 100 == 2 || reply.status == 409);
  }
  if (verdict.retry_after) {
    FASTRSI_ASSERT(verdict.retry_after->count() > 0);
    FASTRSI_ASSERT(*verdict.retry_after <= std::chrono::hours{24});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 128U) != 0) {
    http(data[0] & 127U, text);
  } else {
    smtp(data[0], text);
  }
  Redactor redactor;
  redactor.add("canary");
  const std::string line = redactor.line(text);
  FASTRSI_ASSERT(line.size() <= 500);
  FASTRSI_ASSERT(line.find("canary") == std::string::npos);
  return 0;
}
