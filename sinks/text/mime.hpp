// A mail's octets (RFC 5322, 2045 to 2047): headers and two base64 parts. Base64 because libcurl
// never offers 8BITMIME, and because no server may then touch a line (DELIVERY.md, F10).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fastrsi {

// One line of at most 76 characters after another, each with CRLF.
std::string base64_lines(std::string_view octets);
std::string base64(std::string_view octets);

// UTF-8 as a header has it. ASCII stays; else B-words of at most 75 characters, split between code
// points and folded. `used` is what already stands in the line.
std::string encoded_words(std::string_view text, std::size_t used);

// "Signals <rsi@example.org>", the name quoted or encoded where it must be.
std::string mailbox(std::string_view name, std::string_view address, std::size_t used);

// Addresses with commas, folded.
std::string address_list(const std::vector<std::string>& addresses, std::size_t used);

struct MailHeader {
  std::string_view name;
  std::string value;  // as it goes on the wire, folds included
};

// multipart/alternative: the text first, HTML last. Both texts end lines with LF here and with
// CRLF in the mail. `boundary` must be of letters and digits.
std::string mime_mail(const std::vector<MailHeader>& headers, std::string_view boundary,
                      std::string_view text, std::string_view html);

}  // namespace fastrsi
