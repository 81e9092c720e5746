#include "feeds/capture_line.hpp"

#include <cstring>

#include "engine/base/decimal.hpp"
#include "engine/base/iso_time.hpp"
#include "feeds/capture_decode.hpp"
#include "feeds/capture_fields.hpp"
#include "feeds/capture_time.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kNsDigits = 19;

// The time before the first space of a timed line; `frame_at` is set behind that space.
std::optional<std::int64_t> read_time(const char* text, std::size_t size,
                                      std::size_t& frame_at) noexcept {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  // Unix nanoseconds, the form of nearly every line, without a look for the space.
  if (size > kNsDigits && text[kNsDigits] == ' ' && read_digits_8(text, high) &&
      read_digits_8(text + 8, low)) {
    std::uint64_t ns = high * 100'000'000 + low;
    for (std::size_t i = 16; i < kNsDigits; ++i) {
      const auto digit = static_cast<unsigned char>(text[i] - '0');
      if (digit > 9) return std::nullopt;
      ns = ns * 10 + digit;
    }
    frame_at = kNsDigits + 1;
    const ExchangeTime time = exchange_time_from_ns(static_cast<std::int64_t>(ns));
    return is_sane(time) ? std::optional(to_unix_ns(time)) : std::nullopt;
  }
  const void* space = std::memchr(text, ' ', size);
  if (space == nullptr) return std::nullopt;
  const auto time_size = static_cast<std::size_t>(static_cast<const char*>(space) - text);
  frame_at = time_size + 1;
  return parse_receive_time({text, time_size});
}

bool is_bytes_literal(std::string_view text) noexcept {
  return text.starts_with("b'") || text.starts_with("b\"");
}

}  // namespace

std::optional<CryptofeedRecord> read_cryptofeed_record(std::string_view line) noexcept {
  CryptofeedRecord record;
  std::string_view kind;
  bool has_data = false;
  JsonFields fields(line);
  JsonField field;
  while (fields.next(field)) {
    if (field.key == "t") kind = field.value;
    if (field.key == "conn") record.connection = field.value;
    if (field.key == "ts") record.time_ns = parse_receive_time(field.value);
    if (field.key == "data" && field.is_string) {
      record.data = field.value;
      has_data = true;
    }
  }
  if (!fields.is_whole()) return std::nullopt;
  if (kind == "header" || kind == "http" || kind == "send") return record;
  if (!record.time_ns) return std::nullopt;
  if (kind == "recv" && has_data) {
    record.kind = CryptofeedRecord::Kind::Received;
  } else if (kind == "connect" && !record.connection.empty()) {
    record.kind = CryptofeedRecord::Kind::Connected;
  } else {
    return std::nullopt;
  }
  return record;
}

void LineReader::read(char* text, std::size_t size, std::uint64_t number,
                      std::vector<CaptureLine>& out) {
  number_ = shape_.format == CaptureFormat::CryptofeedJson ? 0 : number;
  switch (shape_.format) {
    case CaptureFormat::Timed:
      return read_timed(text, size, number, out);
    case CaptureFormat::CryptofeedText:
      return read_cryptofeed_text(text, size, number, out);
    case CaptureFormat::CryptofeedJson:
      return read_cryptofeed_json(text, size, number, out);
    case CaptureFormat::BareFrames:
      add(LineKind::Frame, out).bytes = {text, size};
      return;
    case CaptureFormat::Csv:
      return read_csv({text, size}, number, out);
  }
}

void LineReader::read_empty(std::vector<CaptureLine>& out) {
  if (!shape_.iso_times || disconnected_ || received_ == kNoReceiveTime) return;
  disconnected_ = true;
  add(LineKind::Disconnected, out);
}

CaptureLine& LineReader::add(LineKind kind, std::vector<CaptureLine>& out) const {
  CaptureLine& line = out.emplace_back();
  line.kind = kind;
  line.source = source_;
  line.link = shape_.link;
  line.number = number_;
  line.received = received_;
  return line;
}

void LineReader::read_timed(char* text, std::size_t size, std::uint64_t number,
                            std::vector<CaptureLine>& out) {
  std::size_t frame_at = 0;
  const auto time = read_time(text, size, frame_at);
  if (!time) return log_.damaged_line(number, "no receive time");
  if (frame_at == size) return log_.damaged_line(number, "no frame behind the receive time");
  received_ = receive_time_from_ns(*time);
  if (disconnected_) {
    disconnected_ = false;
    add(LineKind::Connected, out);
  }
  char* frame = text + frame_at;
  const std::size_t frame_size = size - frame_at;
  if (std::string_view(frame, frame_size).starts_with(kOwnObject)) {
    return read_own(frame, frame_size, number, out);
  }
  add(LineKind::Frame, out).bytes = {frame, frame_size};
}

