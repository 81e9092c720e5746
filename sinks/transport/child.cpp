#include "sinks/transport/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

namespace fastrsi::transport {
namespace {

using Clock = std::chrono::steady_clock;

// After SIGTERM, before SIGKILL.
constexpr std::chrono::milliseconds kGrace{500};
// Between looks at whether it is to be given up.
constexpr std::chrono::milliseconds kStopLook{100};

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

bool make_pipe(Descriptor& reading, Descriptor& writing) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  reading = Descriptor(ends[0]);
  writing = Descriptor(ends[1]);
  return true;
}

// What posix_spawn is told, freed in the end.
struct Plan {
  Plan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~Plan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

// A group of its own, so that all of it can be killed; no signal blocked or ignored.
int spawn(const ChildWish& wish, int input, int output, pid_t& pid) {
  Plan plan;
  posix_spawn_file_actions_adddup2(&plan.actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&plan.actions, output, STDOUT_FILENO);
  if (wish.with_errors) {
    posix_spawn_file_actions_adddup2(&plan.actions, output, STDERR_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&plan.actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  posix_spawn_file_actions_addclosefrom_np(&plan.actions, STDERR_FILENO + 1);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&plan.attributes, &none);
  posix_spawnattr_setsigdefault(&plan.attributes, &all);
  posix_spawnattr_setpgroup(&plan.attributes, 0);
  posix_spawnattr_setflags(&plan.attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> words;
  for (const std::string& word : wish.command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  return posix_spawnp(&pid, words[0], &plan.actions, &plan.attributes, words.data(), environ);
}

// One conversation with it, from its start to its end.
class Talk {
 public:
  Talk(const ChildWish& wish, Descriptor input, Descriptor output, pid_t pid)
      : wish_(wish),
        deadline_(Clock::now() + wish.within),
        input_(std::move(input)),
        output_(std::move(output)),
        ended_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))),
        pid_(pid) {
    ::fcntl(input_.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
  }

  ChildResult run() {
    const bool is_over = wait_until(deadline_, wish_.stop);
    if (!is_over) end_it();
    read_some();  // what it said last
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    if (!is_over) {
      result_.end = wish_.stop.stop_requested() ? ChildEnd::Stopped : ChildEnd::TimedOut;
    } else if (WIFEXITED(status)) {
      result_.end = ChildEnd::Exited;
      result_.code = WEXITSTATUS(status);
    } else {
      result_.end = ChildEnd::Killed;
      result_.code = WTERMSIG(status);
    }
    return std::move(result_);
  }

 private:
  // Whether it has ended by then, and before the stop.
  bool wait_until(Clock::time_point deadline, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      if (stop.stop_possible()) left = std::min(left, kStopLook);
      std::array<pollfd, 3> polled{
          {{ended_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}, {input_.get(), POLLOUT, 0}}};
      const int wait = left.count() < 0 ? 0 : static_cast<int>(left.count()) + 1;
      const int ready = ::poll(polled.data(), polled.size(), wait);
      if (ready < 0 && errno != EINTR) return false;
      if (polled[2].revents != 0) write_some();
      if (polled[1].revents != 0) read_some();
      if (polled[0].revents != 0) return true;
      if (Clock::now() >= deadline) return false;
    }
    return false;
  }

  void write_some() {
    const ssize_t written =
        ::write(input_.get(), wish_.input.data() + written_, wish_.input.size() - written_);
    if (written < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (written > 0) written_ += static_cast<std::size_t>(written);
    // It need not read what it is given.
    if (written < 0 || written_ == wish_.input.size()) input_.close();
  }

  void read_some() {
    std::array<char, 4096> bytes;
    for (;;) {
      const ssize_t got = output_.get() < 0 ? 0 : ::read(output_.get(), bytes.data(), bytes.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return output_.close();
      const std::size_t room = wish_.output_bytes_max - result_.output.size();
      const std::size_t taken = std::min(room, static_cast<std::size_t>(got));
      result_.output.append(bytes.data(), taken);
      result_.is_cut = result_.is_cut || taken < static_cast<std::size_t>(got);
      // One that talks for ever must not keep us from the deadline, or the stop.
      if (Clock::now() >= deadline_ || wish_.stop.stop_requested()) return;
    }
  }

  void end_it() {
    ::kill(-pid_, SIGTERM);
    wait_until(Clock::now() + kGrace, {});
    ::kill(-pid_, SIGKILL);
  }

  const ChildWish& wish_;
  const Clock::time_point deadline_;
  Descriptor input_;
  Descriptor output_;
  const Descriptor ended_;
  const pid_t pid_;
  std::size_t written_ = 0;
  ChildResult result_;
};

}  // namespace

ChildResult run_child(const ChildWish& wish) {
  ChildResult failed;
  Descriptor its_input;
  Descriptor our_output;
  Descriptor our_input;
  Descriptor its_output;
  if (wish.stop.stop_requested()) {
    failed.end = ChildEnd::Stopped;
    return failed;
  }
  if (wish.command.empty()) {
    failed.code = ENOENT;
    return failed;
  }
  if (!make_pipe(its_input, our_output) || !make_pipe(our_input, its_output)) {
    failed.code = errno;
    return failed;
  }
  pid_t pid = -1;
  failed.code = spawn(wish, its_input.get(), its_output.get(), pid);
  if (failed.code != 0) return failed;
  its_input.close();
  its_output.close();
  return Talk(wish, std::move(our_output), std::move(our_input), pid).run();
}

}  // namespace fastrsi::transport
