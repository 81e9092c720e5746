// What OKX's channels (version 5), tables (version 3), events and candles are to us.
#pragma once

#include <optional>
#include <string_view>

#include "engine/market/timeframe.hpp"
#include "feeds/feeds.hpp"

namespace fastrsi {

// "books-l2-tbt"
std::optional<FrameKind> okx_channel_kind(std::string_view channel) noexcept;

// "futures/depth_l2_tbt"
std::optional<FrameKind> okx_table_kind(std::string_view table) noexcept;

// "subscribe"
std::optional<FrameKind> okx_event_kind(std::string_view event) noexcept;

// "candle1H"; nothing for candles whose bars are not ours (cut at midnight of Hong Kong, 3 months).
std::optional<Timeframe> okx_candle_timeframe(std::string_view channel) noexcept;

}  // namespace fastrsi
