// Passwords and tokens: where they come from, and how they stay out of everything that leaves
// (DELIVERY.md, section 10). A secret cannot be printed, is wiped when it goes, and whatever text
// goes out passes a Redactor that knows it.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/transport/settings.hpp"

namespace fastrsi::transport {

inline constexpr std::size_t kSecretBytesMax = 64 * std::size_t{1024};

// Owner: who needs it. Moves, and is wiped where it was.
class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(std::string_view text) : bytes_(text.begin(), text.end()) {}
  ~SecretString() { wipe(); }
  SecretString(SecretString&& other) noexcept : bytes_(std::move(other.bytes_)) {}
  SecretString& operator=(SecretString&& other) noexcept;

  // The only way to it; the name is to be noticed.
  std::string_view reveal() const { return {bytes_.data(), bytes_.size()}; }
  bool empty() const { return bytes_.empty(); }

 private:
  void wipe() noexcept;

  std::vector<char> bytes_;  // no short form that a move would leave behind
};

// Takes the forms of known secrets out of a text: raw, in base64 at each alignment, in percent
// form, and as JSON writes it. Owner and thread: a transport's.
class Redactor {
 public:
  void add(std::string_view secret);
  std::string clean(std::string_view text) const;
  // The same, printable and at most so long.
  std::string line(std::string_view text, std::size_t bytes_max = 500) const;

 private:
  void add_form(std::string form);

  std::vector<SecretString> forms_;  // longest first
};

// A secret with its source. The first value of a file, a variable or a credential is read at once
// and throws std::runtime_error naming `what`, the place and the mend; a command runs when it is
// wanted first, and is killed at a stop. Owner and thread: a transport's.
class Secret {
 public:
  Secret() = default;
  Secret(SecretSource source, std::string what, Redactor& redactor, std::stop_token stop);

  bool is_given() const { return !source_.empty(); }
  // Empty with a reason in error() when it cannot be had.
  const SecretString& value(Redactor& redactor);
  // Reads it anew; whether there is another one now, or a command has made one.
  bool refresh(Redactor& redactor);
  const std::string& error() const { return error_; }

 private:
  SecretString read() const;

  SecretSource source_;
  std::string what_;
  std::stop_token stop_;
  SecretString value_;
  std::string error_;
};

// No core file and no debugger of another user gets the secrets in memory. For main().
void forbid_core_files() noexcept;

}  // namespace fastrsi::transport
