// Turns the text of one line of a capture into what it says.
//
//   timed      = time " " (frame | own)              time: capture_time.hpp's receive
//                In a file with ISO 8601 times an empty line is a disconnect, as tardis.dev writes
//                it.
//   own        = {"fastrsi":{"capture":1,"venue":V,"url":U,"link":N}}
//                                                    header, the first line of our captures
//              | {"fastrsi":{"event":"disconnected" | "connected"}}      other keys are for people
//              | {"fastrsi":{"event":"time"}}                            a look at the clock
//              | {"fastrsi":{"event":"dropped","frames":N}}              a hole of N frames
//              | {"fastrsi":{"event":"bars",...}}                        capture_bars.hpp
//              | {"fastrsi":{"binary":B}}                                a frame in base64
//   cryptofeed format 1
//              = seconds ": " (frame | bytes)         received; bytes: a Python literal b'...'
//              | url " <-> " seconds                  connected; the same url again is a reconnect
//              | url " <- " seconds ": " text         sent: skipped
//              | url " -> " seconds ": " text         a REST answer: skipped
//              | "configuration: " text               skipped
//   cryptofeed format 2
//              = {"t":"recv","conn":C,"ts":seconds,"data":frame}         the frame as a JSON string
//              | {"t":"connect","conn":C,"ts":seconds,...}               as in format 1
//              | {"t":"header" | "http" | "send",...}                    skipped
//   bare       = frame
//   csv        = csv_rows.hpp
//
// Lines end with LF or CRLF; empty ones (but tardis.dev's) say nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "feeds/capture.hpp"
#include "feeds/capture_format.hpp"
#include "feeds/capture_log.hpp"

namespace fastrsi {

// Connections of one file whose reconnects are told; of more, none is.
inline constexpr std::size_t kConnectionsPerFileMax = 4096;

// What a line of cryptofeed format 2 holds. Views of the line.
struct CryptofeedRecord {
  enum class Kind : std::uint8_t { Skipped, Received, Connected };
  Kind kind = Kind::Skipped;
  std::optional<std::int64_t> time_ns;  // a header has none
  std::string_view connection;
  std::string_view data;  // still escaped
};
// Nothing when the line is not of the form, or its kind needs a field that is not there.
std::optional<CryptofeedRecord> read_cryptofeed_record(std::string_view line) noexcept;

// Owner: one capture file. Thread: the reader's.
class LineReader {
 public:
  LineReader(CaptureShape shape, std::string symbol, std::uint32_t source, DamageLog& log)
      : shape_(std::move(shape)), symbol_(std::move(symbol)), source_(source), log_(log) {}

  // Appends up to kBlockLinesMin lines. `text` may be changed (decoding is in place) and is not
  // empty.
  void read(char* text, std::size_t size, std::uint64_t number, std::vector<CaptureLine>& out);
  // An empty line.
  void read_empty(std::vector<CaptureLine>& out);

 private:
  void read_timed(char* text, std::size_t size, std::uint64_t number,
                  std::vector<CaptureLine>& out);
  void read_event(std::string_view event, std::string_view object, std::uint64_t number,
                  std::vector<CaptureLine>& out);
  void read_own(char* text, std::size_t size, std::uint64_t number, std::vector<CaptureLine>& out);
  void read_cryptofeed_text(char* text, std::size_t size, std::uint64_t number,
                            std::vector<CaptureLine>& out);
  void read_cryptofeed_address(std::string_view line, std::uint64_t number,
                               std::vector<CaptureLine>& out);
  void read_cryptofeed_json(char* text, std::size_t size, std::uint64_t number,
                            std::vector<CaptureLine>& out);
  void read_csv(std::string_view line, std::uint64_t number, std::vector<CaptureLine>& out);
  void note_connect(std::string_view connection, std::vector<CaptureLine>& out);
  CaptureLine& add(LineKind kind, std::vector<CaptureLine>& out) const;

  const CaptureShape shape_;
  const std::string symbol_;  // of a CSV without a symbol column
  const std::uint32_t source_;
  DamageLog& log_;
  std::uint64_t number_ = 0;               // of the line being read
  ReceiveTime received_ = kNoReceiveTime;  // of the newest line that had one
  bool disconnected_ = false;              // told by the last line
  std::unordered_set<std::string> connections_;
};

}  // namespace fastrsi
