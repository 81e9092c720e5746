// Replies that say "too much", which is no fault of the mail (DELIVERY.md, section 3, the
// exception at the final dot): the sink pauses, nothing is dead.
#pragma once

#include "sinks/transport/smtp_talk.hpp"

namespace fastrsi::transport {

// 5xx: the day's quota is used up (Gmail's 5.4.5, 5.2.2 after 552, words of rates and limits).
// Never the size of a mail, which has a limit too.
bool is_quota(const SmtpReply& reply);
// 421 that speaks of a rate.
bool is_rate(const SmtpReply& reply);

}  // namespace fastrsi::transport
