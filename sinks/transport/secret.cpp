#include "sinks/transport/secret.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "sinks/transport/child.hpp"

namespace fastrsi::transport {
namespace {

// pass may ask an agent, an OAuth helper a server.
constexpr std::chrono::seconds kCommandWithin{30};

std::string command_words_of(int error) {
  return std::generic_category().message(error);
}

[[noreturn]] void fail(const std::string& place, const std::string& why) {
  throw std::runtime_error(place + ": " + why);
}

// `reading` ends with its descriptor closed, whatever happens.
SecretString read_open(int fd, const std::string& place) {
  struct stat about {};
  if (::fstat(fd, &about) != 0) fail(place, command_words_of(errno));
  if (!S_ISREG(about.st_mode)) fail(place, "is no regular file (mend: name a file)");
  if (about.st_uid != ::geteuid() && about.st_uid != 0) {
    fail(place, "belongs to another user (mend: chown it to the user fastrsi runs as)");
  }
  if ((about.st_mode & 077) != 0) {
    fail(place, "others can read or change it (mend: chmod 600 " + place + ")");
  }
  std::vector<char> bytes(kSecretBytesMax + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = ::read(fd, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(place, command_words_of(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  const bool is_long = size > kSecretBytesMax;
  if (size > 0 && bytes[size - 1] == '\n') --size;
  SecretString secret(std::string_view{bytes.data(), is_long ? 0 : size});
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (is_long) fail(place, "is longer than 64 KiB (mend: is it the right file?)");
  return secret;
}

SecretString read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    if (errno == ELOOP) fail(path, "is a symbolic link (mend: name the file itself)");
    fail(path, command_words_of(errno));
  }
  struct Closer {
    ~Closer() { ::close(fd); }
    int fd;
  } const closer{fd};
  return read_open(fd, path);
}

// Children would inherit a variable, and /proc shows where it stood: it is wiped when it is read,
// and kept here for whoever names it too. Any thread.
class TakenVariables {
 public:
  SecretString take(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (char* const text = std::getenv(name.c_str()); text != nullptr) {
      taken_.insert_or_assign(name, SecretString{std::string_view{text}});
      OPENSSL_cleanse(text, std::strlen(text));
      ::unsetenv(name.c_str());
    }
    const auto found = taken_.find(name);
    if (found == taken_.end()) fail("environment variable " + name, "is not set");
    return SecretString{found->second.reveal()};
  }

 private:
  std::mutex mutex_;
  std::map<std::string, SecretString> taken_;
};

SecretString read_variable(const std::string& name) {
  static TakenVariables taken;  // as the environment: one a process
  return taken.take(name);
}

SecretString read_credential(const std::string& name) {
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) {
    fail("credential " + name,
         "there is no $CREDENTIALS_DIRECTORY (mend: LoadCredential= in the unit)");
  }
  if (name.find('/') != std::string::npos || name.starts_with('.')) {
    fail("credential " + name, "is no name of a credential");
  }
  return read_file(std::string{folder} + "/" + name);
}

SecretString run_command(const std::vector<std::string>& command, const std::stop_token& stop) {
  const std::string place = "command " + command.front();
  ChildResult done = run_child({.command = command,
                                .input = {},
                                .within = kCommandWithin,
                                .output_bytes_max = kSecretBytesMax + 1,
                                .with_errors = false,
                                .stop = stop});
  std::string_view text = done.output;
  if (text.ends_with('\n')) text.remove_suffix(1);
  SecretString secret(text);
  OPENSSL_cleanse(done.output.data(), done.output.size());
  switch (done.end) {
    case ChildEnd::NotStarted:
      fail(place, "cannot be started: " + command_words_of(done.code));
    case ChildEnd::TimedOut:
      fail(place, "has not ended within 30 s");
    case ChildEnd::Stopped:
      fail(place, "was killed: the service stops");
    case ChildEnd::Killed:
      fail(place, "was killed by signal " + std::to_string(done.code));
    case ChildEnd::Exited:
      break;
  }
  if (done.code != 0) fail(place, "has failed with exit code " + std::to_string(done.code));
  if (done.output.size() > kSecretBytesMax) fail(place, "says more than 64 KiB");
  return secret;
}

}  // namespace

SecretString& SecretString::operator=(SecretString&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

void SecretString::wipe() noexcept {
  if (!bytes_.empty()) OPENSSL_cleanse(bytes_.data(), bytes_.size());
  bytes_.clear();
}

Secret::Secret(SecretSource source, std::string what, Redactor& redactor, std::stop_token stop)
    : source_(std::move(source)), what_(std::move(what)), stop_(std::move(stop)) {
  if (source_.empty() || !source_.command.empty()) return;
  try {
    value_ = read();
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(what_ + ": " + error.what());
  }
  redactor.add(value_.reveal());
}

SecretString Secret::read() const {
  SecretString secret = !source_.file.empty()         ? read_file(source_.file)
                        : !source_.env.empty()        ? read_variable(source_.env)
                        : !source_.credential.empty() ? read_credential(source_.credential)
                        : !source_.command.empty()    ? run_command(source_.command, stop_)
                                                      : SecretString(source_.text);
  if (secret.empty()) throw std::runtime_error("the secret is empty");
  for (const char byte : secret.reveal()) {
    if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f) {
      throw std::runtime_error("the secret holds a control character (mend: one line of text)");
    }
  }
  return secret;
}

const SecretString& Secret::value(Redactor& redactor) {
  if (value_.empty() && is_given()) refresh(redactor);
  return value_;
}

bool Secret::refresh(Redactor& redactor) {
  // A variable is gone from the environment, a text stays what it is.
  if (source_.file.empty() && source_.credential.empty() && source_.command.empty()) return false;
  try {
    SecretString fresh = read();
    redactor.add(fresh.reveal());
    error_.clear();
    const bool is_other = !source_.command.empty() || fresh.reveal() != value_.reveal();
    value_ = std::move(fresh);
    return is_other;
  } catch (const std::exception& error) {
    error_ = redactor.line(what_ + ": " + error.what());
    return false;
  }
}

void forbid_core_files() noexcept {
  ::prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace fastrsi::transport
