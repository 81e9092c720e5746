// State as bytes and back. One walk over a struct's fields serves both ways, so that what is read
// is what was written. Numbers are little-endian, floating point by its bits; a text or a list
// begins with its length as 32 bits. A reader that meets anything else than was promised goes bad
// and stays so: it gives zeros and empty lists from then on, and never reads past its bytes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/base/units.hpp"

namespace fastrsi {

static_assert(std::endian::native == std::endian::little);

class StateWriter {
 public:
  template <typename T>
  requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) void field(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void field(const ExchangeTime& time) { field(to_unix_ns(time)); }
  void field(const ReceiveTime& time) { field(to_unix_ns(time)); }
  void field(const std::string& text) {
    field(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  template <typename T>
  void length(const std::vector<T>& items) {
    field(static_cast<std::uint32_t>(items.size()));
  }

  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  requires(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) void field(T& value) {
    value = T{};
    if (!has(sizeof value)) return;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
  }
  void field(bool& value) {
    std::uint8_t byte = 0;
    field(byte);
    if (byte > 1) bad_ = true;
    value = byte == 1;
  }
  // Whether it is one of the enum's values is for the caller to say.
  template <typename T>
  requires std::is_enum_v<T>
  void field(T& value) {
    std::underlying_type_t<T> number{};
    field(number);
    value = static_cast<T>(number);
  }
  void field(ExchangeTime& time) {
    std::int64_t ns = 0;
    field(ns);
    time = exchange_time_from_ns(ns);
  }
  void field(ReceiveTime& time) {
    std::int64_t ns = 0;
    field(ns);
    time = receive_time_from_ns(ns);
  }
  void field(std::string& text) {
    std::uint32_t size = 0;
    field(size);
    text.clear();
    if (!has(size)) return;
    text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
  }
  // An item takes at least a byte, so no length beyond the bytes left makes us take memory.
  template <typename T>
  void length(std::vector<T>& items) {
    std::uint32_t size = 0;
    field(size);
    items.clear();
    if (has(size)) items.resize(size);
  }

  // Every byte was read, and each was what was promised.
  bool is_whole() const noexcept { return !bad_ && bytes_.empty(); }
  bool is_good() const noexcept { return !bad_; }
  void go_bad() noexcept { bad_ = true; }

 private:
  bool has(std::size_t size) noexcept {
    if (size > bytes_.size()) bad_ = true;
    return !bad_;
  }

  std::string_view bytes_;
  bool bad_ = false;
};

}  // namespace fastrsi