void LineReader::read_event(std::string_view event, std::string_view object, std::uint64_t number,
                            std::vector<CaptureLine>& out) {
  if (event == "disconnected") {
    add(LineKind::Disconnected, out);
  } else if (event == "connected") {
    add(LineKind::Connected, out);
  } else if (event == "time") {
    add(LineKind::Time, out);
  } else if (event == "bars") {
    add(LineKind::Bars, out).bytes = object;
  } else if (event == "dropped") {
    const auto frames = parse_unsigned(own_field(object, "frames"));
    if (!frames) return log_.damaged_line(number, "a hole that does not say how many frames");
    add(LineKind::Dropped, out).dropped = *frames;
    log_.statistics().dropped_frames += *frames;
  } else {
    log_.damaged_line(number, "an event of unknown name");
  }
}

void LineReader::read_own(char* text, std::size_t size, std::uint64_t number,
                          std::vector<CaptureLine>& out) {
  const std::string_view object(text, size);
  if (const std::string_view event = own_field(object, "event"); !event.empty()) {
    return read_event(event, object, number, out);
  }
  if (const std::string_view binary = own_field(object, "binary"); binary.data() != nullptr) {
    char* begin = text + (binary.data() - text);
    const auto decoded = decode_base64(begin, binary.size());
    if (!decoded) return log_.damaged_line(number, "the binary frame is not base64");
    add(LineKind::Frame, out).bytes = {begin, *decoded};
    return;
  }
  const std::string_view venue = own_field(object, "venue");
  if (venue.empty()) return log_.damaged_line(number, "neither header, event nor binary frame");
  if (venue != shape_.venue) log_.damaged_line(number, "a header that names another venue");
}

void LineReader::read_cryptofeed_text(char* text, std::size_t size, std::uint64_t number,
                                      std::vector<CaptureLine>& out) {
  const std::string_view line(text, size);
  if (text[0] < '0' || text[0] > '9') return read_cryptofeed_address(line, number, out);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !line.substr(colon).starts_with(": ")) {
    return log_.damaged_line(number, "no receive time");
  }
  const auto time = parse_receive_time(line.substr(0, colon));
  if (!time) return log_.damaged_line(number, "no receive time");
  const std::size_t frame_at = colon + 2;
  if (frame_at == size) return log_.damaged_line(number, "no frame behind the receive time");
  received_ = receive_time_from_ns(*time);
  char* frame = text + frame_at;
  std::size_t frame_size = size - frame_at;
  if (is_bytes_literal({frame, frame_size})) {
    const auto decoded = decode_python_bytes(frame, frame_size);
    if (!decoded) return log_.damaged_line(number, "the bytes literal is cut or malformed");
    frame_size = *decoded;
  }
  add(LineKind::Frame, out).bytes = {frame, frame_size};
}

void LineReader::read_cryptofeed_address(std::string_view line, std::uint64_t number,
                                         std::vector<CaptureLine>& out) {
  if (line.starts_with("configuration: ")) return;
  const std::size_t space = line.find(' ');
  const std::string_view address = line.substr(0, space);
  std::string_view rest = space == std::string_view::npos ? std::string_view{} : line.substr(space);
  if (address.find("://") == std::string_view::npos) {
    return log_.damaged_line(number, "neither frame, address nor configuration");
  }
  if (rest.starts_with(" <- ") || rest.starts_with(" -> ")) return;
  if (!rest.starts_with(" <-> ")) return log_.damaged_line(number, "an address without an event");
  rest.remove_prefix(std::string_view(" <-> ").size());
  const auto time = parse_receive_time(rest);
  if (!time) return log_.damaged_line(number, "no time of the connect");
  received_ = receive_time_from_ns(*time);
  note_connect(address, out);
}

void LineReader::read_cryptofeed_json(char* text, std::size_t size, std::uint64_t number,
                                      std::vector<CaptureLine>& out) {
  const auto record = read_cryptofeed_record({text, size});
  if (!record) return log_.damaged_line(number, "no record of cryptofeed format 2");
  if (record->kind == CryptofeedRecord::Kind::Skipped) return;
  received_ = receive_time_from_ns(*record->time_ns);
  if (record->kind == CryptofeedRecord::Kind::Connected)
    return note_connect(record->connection, out);
  char* frame = text + (record->data.data() - text);
  const auto decoded = decode_json_string(frame, record->data.size());
  if (!decoded) return log_.damaged_line(number, "the frame has a bad escape");
  add(LineKind::Frame, out).bytes = {frame, *decoded};
}

void LineReader::read_csv(std::string_view line, std::uint64_t number,
                          std::vector<CaptureLine>& out) {
  if (number <= shape_.known_line && (number < shape_.known_line || shape_.csv_header)) {
    if (number < shape_.known_line)
      log_.damaged_line(number, "before the line that names the columns");
    return;
  }
  CaptureLine& row = add(LineKind::Trade, out);
  row.symbol = symbol_;
  if (const char* damage = read_csv_row(shape_.csv, line, row)) {
    out.pop_back();
    log_.damaged_line(number, damage);
  }
}

// A connection's first connect changes nothing; the next one says that it broke.
void LineReader::note_connect(std::string_view connection, std::vector<CaptureLine>& out) {
  if (connections_.contains(std::string(connection))) {
    add(LineKind::Disconnected, out);
    add(LineKind::Connected, out);
  } else if (connections_.size() < kConnectionsPerFileMax) {
    connections_.emplace(connection);
  }
}

}  // namespace fastrsi
