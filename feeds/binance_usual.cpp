#include "feeds/binance_usual.hpp"

#include <cstddef>

#include "engine/base/decimal.hpp"
#include "feeds/lanes.hpp"
#include "feeds/literal.hpp"
#include "feeds/trades.hpp"

namespace fastrsi {
namespace {

// Where the reading stands. The event's last byte is a brace, which only the end of the shape
// takes: so nothing before that leads past the event.
class Cursor {
 public:
  Cursor(std::string_view event, std::size_t begin)
      : at_(event.data() + begin), end_(event.data() + event.size()) {}

  template <Literal text>
  bool take() noexcept {
    if (!goes_on<text>(at_)) return false;
    at_ += text.kSize;
    return true;
  }

  bool take_number(std::uint64_t& number) noexcept {
    const std::string_view digits{at_, lanes::digits_at(at_)};
    return pass_number() && read_unsigned(digits, number);
  }

  // All sixteen bytes may be the beginning of something longer.
  bool pass_number() noexcept {
    const std::size_t digits = lanes::digits_at(at_);
    if (digits == 0 || digits == lanes::kBytes || *at_ == '0') return false;
    at_ += digits;
    return true;
  }

  bool take_time(ExchangeTime& time) noexcept {
    std::uint64_t number = 0;
    if (*at_ == '0' || !read_unsigned({at_, kMillisecondDigits}, number)) return false;
    at_ += kMillisecondDigits;
    time = time_from_unix(number);
    return time != kNoExchangeTime;
  }

  bool pass_flag() noexcept { return take<"true">() || take<"false">(); }

  bool take_plain(std::string_view& text) noexcept {
    return take_until(lanes::end_of_plain(at_, end_), text);
  }

  // What is no decimal to its last byte is not read.
  bool take_decimal(double& value) noexcept {
    std::string_view text;
    return take_until(lanes::next_quote(at_, end_), text) && !text.empty() &&
           decimal::is_digit(text.front()) && decimal::read_short_decimal(text, value);
  }

  bool at_end() const noexcept { return at_ == end_; }

 private:
  bool take_until(const char* stop, std::string_view& text) noexcept {
    text = {at_, static_cast<std::size_t>(stop - at_)};
    at_ = stop;
    return stop != end_;
  }

  const char* at_;
  const char* const end_;
};

inline bool take_symbol(Cursor& cursor, UsualTrade& trade) noexcept {
  return cursor.take<R"(,"s":")">() && cursor.take_plain(trade.symbol) && !trade.symbol.empty() &&
         cursor.take<"\"">();
}

inline bool take_value(Cursor& cursor, UsualTrade& trade) noexcept {
  return cursor.take<R"(,"p":")">() && cursor.take_decimal(trade.price) && trade.price > 0.0 &&
         cursor.take<R"(","q":")">() && cursor.take_decimal(trade.quantity) && cursor.take<"\"">();
}

inline bool take_flags(Cursor& cursor) noexcept {
  return cursor.take<R"(,"m":)">() && cursor.pass_flag() &&
         (!cursor.take<R"(,"M":)">() || cursor.pass_flag()) && cursor.take<"}">() &&
         cursor.at_end();
}

template <Literal text>
bool begins(std::string_view event) noexcept {
  return event.size() > text.kSize && goes_on<text>(event.data()) && event.back() == '}';
}

}  // namespace

bool read_usual_trade(std::string_view event, UsualTrade& trade) noexcept {
  constexpr Literal kBegin = R"({"e":"trade","E":)";
  if (!begins<kBegin>(event)) return false;
  Cursor cursor(event, kBegin.kSize);
  if (!cursor.take_time(trade.sent)) return false;
  const bool time_first = cursor.take<R"(,"T":)">();
  if (time_first && !cursor.take_time(trade.time)) return false;
  if (!take_symbol(cursor, trade) || !cursor.take<R"(,"t":)">() || !cursor.take_number(trade.id) ||
      !take_value(cursor, trade)) {
    return false;
  }
  if (cursor.take<R"(,"b":)">() &&
      !(cursor.pass_number() && cursor.take<R"(,"a":)">() && cursor.pass_number())) {
    return false;
  }
  if (!time_first && !(cursor.take<R"(,"T":)">() && cursor.take_time(trade.time))) {
    return false;
  }
  if (cursor.take<R"(,"X":)">() && !cursor.take<R"("MARKET")">()) return false;
  return take_flags(cursor);
}

bool read_usual_aggregate_trade(std::string_view event, UsualTrade& trade) noexcept {
  constexpr Literal kBegin = R"({"e":"aggTrade","E":)";
  constexpr Literal kIdWord = R"(,"a":)";
  if (!begins<kBegin>(event)) return false;
  Cursor cursor(event, kBegin.kSize);
  if (!cursor.take_time(trade.sent)) return false;
  const bool id_first = cursor.take<kIdWord>();
  if (id_first && !cursor.take_number(trade.id)) return false;
  if (!take_symbol(cursor, trade)) return false;
  if (!id_first && !(cursor.take<kIdWord>() && cursor.take_number(trade.id))) return false;
  return take_value(cursor, trade) && cursor.take<R"(,"f":)">() && cursor.pass_number() &&
         cursor.take<R"(,"l":)">() && cursor.pass_number() && cursor.take<R"(,"T":)">() &&
         cursor.take_time(trade.time) && take_flags(cursor);
}

}  // namespace fastrsi
