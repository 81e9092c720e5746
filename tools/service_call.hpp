// What the commands that talk to a service share: the way to it, a question and its answer, and
// its texts made safe for a terminal.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tools/client/fastrsi_client.hpp"
#include "tools/json.hpp"
#include "tools/service_commands.hpp"

namespace fastrsi {

// Runs `body` with the way to the service. Errors become one line and an exit code: 1 when no
// service answers or it says no, 2 when the words make no sense.
int with_service(const ServiceWords& words,
                 const std::function<int(fastrsi_client::Options)>& body);

// Asks one question and hands the reply to `print`, which returns the exit code. A reply that says
// no is printed here.
int ask_service(const ServiceWords& words, const Json& question,
                const std::function<int(const Json&)>& print);

// Members of a reply, or what stands for one that is not there or of another type.
const Json& member(const Json& object, const char* name);
std::string text_member(const Json& object, const char* name);
std::uint64_t count_member(const Json& object, const char* name);
double number_member(const Json& object, const char* name);
bool flag_member(const Json& object, const char* name);

// One line of JSON with its end.
std::string json_line(const Json& json);

// A text of several lines that was made for people. What would act on a terminal is escaped;
// backslashes stand for escapes already.
std::string printable_page(std::string_view text);

// Unix nanoseconds by our wall clock.
std::int64_t wall_clock_ns();
// "3 s", "12 min", "5 h", "4 d"
std::string span_words(std::int64_t ns);

}  // namespace fastrsi
