// What was said between us and an SMTP server, from libcurl's debug callback: which command got
// which reply, recipient by recipient (libcurl itself tells only the last), and a transcript
// without the words of a login (RFC 5321, 4.2; RFC 4954).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fastrsi::transport {

enum class SmtpStep : std::uint8_t {
  Connect,  // nothing was heard yet
  Hello,
  StartTls,
  Auth,
  Mail,
  Rcpt,
  Data,
  Dot,  // the octets are on their way, or all there
  Other,
};

struct SmtpReply {
  int code = 0;          // 0: none
  std::string enhanced;  // "5.1.1" (RFC 3463); empty: none
  std::string text;      // of all its lines

  bool is(int hundred) const { return code / 100 == hundred; }
};

struct SmtpExchange {
  SmtpStep step = SmtpStep::Connect;
  SmtpReply reply;
};

// A server may talk for ever; of what it says so much is kept.
inline constexpr std::size_t kReplyBytesMax = 1024;
inline constexpr std::size_t kTranscriptLinesMax = 400;

// Owner and thread: one transfer.
class SmtpTalk {
 public:
  // Lines as they are on the wire, several or a part of one.
  void heard(std::string_view bytes);
  void sent(std::string_view bytes);
  // The octets begin to go out.
  void octets_begin();
  void note(std::string text);

  // A new connection: the server has greeted in this transfer.
  bool is_greeted() const { return is_greeted_; }
  // The server has said 235.
  bool is_authenticated() const { return is_authenticated_; }
  // Where it stands: the step of the last command.
  SmtpStep step() const;
  // The last reply, whatever it was to; code 0 when there was none.
  const SmtpReply& last() const { return last_; }
  // The reply to the last command; code 0 when it has none yet.
  const SmtpReply& pending() const;
  const std::vector<SmtpExchange>& exchanges() const { return exchanges_; }
  // The reply of the nth RCPT of this transfer.
  SmtpReply recipient(std::size_t n) const;
  const std::vector<std::string>& transcript() const { return transcript_; }

 private:
  void heard_line(std::string_view line);
  void sent_line(std::string_view line);
  void write(std::string line);

  std::vector<SmtpExchange> exchanges_;
  SmtpReply coming_;  // lines of a reply so far
  SmtpReply last_;
  std::vector<std::string> transcript_;
  bool is_greeted_ = false;
  bool is_authenticated_ = false;
  bool is_logging_in_ = false;
  bool is_leaving_ = false;  // QUIT was said
};

}  // namespace fastrsi::transport
