#include "sinks/transport/smtp_talk.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fastrsi::transport {
namespace {

constexpr std::array<std::pair<std::string_view, SmtpStep>, 8> kCommands{{
    {"EHLO", SmtpStep::Hello},
    {"HELO", SmtpStep::Hello},
    {"STARTTLS", SmtpStep::StartTls},
    {"AUTH", SmtpStep::Auth},
    {"MAIL FROM:", SmtpStep::Mail},
    {"RCPT TO:", SmtpStep::Rcpt},
    {"DATA", SmtpStep::Data},
    {"NOOP", SmtpStep::Other},
}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "5.1.1 text": class, subject, detail (RFC 2034). Its class must be the code's.
std::string_view enhanced_of(std::string_view text, char first_digit) {
  std::size_t at = 0;
  std::size_t dots = 0;
  std::size_t digits = 0;
  for (; at < text.size() && (is_digit(text[at]) || text[at] == '.'); ++at) {
    if (text[at] == '.') {
      if (digits == 0) return {};
      ++dots;
      digits = 0;
    } else if (++digits > 3) {
      return {};
    }
  }
  if (dots != 2 || digits == 0 || text[0] != first_digit || text[1] != '.') return {};
  if (at < text.size() && text[at] != ' ') return {};
  return text.substr(0, at);
}

template <class Line>
void each_line(std::string_view bytes, Line line) {
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view one = bytes.substr(0, end);
    if (one.ends_with('\r')) one.remove_suffix(1);
    line(one);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
}

}  // namespace

void SmtpTalk::write(std::string line) {
  if (transcript_.size() == kTranscriptLinesMax) transcript_.emplace_back("...");
  if (transcript_.size() > kTranscriptLinesMax) return;
  transcript_.push_back(std::move(line));
}

void SmtpTalk::note(std::string text) {
  write("* " + std::move(text));
}

void SmtpTalk::heard(std::string_view bytes) {
  each_line(bytes, [this](std::string_view line) { heard_line(line); });
}

void SmtpTalk::sent(std::string_view bytes) {
  each_line(bytes, [this](std::string_view line) { sent_line(line); });
}

void SmtpTalk::heard_line(std::string_view line) {
  // A challenge may hold what we have said.
  const bool is_challenge = is_logging_in_ && line.starts_with("334");
  write("< " +
        (is_challenge ? std::string{"334 ***"} : std::string{line.substr(0, kReplyBytesMax)}));
  if (is_leaving_) return;
  if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit)) return;
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  std::string_view text = line.substr(std::min<std::size_t>(4, line.size()));
  coming_.code = code;
  const std::string_view enhanced = enhanced_of(text, line[0]);
  if (!enhanced.empty()) {
    if (coming_.enhanced.empty()) coming_.enhanced = enhanced;
    text.remove_prefix(std::min(enhanced.size() + 1, text.size()));
  }
  if (!is_challenge && coming_.text.size() < kReplyBytesMax && !text.empty()) {
    if (!coming_.text.empty()) coming_.text += ' ';
    coming_.text += text.substr(0, kReplyBytesMax - std::min(kReplyBytesMax, coming_.text.size()));
  }
  if (line.size() > 3 && line[3] == '-') return;
  last_ = std::exchange(coming_, {});
  if (exchanges_.empty()) {
    is_greeted_ = true;
    exchanges_.push_back({SmtpStep::Connect, last_});
    return;
  }
  exchanges_.back().reply = last_;
  if (is_logging_in_ && code == 235) is_authenticated_ = true;
  if (is_logging_in_ && code != 334) is_logging_in_ = false;
}

void SmtpTalk::sent_line(std::string_view line) {
  coming_ = {};
  if (is_logging_in_) return write("> ***");
  // libcurl takes its leave after a refusal; what comes back decides nothing.
  is_leaving_ = is_leaving_ || line == "QUIT";
  SmtpStep step = SmtpStep::Other;
  for (const auto& [word, its_step] : kCommands) {
    if (line.starts_with(word)) step = its_step;
  }
  if (is_leaving_) return write("> QUIT");
  if (step == SmtpStep::Auth) {
    is_logging_in_ = true;
    const std::size_t mechanism = line.find(' ');
    const std::size_t words =
        mechanism == std::string_view::npos ? line.size() : line.find(' ', mechanism + 1);
    write("> " + std::string{line.substr(0, words)} + (words < line.size() ? " ***" : ""));
  } else {
    write("> " + std::string{line.substr(0, kReplyBytesMax)});
  }
  exchanges_.push_back({step, {}});
}

void SmtpTalk::octets_begin() {
  if (step() == SmtpStep::Dot) return;
  coming_ = {};
  exchanges_.push_back({SmtpStep::Dot, {}});
  write("> (the mail)");
}

SmtpStep SmtpTalk::step() const {
  return exchanges_.empty() ? SmtpStep::Connect : exchanges_.back().step;
}

const SmtpReply& SmtpTalk::pending() const {
  static const SmtpReply kNone;
  return exchanges_.empty() ? kNone : exchanges_.back().reply;
}

SmtpReply SmtpTalk::recipient(std::size_t n) const {
  for (const SmtpExchange& exchange : exchanges_) {
    if (exchange.step != SmtpStep::Rcpt) continue;
    if (n-- == 0) return exchange.reply;
  }
  return {};
}

}  // namespace fastrsi::transport
