// Mails as files in a directory that a mail system empties: written aside, synced, then renamed,
// so that nobody picks half a mail up. The name is the message's id: a second attempt replaces the
// first instead of standing beside it.
//   plain: the mail as it is; its recipients are those of its headers
//   IIS:   "X-Sender: from" and one "X-Receiver: to" a recipient before it (Windows' SMTP service)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "sinks/printable.hpp"
#include "sinks/transport/answers.hpp"
#include "sinks/transport/rows.hpp"
#include "sinks/transport/smtp_address.hpp"
#include "sinks/transport/transports.hpp"

namespace fastrsi::transport {
namespace {

constexpr std::size_t kMidBytesMax = 64;
constexpr mode_t kFileMode = 0640;    // the mail system is in our group
constexpr mode_t kFolderMode = 0700;  // what is half written is nobody's

bool is_file_name(std::string_view mid) {
  if (mid.empty() || mid.size() > kMidBytesMax) return false;
  for (const char c : mid) {
    const bool is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_good) return false;
  }
  return true;
}

class MailFile {
 public:
  explicit MailFile(int fd) : fd_(fd) {}
  ~MailFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  MailFile(const MailFile&) = delete;
  MailFile& operator=(const MailFile&) = delete;
  int get() const { return fd_; }
  // A full disk may be told only now.
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

std::string pickup_label(const PickupSettings& settings) {
  return "pickup \"" + settings.name + "\": ";
}

class PickupTransport final : public Transport {
 public:
  explicit PickupTransport(PickupSettings settings) : settings_(std::move(settings)) {
    check_settings(settings_);
    if (const int error = check_folder(); error != 0) {
      throw std::runtime_error(pickup_label(settings_) + settings_.directory + ": " +
                               std::generic_category().message(error) +
                               " (mend: a directory that fastrsi may write to)");
    }
  }

  SendAnswer send(const Shipment& shipment) noexcept override {
    try {
      if (!is_file_name(shipment.mid)) {
        return answer_for_all(shipment.targets.size(), Outcome::Permanent, 0,
                              "the message's id is no word of letters and digits", row::kOctets);
      }
      for (const std::string_view target : shipment.targets) {
        if (const std::string fault = address_fault(target); !fault.empty()) {
          return answer_for_all(shipment.targets.size(), Outcome::Permanent, 0,
                                "the address " + fault, row::kAddressRefused);
        }
      }
      return answer_of(write(shipment), shipment.targets.size());
    } catch (const std::exception& error) {
      return answer_for_all(shipment.targets.size(), Outcome::Temporary, 0, error.what(),
                            row::kClient);
    }
  }

  SendAnswer probe() noexcept override {
    try {
      return answer_of(check_folder(), 0);
    } catch (const std::exception& error) {
      return answer_for_all(0, Outcome::EndpointFailure, 0, error.what(), row::kClient);
    }
  }

  std::size_t targets_most() const noexcept override { return 100; }

 private:
  std::string aside() const { return settings_.directory + "/tmp"; }

  // 0 or errno.
  int check_folder() const {
    struct stat about {};
    if (::stat(settings_.directory.c_str(), &about) != 0) return errno;
    if (!S_ISDIR(about.st_mode)) return ENOTDIR;
    if (::access(settings_.directory.c_str(), W_OK | X_OK) != 0) return errno;
    if (::mkdir(aside().c_str(), kFolderMode) != 0 && errno != EEXIST) return errno;
    return 0;
  }

  int write(const Shipment& shipment) const {
    if (const int error = check_folder(); error != 0) return error;
    const std::string name = std::string{shipment.mid} + ".eml";
    const std::string from = aside() + "/" + name;
    const std::string to = settings_.directory + "/" + name;
    std::string octets;
    if (settings_.is_iis) {
      octets = "X-Sender: " + settings_.from + "\r\n";
      for (const std::string_view target : shipment.targets) {
        octets += "X-Receiver: " + std::string{target} + "\r\n";
      }
    }
    octets += shipment.octets;
    // What an attempt before this one left half written.
    ::unlink(from.c_str());
    int error = write_file(from, octets);
    if (error == 0 && ::rename(from.c_str(), to.c_str()) != 0) error = errno;
    if (error != 0) {
      ::unlink(from.c_str());
      return error;
    }
    const MailFile folder(::open(settings_.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // The mail is there; only a power failure could undo that.
    if (folder.get() >= 0) ::fsync(folder.get());
    return 0;
  }

  static int write_file(const std::string& path, std::string_view octets) {
    MailFile file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
    if (file.get() < 0) return errno;
    while (!octets.empty()) {
      const ssize_t written = ::write(file.get(), octets.data(), octets.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return errno;
      octets.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.get()) != 0) return errno;
    return file.close() ? 0 : errno;
  }

  SendAnswer answer_of(int error, std::size_t targets) const {
    if (error == 0) return answer_for_all(targets, Outcome::Done, 0, {}, row::kOk);
    const std::string text =
        printable(settings_.directory) + ": " + std::generic_category().message(error);
    if (error == ENOSPC || error == EDQUOT) {
      return answer_for_all(targets, Outcome::Temporary, error, text, row::kPickupFull);
    }
    const bool is_folder = error == ENOENT || error == ENOTDIR || error == EACCES ||
                           error == EPERM || error == EROFS || error == ELOOP;
    SendAnswer answer = answer_for_all(targets, Outcome::EndpointFailure, error, text,
                                       is_folder ? row::kPickupFolder : row::kPickupWrite);
    answer.config_suspect = is_folder;
    return answer;
  }

  // Constant after construction.
  const PickupSettings settings_;
};

}  // namespace

void check_settings(const PickupSettings& settings) {
  if (settings.directory.empty()) {
    throw std::runtime_error(pickup_label(settings) + "the directory is missing (mend: directory)");
  }
  const std::string fault = address_fault(settings.from);
  if (settings.is_iis && !fault.empty()) {
    throw std::runtime_error(pickup_label(settings) + "the sender's address " + fault);
  }
}

std::unique_ptr<Transport> make_pickup_transport(PickupSettings settings) {
  return std::make_unique<PickupTransport>(std::move(settings));
}

}  // namespace fastrsi::transport
