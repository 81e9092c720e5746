// Question: what share of the rate of raw writes of 64 records to a unix stream does the local
// socket keep (G11)? Each record is a signal's line of 400 bytes; the reader is the same.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bench/figure.hpp"
#include "bench/partner.hpp"
#include "bench/pipeline.hpp"
#include "sinks/local_socket.hpp"
#include "tests/scratch_folder.hpp"

namespace fastrsi::bench {
namespace {

constexpr std::size_t kRecords = 16'384;
constexpr std::size_t kLineBytes = 400;
constexpr std::size_t kRecordsAWrite = 64;
constexpr std::size_t kReadBytes = 256U * 1024;
static_assert(kRecords % kRecordsAWrite == 0);

std::string line_of(std::uint64_t seq) {
  std::string line = R"({"type":"signal","seq":)" + std::to_string(seq) +
                     R"(,"id":"tars/binance:BTCUSDT/1m/buy/2024-08-08T23:54:00Z/1","pad":")";
  line.append(kLineBytes - line.size() - 3, 'x');
  return line + "\"}\n";
}

// All records, ready from the start.
class ReadyHost final : public LocalSocketHost {
 public:
  ReadyHost() {
    for (std::uint64_t seq = 1; seq <= kRecords; ++seq) {
      SocketRecord record;
      record.seq = seq;
      record.symbol = "binance:BTCUSDT";
      record.line = line_of(seq);
      records_.push_back(std::make_shared<const SocketRecord>(std::move(record)));
    }
  }
  Span span() override { return {1, kRecords}; }
  bool read(std::uint64_t after, std::size_t most, std::vector<SocketRecordPtr>& out) override {
    const std::size_t last = std::min<std::size_t>(after + most, kRecords);
    for (std::size_t i = after; i < last; ++i) out.push_back(records_[i]);
    return true;
  }
  bool command(std::uint64_t /*client*/, const std::string& /*cmd*/,
               const std::string& /*line*/) override {
    return false;
  }

 private:
  std::vector<SocketRecordPtr> records_;
};

// The reading end of a stream. Bytes are looked at only when they are to be proved.
class Reader {
 public:
  explicit Reader(int descriptor) : descriptor_(descriptor), bytes_(kReadBytes) {}
  ~Reader() { ::close(descriptor_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Reads so many bytes and no more; with `wanted`, they must be those.
  void read(std::size_t count, const char* wanted = nullptr) {
    for (std::size_t done = 0; done < count;) {
      const std::size_t most = std::min(count - done, bytes_.size());
      const ssize_t size = ::recv(descriptor_, bytes_.data(), most, 0);
      require(size > 0, "the stream has ended early");
      const auto got = static_cast<std::size_t>(size);
      require(wanted == nullptr || std::memcmp(bytes_.data(), wanted + done, got) == 0,
              "a record is not the one that was sent");
      done += got;
    }
  }
  // One line, byte by byte.
  std::string line() {
    std::string text;
    for (char byte = 0; byte != '\n'; text.push_back(byte)) {
      require(::recv(descriptor_, &byte, 1, 0) == 1, "the stream has ended early");
    }
    return text;
  }
  void send(std::string_view text) const {
    require(::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(text.size()),
            "the socket does not listen");
  }

 private:
  const int descriptor_;
  std::vector<char> bytes_;
};

int connected(const std::string& path) {
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  require(::connect(made, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
          "the socket does not let us in");
  return made;
}

std::array<int, 2> stream_pair() {
  std::array<int, 2> ends{};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0,
          "there is no stream to be had");
  return ends;
}

class SocketRate final : public Figure {
 public:
  SocketRate()
      : socket_(settings(), host_),
        serving_([this] { socket_.run(); }),
        client_(connected(folder_.path("s"))),
        raw_ends_(stream_pair()),
        raw_(raw_ends_[0]) {
    for (std::uint64_t seq = 1; seq <= kRecords; ++seq) all_ += line_of(seq);
    client_.line();
  }
  ~SocketRate() override {
    socket_.stop();
    serving_.join();
    ::close(raw_ends_[1]);
  }

  std::vector<Question> questions() const override {
    return {{"G11", "local socket / raw writes of 64, records/s", Better::Higher, 0.5}};
  }

  void prove() override {
    require(all_.size() == kRecords * kLineBytes, "a line has not its length");
    subscribe();
    client_.read(all_.size(), all_.data());
    partner_.side_by_side([this] { raw_.read(all_.size(), all_.data()); }, [this] { write_raw(); });
  }

  void round(std::vector<Reading>& readings) override {
    double ours_ns = 0.0;
    double raw_ns = 0.0;
    turns_.each(
        [&](std::size_t side) { (side == 0 ? ours_ns : raw_ns) = side == 0 ? ours() : raw(); });
    const auto records = static_cast<double>(kRecords);
    readings.push_back({raw_ns / ours_ns, ours_ns / records, raw_ns / records});
  }

 private:
  LocalSocketSettings settings() const {
    LocalSocketSettings settings;
    settings.path = folder_.path("s");
    settings.heartbeat = std::chrono::hours{24};
    return settings;
  }

  // A subscription anew: the same records once more.
  void subscribe() {
    client_.send("{\"cmd\":\"subscribe\",\"since\":0}\n");
    require(client_.line().find("\"ok\":true") != std::string::npos, "the subscription is refused");
  }

  double ours() {
    const std::int64_t begin = now_ns();
    subscribe();
    client_.read(all_.size());
    return static_cast<double>(now_ns() - begin);
  }

  double raw() {
    const std::int64_t begin = now_ns();
    partner_.side_by_side([this] { raw_.read(all_.size()); }, [this] { write_raw(); });
    return static_cast<double>(now_ns() - begin);
  }

  void write_raw() noexcept {
    constexpr std::size_t kWriteBytes = kRecordsAWrite * kLineBytes;
    for (std::size_t i = 0; i < all_.size();) {
      const std::size_t rest = kWriteBytes - i % kWriteBytes;
      const ssize_t count = ::send(raw_ends_[1], all_.data() + i, rest, MSG_NOSIGNAL);
      if (count <= 0) return;
      i += static_cast<std::size_t>(count);
    }
  }

  std::string all_;
  const test::ScratchFolder folder_;
  ReadyHost host_;
  LocalSocket socket_;
  std::thread serving_;
  Reader client_;
  const std::array<int, 2> raw_ends_;
  Reader raw_;
  Turns turns_{2};
  Partner partner_;  // writes the raw records
};

std::unique_ptr<Figure> make_g11(std::string& why_not) {
  if (!has_two_cores(why_not)) return nullptr;
  return std::make_unique<SocketRate>();
}

}  // namespace

std::vector<FigureEntry> local_socket_figures() {
  return {{"G11", make_g11}};
}

}  // namespace fastrsi::bench
