// How the values that only deliveries have are told, read and written: rates, secrets, servers.
// Codecs as config_codec.hpp describes them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/config_codec.hpp"
#include "tools/config_values.hpp"
#include "tools/delivery_config.hpp"

namespace fastrsi {

inline const TextListCodec kGlobs{"a list of globs", check_glob, true};

// WholeCodec for fields that are counts.
struct CountCodec {
  int min;
  int max;
  std::string allowed() const { return WholeCodec{min, max}.allowed(); }
  std::optional<std::size_t> read(const TomlNode& node, const ValueReader& reader) const {
    const auto value = WholeCodec{min, max}.read(node, reader);
    if (!value) return std::nullopt;
    return static_cast<std::size_t>(*value);
  }
  std::string write(std::size_t value) const { return std::to_string(value); }
};

struct MillisecondsCodec {
  Milliseconds min;
  Milliseconds max;
  std::string allowed() const;
  std::optional<Milliseconds> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(Milliseconds value) const;
};

// "auto" is none.
struct ExpiryCodec {
  using Value = std::optional<Milliseconds>;
  std::string allowed() const;
  std::optional<Value> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(const Value& value) const;
};

// A word, or the duration of Repeat::Interval.
struct RepeatRule {
  Repeat repeat = Repeat::OncePerBar;
  Milliseconds interval{0};
};
struct RepeatCodec {
  std::string allowed() const;
  std::optional<RepeatRule> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(const RepeatRule& value) const;
};

struct RatesCodec {
  std::string allowed() const { return "a list of rates such as \"10/1m\" or \"1/1s+3\""; }
  std::optional<std::vector<Rate>> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(const std::vector<Rate>& value) const;
};

struct QuotaCodec {
  std::string allowed() const { return "\"\" for none, or recipients in a time: \"480/24h\""; }
  std::optional<Quota> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(const Quota& value) const;
};

struct QuietHoursCodec {
  std::string allowed() const {
    return "a list of { days = \"mon-fri\", from = \"23:00\", to = \"07:00\", zone = "
           "\"Asia/Tehran\", mode = \"hold\" | \"silent\" | \"drop\" }";
  }
  std::optional<std::vector<QuietHours>> read(const TomlNode& node,
                                              const ValueReader& reader) const;
  std::string write(const std::vector<QuietHours>& value) const;
};

struct PriorityCodec {
  std::string allowed() const { return "\"low\", \"normal\", \"high\" or \"critical\""; }
  std::optional<Priority> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(Priority value) const;
};

struct PrioritiesCodec {
  std::string allowed() const {
    return "a list of { level = \"high\", kinds = [\"buy\"], symbols = [\"BTC*\"], timeframes = "
           "[\"1d\"] }";
  }
  std::optional<std::vector<PriorityRule>> read(const TomlNode& node,
                                                const ValueReader& reader) const;
  std::string write(const std::vector<PriorityRule>& value) const;
};

// A secret that stands in the file itself is written as a mark that changes when it does.
struct SecretCodec {
  std::string allowed() const {
    return "a text, { file = \"...\" }, { env = \"...\" }, { credential = \"...\" } or { command = "
           "[\"...\"] }";
  }
  std::optional<transport::SecretSource> read(const TomlNode& node,
                                              const ValueReader& reader) const;
  std::string write(const transport::SecretSource& value) const;
};

struct HeadersCodec {
  using Value = std::map<std::string, transport::SecretSource>;
  std::string allowed() const { return "a table: { Authorization = { credential = \"relay\" } }"; }
  std::optional<Value> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(const Value& value) const;
};

struct CodesCodec {
  std::string allowed() const { return "a list of status codes from 400 to 599"; }
  std::optional<std::vector<int>> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(const std::vector<int>& value) const;
};

struct MailServersCodec {
  std::string allowed() const {
    return "a list of { name, host, port, tls = \"auto\" | \"starttls\" | \"tls\" | \"none\", auth "
           "= \"auto\" | \"none\" | \"plain\" | \"login\" | \"cram-md5\" | \"xoauth2\", user, "
           "password, ca_file, pin, tls_verify, allow_insecure_auth, ehlo_name, proxy, enabled }";
  }
  std::optional<std::vector<MailServer>> read(const TomlNode& node,
                                              const ValueReader& reader) const;
  std::string write(const std::vector<MailServer>& value) const;
};

// The mail relay: its address, form and headers.
struct RelayCodec {
  std::string allowed() const {
    return "{ url, content = \"json\" | \"message/rfc822\", header, ca_file, pin, tls_verify, "
           "proxy, allow_private }";
  }
  std::optional<transport::PushSettings> read(const TomlNode& node,
                                              const ValueReader& reader) const;
  std::string write(const transport::PushSettings& value) const;
};

}  // namespace fastrsi
