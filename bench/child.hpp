// A process beside the benchmark, on the other core.
#pragma once

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>

#include "bench/figure.hpp"

namespace fastrsi::bench {

inline constexpr int kEngineCore = 0;
inline constexpr int kOtherCore = 1;

// The calling thread, and those that it starts from now on.
inline void stay_on(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

// A process that is told by a pipe, a byte at a time, and answers by another.
class Child {
 public:
  // `work` gets a pipe to hear from, and one to tell by.
  explicit Child(const std::function<void(int hear, int tell)>& work) {
    std::array<int, 2> down{};
    std::array<int, 2> up{};
    require(pipe(down.data()) == 0 && pipe(up.data()) == 0, "no pipe");
    process_ = fork();
    if (process_ == 0) {
      close(down[1]);
      close(up[0]);
      stay_on(kOtherCore);
      work(down[0], up[1]);
      _exit(0);
    }
    close(down[0]);
    close(up[1]);
    tell_ = down[1];
    hear_ = up[0];
  }
  ~Child() {
    kill(process_, SIGCONT);
    close(tell_);
    waitpid(process_, nullptr, 0);
    close(hear_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void tell(char word) const { require(write(tell_, &word, 1) == 1, "a child is gone"); }
  template <typename T>
  T hear() const {
    T answer{};
    require(read(hear_, &answer, sizeof answer) == sizeof answer, "a child does not answer");
    return answer;
  }
  void signal(int number) const { kill(process_, number); }

 private:
  pid_t process_ = -1;
  int tell_ = -1;
  int hear_ = -1;
};

}  // namespace fastrsi::bench
