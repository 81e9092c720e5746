#include "sinks/transport/smtp_verdict.hpp"

#include "sinks/transport/answers.hpp"
#include "sinks/transport/rows.hpp"
#include "sinks/transport/smtp_limits.hpp"

namespace fastrsi::transport {
namespace {

// One outcome, with its word and the reply it stands on.
struct Verdict {
  Outcome outcome = Outcome::EndpointFailure;
  std::string_view row;
  SmtpReply reply;
  bool config_suspect = false;
};

std::string text_of(const SmtpReply& reply) {
  if (reply.code == 0) return {};
  return std::to_string(reply.code) + (reply.enhanced.empty() ? "" : " " + reply.enhanced) +
         (reply.text.empty() ? "" : " " + reply.text);
}

// 421 closes the connection wherever it comes; a rate pauses the sink instead.
Verdict closed(const SmtpReply& reply, std::string_view word) {
  if (is_rate(reply)) return {Outcome::RateLimited, row::kRate, reply};
  return {Outcome::EndpointFailure, word, reply};
}

Verdict of_login(const SmtpEnd& end, const SmtpTalk& talk) {
  const SmtpReply& reply = talk.last();
  if (end.is_unauthenticated) return {Outcome::AuthFailure, row::kAuthNotOffered, reply, true};
  if (talk.step() != SmtpStep::Auth) {
    // libcurl has said no AUTH: none of the server's is one of ours.
    return {Outcome::AuthFailure, row::kAuthMechanism, reply, true};
  }
  if (reply.code == 421) return closed(reply, row::kClosing);
  if (reply.code == 454) return {Outcome::EndpointFailure, row::kAuthTemporary, reply};
  if (reply.enhanced == "5.7.30") {
    return {Outcome::AuthFailure, row::kAuthBasicDisabled, reply, true};
  }
  const bool is_token = end.wants_token || reply.code == 334;
  return {Outcome::AuthFailure, is_token ? row::kAuthToken : row::kAuthRefused, reply, true};
}

Verdict of_mail(const SmtpReply& reply) {
  if (reply.code == 421) return closed(reply, row::kClosing);
  if (is_quota(reply)) return {Outcome::Quota, row::kQuota, reply};
  if (reply.is(4)) return {Outcome::Temporary, row::kMailTemporary, reply};
  if (reply.enhanced == "5.7.30") {
    return {Outcome::SenderRejected, row::kAuthBasicDisabled, reply, true};
  }
  if (reply.code == 530) return {Outcome::SenderRejected, row::kAuthRequired, reply, true};
  return {Outcome::SenderRejected, row::kSenderRejected, reply, true};
}

Verdict of_data(const SmtpReply& reply) {
  if (reply.code == 421) return closed(reply, row::kClosing);
  if (is_quota(reply)) return {Outcome::Quota, row::kQuota, reply};
  if (reply.is(4)) return {Outcome::Temporary, row::kDataTemporary, reply};
  return {Outcome::Permanent, row::kDataRefused, reply};
}

Verdict of_dot(const SmtpEnd& end, const SmtpReply& reply) {
  if (reply.code == 0) {
    // Before all octets are given to libcurl the dot cannot have gone out: nothing is stored.
    if (end.octets_given < end.octets) {
      return {Outcome::EndpointFailure, row::kDataDropped, {}};
    }
    return {Outcome::InDoubt, row::kDotNoReply, reply};
  }
  if (reply.code == 421) return closed(reply, row::kDotClosed);
  if (is_quota(reply)) return {Outcome::Quota, row::kQuota, reply};
  if (reply.is(4)) return {Outcome::Temporary, row::kDotTemporary, reply};
  if (reply.is(5)) return {Outcome::Permanent, row::kDotRefused, reply};
  // 250 is libcurl's own wish; any other word after the dot leaves it open.
  return {Outcome::InDoubt, row::kDotNoReply, reply};
}

// Nothing was said that decides: where did it end?
Verdict of_silence(const SmtpEnd& end, const SmtpTalk& talk) {
  const SmtpReply& reply = talk.last();
  switch (talk.step()) {
    case SmtpStep::Connect:
      if (!talk.is_greeted()) {
        return {Outcome::EndpointFailure,
                end.is_timeout ? row::kGreetingTimeout : row::kGreetingDropped, reply};
      }
      if (!reply.is(2)) return {Outcome::EndpointFailure, row::kGreetingRefused, reply};
      break;
    case SmtpStep::Hello:
      if (reply.is(4) || reply.is(5)) {
        return {Outcome::EndpointFailure, row::kHelloRefused, reply};
      }
      break;
    case SmtpStep::Data:
      return {Outcome::EndpointFailure, row::kDataDropped, {}};
    case SmtpStep::Other:
      if (reply.is(4) || reply.is(5)) {
        return {Outcome::EndpointFailure, row::kProbeRefused, reply};
      }
      break;
    default:
      break;
  }
  if (reply.code == 421) return closed(reply, row::kClosing);
  return {Outcome::EndpointFailure, row::kDropped, {}};
}

// Of the transfer as a whole; recipients that have an answer of their own keep it.
Verdict of_transfer(const SmtpEnd& end, const SmtpTalk& talk) {
  if (end.is_ok) return {Outcome::Done, row::kOk, talk.last()};
  // Once octets are on their way only the dot decides; before, the connection may.
  if (talk.step() == SmtpStep::Dot && !end.is_unauthenticated) return of_dot(end, talk.pending());
  if (!end.fault.row.empty()) {
    return {Outcome::EndpointFailure, end.fault.row, talk.last(), end.fault.config_suspect};
  }
  if (end.is_login_denied || end.is_unauthenticated) return of_login(end, talk);
  const SmtpReply& reply = talk.pending();
  const bool is_refused = reply.is(4) || reply.is(5);
  if (talk.step() == SmtpStep::Mail && is_refused) return of_mail(reply);
  if (talk.step() == SmtpStep::Data && is_refused) return of_data(reply);
  if (talk.step() == SmtpStep::Rcpt && reply.code == 421) return closed(reply, row::kRcptClosed);
  // After a 421 the next command finds the door shut.
  if (talk.last().code == 421 && talk.step() == SmtpStep::Rcpt) {
    return closed(talk.last(), row::kRcptClosed);
  }
  return of_silence(end, talk);
}

// Whether the reply to its RCPT has decided about this recipient.
bool judge_recipient(const SmtpReply& reply, Verdict& verdict) {
  if (reply.code == 421) return false;
  if (reply.is(4)) {
    verdict = {Outcome::Temporary, row::kRcptTemporary, reply};
    return true;
  }
  if (!reply.is(5)) return false;
  // Gmail says so of the sender, whoever the recipient is.
  verdict = reply.code == 550 && reply.enhanced == "5.4.5"
                ? Verdict{Outcome::Quota, row::kQuota, reply}
                : Verdict{Outcome::Permanent, row::kRcptRefused, reply};
  return true;
}

}  // namespace

SendAnswer judge_smtp(const SmtpEnd& end, const SmtpTalk& talk, std::size_t recipients) {
  const Verdict whole = of_transfer(end, talk);
  const bool is_silent = whole.reply.code == 0 || whole.outcome == Outcome::EndpointFailure;
  std::string words = text_of(whole.reply);
  if (!end.is_ok && is_silent && !end.words.empty()) {
    words = end.words + (words.empty() ? "" : " (last reply: " + words + ")");
  }
  SendAnswer answer = answer_for_all(recipients, whole.outcome, whole.reply.code, words, whole.row);
  answer.config_suspect = whole.config_suspect;
  if (end.is_unauthenticated) return answer;
  std::size_t decided = 0;
  std::string_view own_row;
  for (std::size_t i = 0; i < recipients; ++i) {
    const SmtpReply reply = talk.recipient(i);
    Verdict own;
    if (judge_recipient(reply, own)) {
      answer.targets[i] = {i, own.outcome, own.reply.code, text_of(own.reply)};
      if (own_row.empty() || own.outcome == Outcome::Permanent) own_row = own.row;
      ++decided;
    } else if (end.is_ok && !reply.is(2)) {
      // libcurl is content, and this one was never taken: it is asked again.
      answer.targets[i] = {i, Outcome::Temporary, reply.code, "the server said nothing of it"};
      own_row = row::kRcptTemporary;
    }
  }
  // What one recipient was told is the row when the mail went well, or went to nobody.
  if (!own_row.empty() && (end.is_ok || decided == recipients)) answer.row = own_row;
  return answer;
}

}  // namespace fastrsi::transport
